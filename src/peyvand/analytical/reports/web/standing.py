"""Cards that are no question to the catalogue: segments of buyers, the whale curve, cohorts. They read the newest model cards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import Count, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from peyvand.platform.access.rules import reaches_all
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Choice
from peyvand.platform.insights.models import InsightRow, InsightRun
from peyvand.platform.objects.spec import object_named
from peyvand.web.components.tags import money_short
from peyvand.web.objects.lists.state import NO_VIEW, dump
from peyvand.web.shell.navigation import here


@dataclass(frozen=True)
class Standing:
    key: str
    label: str | Promise
    size: int
    opens: Callable[[Context], bool]
    draw: Callable[[Context], Mapping[str, Any]]


@dataclass(frozen=True)
class Segment:
    """A segment of buyers: how many they are, the share of what all bought, and where they stand in the grid."""

    key: str
    label: Any
    tone: str
    count: int
    share: float
    amount: str
    lists: tuple[tuple[Any, int, str], ...]


def may_see_segments(ctx: Context) -> bool:
    """Whether the actor sees all customers and what they bought."""
    return all(
        reaches_all(ctx.actor, f"{key}.view")
        and not ctx.actor.grants.hides(key) & {"rfm_segment", "bought_amount"}
        for key in ("person", "company")
    )


def segments(ctx: Context) -> Mapping[str, Any]:
    """Every segment with its people and companies; each opens its list."""
    field = object_named("person").declared.all_fields["rfm_segment"]
    assert isinstance(field, Choice)
    rows = InsightRow.objects.filter(analysis="rfm").values("object", "text1")
    counted = list(rows.annotate(count=Count("id"), amount=Sum("number2")))
    everything = sum(row["amount"] or 0 for row in counted) or 1
    found = []
    for option in field.options:
        own = [row for row in counted if row["text1"] == option.key]
        amount = sum(row["amount"] or 0 for row in own)
        found.append(
            Segment(
                option.key, option.label, option.tone, sum(row["count"] for row in own), amount / everything,
                money_short(amount), tuple(_list(ctx, row["object"], option.key, row["count"]) for row in own),
            )
        )  # fmt: skip
    run = InsightRun.objects.filter(analysis="rfm").first()
    return {
        "template": "reports/_segments.html", "segments": found, "buyers": sum(s.count for s in found),
        "as_of": run.as_of if run else None,
    }  # fmt: skip


def _list(ctx: Context, object_key: str, segment: str, count: int) -> tuple[Any, int, str]:
    spec = object_named(object_key)
    asked = {
        "view": NO_VIEW,
        "filter": dump({"field": "rfm_segment", "op": "is", "value": segment}),
        "sort": "-bought_amount",
        "columns": "name,rfm_segment,order_count,bought_amount,last_order",
    }
    return spec.label_plural, count, f"{here(ctx, f'{spec.plural}/')}?{urlencode(asked)}"


STANDING: Final = (Standing("segments", _("Segments of buyers"), 2, may_see_segments, segments),)
