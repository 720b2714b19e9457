"""A query as PostgreSQL asks it of the index of terms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from peyvand.platform.search import marks
from peyvand.platform.search.spelling import endings
from peyvand.platform.workspaces.scope import current_workspace_id


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
    return marks.both(*parts, *beside)


def months(first: date, last: date) -> list[str]:
    """The marks of the months from one day to another."""
    return months_back(last, 0, (last.year - first.year) * 12 + last.month - first.month + 1)


def months_back(last: date, done: int, count: int) -> list[str]:
    """The marks of so many months, the newest first, after the ``done`` newest; ``last`` is a day of the newest of all."""
    return [marks.of_month(first_of_months(last, n + 1)) for n in range(done, done + count)]


def first_of_months(last: date, count: int) -> date:
    """The first day of so many months, of which the day is in the last."""
    month = last.year * 12 + last.month - count
    return date(month // 12, month % 12 + 1, 1)


def _group(ways: Sequence[Sequence[str]], *, opens: bool) -> str:
    written = []
    for way in ways:
        terms = [_opened(t) if opens and t is way[-1] else marks.quoted(t) for t in way]
        written.append(f"({marks.both(*terms)})")
    return f"({' | '.join(written)})"


def _opened(term: str) -> str:
    """A term that may go on. Of words, those that are known to begin so; of anything else, whatever does."""
    if term.isalpha():
        known = endings(current_workspace_id(), term)
        return marks.any_of([term, *known]) if known else marks.quoted(term)
    # One letter begins too much.
    return marks.quoted(term) + (":*" if len(term) > 1 else "")
