"""The customers of whom an analysis says something, and whether there is anything of a kind, for the cards of boards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext

from peyvand.analytical.analyses.rights import closed
from peyvand.analytical.analyses.web.listed import CUSTOMERS, Listed
from peyvand.kernel import numbers
from peyvand.platform.actions.context import Context
from peyvand.platform.insights.models import InsightRow
from peyvand.platform.objects.spec import find_object
from peyvand.platform.workspaces.scope import found_once


@dataclass(frozen=True)
class Level:
    """Customers of one level of what an analysis says: of profit, of risk."""

    label: Any
    tone: str
    share: float
    lists: tuple[Listed, ...]


def sees(ctx: Context, *insights: str) -> bool:
    """Whether the actor sees all customers and these insights of them."""
    return closed(ctx.actor, CUSTOMERS, [f"{key}.{name}" for key in CUSTOMERS for name in insights]) is None


def rows_of(analysis: str) -> QuerySet[InsightRow]:
    return InsightRow.objects.filter(analysis=analysis, object__in=CUSTOMERS)


def any_of(objects: tuple[str, ...]) -> bool:
    """Whether the workspace has a record of one of these at all; asked once, however many cards of a page want to know."""

    def find() -> bool:
        specs = (find_object(key) for key in objects)
        return any(spec.rows.filter(deleted_at__isnull=True).exists() for spec in specs if spec is not None)

    return found_once(f"any of {objects}", find)


def shade(ctx: Context, count: int, of: int) -> tuple[str, int, str]:
    """A field of a grid of shares: its percentage, how dark it is drawn out of ten, and of how many it is. Nothing of nobody."""
    if not of:
        return "", 0, ""
    came, all, shown = (
        numbers.format_number(n, ctx.reader.language) for n in (count, of, round(100 * count / of))
    )
    told = gettext("%(n)s of %(all)s") % {"n": came, "all": all}
    return shown, max(round(10 * count / of), 1 if count else 0), told
