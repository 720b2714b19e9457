"""Relative ranges of dates ("this month", "the last 12 months") in the reader's calendar."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, Literal, TypeVar, cast

from peyvand.kernel.errors import Invalid, msg, msgid
from peyvand.kernel.persian.calendar import UNITS, Calendar, Unit, period, shift

Moment = TypeVar("Moment", bound=date)

LABELS: Final[dict[str, str]] = {
    "today": msgid("Today"),
    "yesterday": msgid("Yesterday"),
    "tomorrow": msgid("Tomorrow"),
    "this_week": msgid("This week"),
    "last_week": msgid("Last week"),
    "next_week": msgid("Next week"),
    "this_month": msgid("This month"),
    "last_month": msgid("Last month"),
    "next_month": msgid("Next month"),
    "this_quarter": msgid("This quarter"),
    "last_quarter": msgid("Last quarter"),
    "next_quarter": msgid("Next quarter"),
    "this_year": msgid("This year"),
    "last_year": msgid("Last year"),
    "next_year": msgid("Next year"),
}
"""The named ranges in the order of a menu, with their labels (msgids)."""

UNIT_LABELS: Final[dict[Unit, str]] = {
    "day": msgid("day"),
    "week": msgid("week"),
    "month": msgid("month"),
    "quarter": msgid("quarter"),
    "year": msgid("year"),
}

_DAYS: Final = {"yesterday": -1, "today": 0, "tomorrow": 1}
_STEPS: Final = {"last": -1, "this": 0, "next": 1}
MOST_UNITS: Final = {"day": 36500, "week": 5200, "month": 1200, "quarter": 400, "year": 100}
"""How far a rolling range or an age may reach: a century."""


@dataclass(frozen=True, slots=True)
class Rolling:
    """The `n` units that end today ("last") or begin today ("next"); today is always inside."""

    direction: Literal["last", "next"]
    n: int
    unit: Unit


Range = str | Rolling


def parse_count(n: Any, unit: Any) -> tuple[int, Unit]:
    """A count of units as JSON gives it, checked: a whole number from 1 to a century of a known unit."""
    if unit not in UNITS:
        known = ", ".join(UNITS)
        raise Invalid.of(msg("“%(unit)s” is not a unit; use one of %(known)s.", unit=unit, known=known))
    if not isinstance(n, int) or isinstance(n, bool) or not 1 <= n <= MOST_UNITS[unit]:
        raise Invalid.of(msg("Write a whole number from 1 to %(most)s.", most=MOST_UNITS[unit]))
    return n, cast(Unit, unit)


def parse_range(spec: Any) -> Range:
    """A range as JSON gives it: a name of LABELS, or {"last": 12, "unit": "month"} / {"next": …}.

    Invalid with the reason otherwise.
    """
    if isinstance(spec, Rolling):
        return spec
    if isinstance(spec, str) and spec in LABELS:
        return spec
    if isinstance(spec, Mapping):
        directions: tuple[Literal["last", "next"], ...] = ("last", "next")
        for direction in directions:
            if set(spec) == {direction, "unit"}:
                return Rolling(direction, *parse_count(spec[direction], spec["unit"]))
    raise Invalid.of(msg("This is not a known range of dates."))


def range_json(spec: Range) -> str | dict[str, Any]:
    """The JSON form that `parse_range` reads."""
    return {spec.direction: spec.n, "unit": spec.unit} if isinstance(spec, Rolling) else spec


def resolve(spec: Range | Mapping[str, Any], today: date, calendar: Calendar) -> tuple[date, date]:
    """First day of the range and first day after it, seen from `today`; Invalid for an unknown range."""
    known = parse_range(spec)
    tomorrow = today + timedelta(days=1)
    if isinstance(known, Rolling):
        if known.direction == "last":
            return shift(tomorrow, -known.n, known.unit, calendar), tomorrow
        return today, shift(today, known.n, known.unit, calendar)
    if known in _DAYS:
        return period("day", today + timedelta(days=_DAYS[known]), calendar)
    step, unit = known.split("_")
    start, _ = period(cast(Unit, unit), today, calendar)
    return period(cast(Unit, unit), shift(start, _STEPS[step], cast(Unit, unit), calendar), calendar)


def within_reach(moment: Moment) -> Moment:
    """The day itself; an instant in UTC, for a database knows fewer time zones than programs may send.

    Raises:
        Invalid: it lies so near the ends of what dates can hold that a step from it, or another time zone, could leave them.
    """
    if not 1000 <= moment.year <= 9000:
        raise Invalid.of(msg("The year %(year)s is out of range.", year=moment.year))
    return cast(Moment, moment.astimezone(UTC)) if isinstance(moment, datetime) else moment
