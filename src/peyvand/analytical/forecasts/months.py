"""Months of the workspace's calendar: which of them are whole, and which one is running.

The day of an answer is over in all of them: what it brought counts, and what is still to come begins on the day after it.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from peyvand.analytical.analyses.contract import Inputs
from peyvand.kernel.conditions import EvalContext
from peyvand.kernel.persian.calendar import Calendar, calendar_of, period, shift

# Whose first day lies so far into a month did not have the whole month before them.
_BEGUN_BY: Final = 7


def context_of(given: Inputs) -> EvalContext:
    """With whose calendar and on which day measures are asked."""
    return EvalContext(given.as_of, given.tenant.tz, calendar_of(given.tenant.language))


def dimension_of(calendar: Calendar) -> str:
    return "jalali_month" if calendar == "jalali" else "month"


def running(as_of: date, calendar: Calendar) -> date:
    """The first day of the month that a day lies in, which is not over on any of its days."""
    return period("month", as_of, calendar)[0]


def left_of(as_of: date, calendar: Calendar) -> float:
    """Which part of the running month is still to come, 0 to 1: nothing on its last day."""
    start, after = period("month", as_of, calendar)
    return 1 - ((as_of - start).days + 1) / (after - start).days


def first_whole(first: date, calendar: Calendar) -> date:
    """The first month that is known from its beginning: that of the first fact, or the one after it where it came later in it."""
    start, after = period("month", first, calendar)
    return start if (first - start).days < _BEGUN_BY else after


def ahead(since: date, count: int, calendar: Calendar) -> list[date]:
    """The first days of so many months from this one on."""
    return [shift(since, n, "month", calendar) for n in range(count)]


def months_of(days: int) -> int:
    """How many months a horizon of days is, at least one and at most two years."""
    return min(24, max(1, round(days / 30.4)))
