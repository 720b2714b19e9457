"""The customers of whom an analysis says something: counted, and the list that shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from peyvand.kernel import numbers
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.spec import object_named
from peyvand.web.objects.lists.links import list_url

CUSTOMERS: Final = ("person", "company")


@dataclass(frozen=True)
class Listed:
    """So many records of one object, in words («۲۱ شرکت»), and their list."""

    count: int
    said: str
    url: str


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
        said = f"{numbers.format_number(count, ctx.reader.language)} {str(name).lower()}"
        found.append(
            Listed(count, said, list_url(ctx, spec, condition, sort=sort, columns=("name", *columns)))
        )
    return tuple(found)
