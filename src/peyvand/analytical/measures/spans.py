"""Stretches of days, those before them, and which period of the one stands beside which of the other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from peyvand.kernel.errors import RuleViolation, msg
from peyvand.kernel.persian.calendar import Calendar, Unit, period, shift

Compared = Literal["", "before", "year"]
BEFORE: Final = "__before"
"""What the name of a measure's column ends in where it holds the earlier span's value."""
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Span:
    """The days from ``since`` on, and before ``until``; None: open at that end."""

    since: date | None = None
    until: date | None = None

    def known(self, today: date) -> Span:
        """Without what lies in the future."""
        after = today + _DAY
        return Span(self.since, after if self.until is None else min(self.until, after))

    def earlier(self, compare: Compared, calendar: Calendar) -> Span:
        """What it is compared with: as many whole months (or days) just before it, or the same days of the year before.

        Raises:
            RuleViolation: the span has no beginning or no end.
        """
        since, until = self._ends()
        if compare == "year":
            return Span(shift(since, -1, "year", calendar), shift(until, -1, "year", calendar))
        months = _months(since, until, calendar)
        if months:
            return Span(shift(since, -months, "month", calendar), since)
        return Span(since - (until - since), since)

    def periods(self, unit: Unit, calendar: Calendar) -> list[date]:
        """The first day of each period that it touches, in order."""
        since, until = self._ends()
        starts = []
        start, after = period(unit, since, calendar)
        while start < until:
            starts.append(start)
            start, after = after, period(unit, after, calendar)[1]
        return starts

    def beside(
        self, compare: Compared, unit: Unit, calendar: Calendar, counted: Calendar
    ) -> list[tuple[date, date]]:
        """Pairs of an earlier period's first day and that of the one which it is shown beside.

        ``calendar`` is the periods' own; ``counted`` that by which the earlier span is found.
        """
        now, was = self.periods(unit, calendar), self.earlier(compare, counted).periods(unit, calendar)
        if compare == "before":
            return list(zip(was, now, strict=False))
        back: dict[date, date] = {}
        for start in now:
            moved = start - timedelta(weeks=52) if unit == "week" else shift(start, -1, "year", calendar)
            back.setdefault(period(unit, moved, calendar)[0], start)
        return list(back.items())

    def _ends(self) -> tuple[date, date]:
        if self.since is None or self.until is None:
            raise RuleViolation(msg("To compare, choose from when until when."), "span")
        return self.since, max(self.since, self.until)


ALWAYS: Final = Span()
"""All days that are known."""


def _months(since: date, until: date, calendar: Calendar) -> int:
    """How many whole months a span is; 0 where it is not made of whole ones."""
    if period("month", since, calendar)[0] != since or period("month", until, calendar)[0] != until:
        return 0
    count = 0
    while since < until:
        since, count = period("month", since, calendar)[1], count + 1
    return count
