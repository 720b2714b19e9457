"""The customers of whom an analysis says something: counted, and the list that shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import QuerySet

from peyvand.analytical.analyses.public import newest
from peyvand.analytical.analyses.rights import closed
from peyvand.kernel import numbers
from peyvand.platform.actions.context import Context
from peyvand.platform.insights.models import InsightRow
from peyvand.platform.objects.spec import object_named
from peyvand.web.objects.lists.state import NO_VIEW, dump
from peyvand.web.shell.navigation import here

__all__ = ["CUSTOMERS", "Listed", "listed", "newest", "rows_of", "sees"]

CUSTOMERS: Final = ("person", "company")


@dataclass(frozen=True)
class Listed:
    """So many records of one object, in words («۲۱ شرکت»), and their list."""

    count: int
    said: str
    url: str


def sees(ctx: Context, *insights: str) -> bool:
    """Whether the actor sees all customers and these insights of them."""
    return closed(ctx.actor, CUSTOMERS, [f"{key}.{name}" for key in CUSTOMERS for name in insights]) is None


def rows_of(analysis: str) -> QuerySet[InsightRow]:
    return InsightRow.objects.filter(analysis=analysis, object__in=CUSTOMERS)


def listed(
    ctx: Context, counts: Mapping[str, int], condition: Mapping[str, Any], columns: tuple[str, ...], sort: str
) -> tuple[Listed, ...]:
    """The lists of those who meet a condition; ``counts`` by object."""
    found = []
    for key in CUSTOMERS:
        if not (count := counts.get(key, 0)):
            continue
        spec = object_named(key)
        name = spec.label if ctx.reader.is_persian or count == 1 else spec.label_plural
        asked = {
            "view": NO_VIEW, "filter": dump(dict(condition)), "sort": sort, "columns": ",".join(("name", *columns)),
        }  # fmt: skip
        said = f"{numbers.format_number(count, ctx.reader.language)} {str(name).lower()}"
        found.append(Listed(count, said, f"{here(ctx, f'{spec.plural}/')}?{urlencode(asked)}"))
    return tuple(found)
