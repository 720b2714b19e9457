"""Reports that people pinned, as cards of the first board."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from peyvand.analytical.reports.models import Report
from peyvand.analytical.reports.objects import REPORT
from peyvand.analytical.reports.question import of_json
from peyvand.analytical.reports.web.cards import Card
from peyvand.platform.access.decisions import visible
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import whole_id
from peyvand.web.shell.navigation import here

MOST: Final = 12
_PREFIX: Final = "report-"


def cards(ctx: Context, mine: Collection[int] = ()) -> list[Card]:
    """The newest reports that are pinned for everybody, and those of ``mine``, as far as the actor sees them."""
    rows = visible(ctx.actor, REPORT.key, Report.objects.filter(deleted_at__isnull=True)).order_by("-id")
    own = rows.filter(id__in=mine)[:MOST] if mine else ()
    found = {row.pk: row for row in (*own, *rows.filter(is_pinned=True)[:MOST])}
    return [_card(row) for row in found.values()]


def card(ctx: Context, key: str) -> Card | None:
    """The card of a report that the actor sees, pinned or not."""
    id = _id(key)
    rows = Report.objects.filter(id=id, deleted_at__isnull=True)
    found = visible(ctx.actor, REPORT.key, rows).first() if id else None
    return _card(found) if found else None


def address(ctx: Context, key: str) -> str:
    """Where the report of a card is opened; "" for other cards."""
    id = _id(key)
    return f"{here(ctx, 'reports/build')}?report={id}" if id else ""


def _id(key: str) -> int:
    return whole_id(key.removeprefix(_PREFIX)) if key.startswith(_PREFIX) else 0


def _card(report: Report) -> Card:
    return Card(f"{_PREFIX}{report.id}", report.name, question=of_json(report.question))
