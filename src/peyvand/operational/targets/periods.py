"""Spans of days that reports and targets are about, in either calendar, and their parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Final

from peyvand.kernel import ranges
from peyvand.kernel.errors import Invalid
from peyvand.kernel.persian.calendar import (
    Calendar,
    Unit,
    format_date,
    is_persian,
    month_names,
    parts,
    period,
    quarter,
    quarter_name,
)
from peyvand.kernel.persian.text import to_persian_digits

CALENDARS: Final[tuple[Calendar, ...]] = ("jalali", "gregorian")
NAMED: Final = ("this_month", "last_month", "this_quarter", "last_quarter", "this_year", "last_year")
EVER: Final = "ever"
OWN: Final = "own"
# A chart or a table of more parts than this tells nothing.
MOST_PARTS: Final = 600


@dataclass(frozen=True, slots=True)
class Span:
    """Days from ``start`` to before ``end``; None where that side is open. ``key`` is what it is called in an address."""

    key: str
    calendar: Calendar
    start: date | None = None
    end: date | None = None

    @property
    def last(self) -> date | None:
        """Its last day."""
        return self.end - timedelta(days=1) if self.end is not None else None

    def condition(self, field: str) -> list[dict[str, Any]]:
        """What a list's filter asks of a date or an instant within it: nothing where both sides are open."""
        if self.start is not None and self.last is not None:
            return [
                {"field": field, "op": "between", "value": [self.start.isoformat(), self.last.isoformat()]}
            ]
        if self.start is not None:
            return [{"field": field, "op": "on_or_after", "value": self.start.isoformat()}]
        if self.end is not None:
            return [{"field": field, "op": "before", "value": self.end.isoformat()}]
        return []


def span_of(given: Mapping[str, str], today: date, calendar: Calendar) -> Span:
    """The span that an address names: ``span`` one of NAMED, "ever", or "own" with ``from`` and ``to``; this year's otherwise.

    ``calendar`` holds unless the address names another.
    """
    asked = given.get("calendar", "")
    used: Calendar = next((known for known in CALENDARS if known == asked), calendar)
    key = given.get("span", "")
    if key == EVER:
        return Span(EVER, used)
    if key == OWN:
        start, last = _day(given.get("from", "")), _day(given.get("to", ""))
        if start is not None and last is not None and last < start:
            start, last = last, start
        return Span(OWN, used, start, last + timedelta(days=1) if last is not None else None)
    key = key if key in NAMED else "this_year"
    return Span(key, used, *ranges.resolve(key, today, used))


def _day(text: str) -> date | None:
    try:
        return ranges.within_reach(date.fromisoformat(text[:10]))
    except (ValueError, Invalid):
        return None


def bounds(unit: Unit, start: date, end: date, calendar: Calendar) -> list[date]:
    """The first days of the units that touch [start, end), and the first day after the last of them."""
    found = [period(unit, start, calendar)[0]]
    while found[-1] < end and len(found) <= MOST_PARTS:
        found.append(period(unit, found[-1], calendar)[1])
    return found


def spans(unit: Unit, start: date, end: date, calendar: Calendar) -> list[Span]:
    """The units that touch [start, end), in order."""
    return [Span(unit, calendar, a, b) for a, b in pairwise(bounds(unit, start, end, calendar))]


def name_of(unit: Unit, day: date, calendar: Calendar, language: str) -> str:
    """What the month, quarter or year that holds a day is called: «پاییز ۱۴۰۵», «مهر ۱۴۰۵», "2026"."""
    year, month, _day = parts(day, calendar)
    if unit == "month":
        text = f"{month_names(language, calendar)[month - 1]} {year}"
    elif unit == "quarter":
        if (calendar == "jalali") == is_persian(language):
            return quarter_name(day, language)
        text = f"{year} · {quarter(day, calendar)}"
    elif unit == "year":
        text = str(year)
    else:
        return format_date(day, language, "long")
    return to_persian_digits(text) if is_persian(language) else text
