"""A query as PostgreSQL asks it of the index of terms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from peyvand.platform.search import marks


def tsquery(
    groups: Sequence[Sequence[Sequence[str]]], beside: Sequence[str] = (), *, beginnings: bool = False
) -> str:
    """What ``kernel.persian.terms.asked`` gave, as a tsquery; empty where nothing was asked.

    The last word may go on, for it may still be being typed; with ``beginnings`` each may. ``beside`` are further
    tsqueries that must hold.
    """
    if not groups:
        return ""
    last = len(groups) - 1
    parts = [_group(ways, opens=beginnings or n == last) for n, ways in enumerate(groups)]
    return " & ".join((*parts, *beside))


def any_of(found: Sequence[str]) -> str:
    """A tsquery for one of these marks."""
    return f"({' | '.join(map(marks.quoted, found))})"


def months(first: date, last: date) -> list[str]:
    """The marks of the months from one day to another."""
    count = (last.year - first.year) * 12 + last.month - first.month
    months = (first.year * 12 + first.month - 1 + n for n in range(count + 1))
    return [marks.of_month(date(m // 12, m % 12 + 1, 1)) for m in months]


def _group(ways: Sequence[Sequence[str]], *, opens: bool) -> str:
    written = []
    for way in ways:
        # One letter begins too much.
        terms = [marks.quoted(t) + (":*" if opens and len(t) > 1 and t is way[-1] else "") for t in way]
        written.append(f"({' & '.join(terms)})")
    return f"({' | '.join(written)})"
