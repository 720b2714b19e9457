"""The days that a rule of iCalendar names, whatever it asks for; pure arithmetic.

It goes from period to period and ends where it is told to. So a rule that never comes (the 30th of February) costs no more than
one that always does.
"""

from __future__ import annotations

from calendar import isleap, monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_KNOWN: Final = frozenset(
    {
        "FREQ",
        "INTERVAL",
        "COUNT",
        "UNTIL",
        "WKST",
        "BYDAY",
        "BYMONTH",
        "BYMONTHDAY",
        "BYYEARDAY",
        "BYWEEKNO",
        "BYSETPOS",
    }
)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Pattern:
    """A rule of iCalendar without its end. Numbers below zero count from the back; what is empty asks for nothing."""

    unit: str
    first: date
    every: int
    months: frozenset[int]
    month_days: frozenset[int]
    year_days: frozenset[int]
    weeks: frozenset[int]
    # Weekdays (Monday is 0), each with its number within the month or year, or 0 for all of them.
    weekdays: frozenset[tuple[int, int]]
    places: frozenset[int]
    week_begins: int

    def days(self, low: date, high: date) -> Iterator[date]:
        """Its days from ``low`` up to and with ``high``, in order."""
        for start, end in self._periods(low, high):
            chosen = [day for day in _each(start, end) if self._has(day)]
            if self.places:
                places = range(1, len(chosen) + 1)
                chosen = [
                    day
                    for day, n in zip(chosen, places, strict=True)
                    if {n, n - len(chosen) - 1} & self.places
                ]
            yield from (day for day in chosen if max(low, self.first) <= day <= high)

    def _periods(self, low: date, high: date) -> Iterator[tuple[date, date]]:
        """The periods, each until before its second day, that may have days between two others."""
        if self.unit in ("DAILY", "WEEKLY"):
            length = 1 if self.unit == "DAILY" else 7
            begin = self.first.toordinal()
            if length == 7:
                begin -= (self.first.weekday() - self.week_begins) % 7
            step = length * self.every
            at = begin + max(0, low.toordinal() - begin) // step * step
            while at <= high.toordinal():
                yield date.fromordinal(at), date.fromordinal(at + length)
                at += step
            return
        length = 1 if self.unit == "MONTHLY" else 12
        begin = self.first.year * 12 + (self.first.month - 1 if length == 1 else 0)
        step = length * self.every
        at = begin + max(0, low.year * 12 + low.month - 1 - begin) // step * step
        while at <= high.year * 12 + high.month - 1:
            yield _month(at), _month(at + length)
            at += step

    def _has(self, day: date) -> bool:
        if self.months and day.month not in self.months:
            return False
        if self.month_days and not _numbers(day.day, _month_length(day)) & self.month_days:
            return False
        if self.year_days and not _numbers(day.timetuple().tm_yday, _year_length(day)) & self.year_days:
            return False
        if self.weeks and not self._week_numbers(day) & self.weeks:
            return False
        return not self.weekdays or bool(self._weekday_numbers(day) & self.weekdays)

    def _weekday_numbers(self, day: date) -> set[tuple[int, int]]:
        """A day as any such weekday, and as the first, second … of its month or year."""
        weekday, found = day.weekday(), {0}
        if self.unit == "MONTHLY" or (self.unit == "YEARLY" and self.months):
            found |= _weekday_places(day.day, _month_length(day))
        elif self.unit == "YEARLY":
            found |= _weekday_places(day.timetuple().tm_yday, _year_length(day))
        return {(n, weekday) for n in found}

    def _week_numbers(self, day: date) -> set[int]:
        """The number of a day's week in the year that has most of it, from the front and from the back."""
        middle = day + timedelta(days=3 - (day.weekday() - self.week_begins) % 7)
        number = (middle.timetuple().tm_yday - 1) // 7 + 1
        # The week of the 28th of December is always its year's last.
        last = date(middle.year, 12, 28)
        last += timedelta(days=3 - (last.weekday() - self.week_begins) % 7)
        return {number, number - ((last.timetuple().tm_yday - 1) // 7 + 1) - 1}


def pattern_of(words: Mapping[str, Any], first: date) -> Pattern:
    """What the words of a rule ask for that counts from ``first``.

    Raises:
        ValueError: they make no sense.
    """
    if not set(words) <= _KNOWN:
        raise ValueError("it counts by what nobody knows here")
    unit, every = str(first_of(words, "FREQ")), int(first_of(words, "INTERVAL", 1))
    numbers = {key: frozenset(int(n) for n in all_of(words, key)) for key in
               ("BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS")}  # fmt: skip
    weekdays = frozenset(_weekday(str(day), unit) for day in all_of(words, "BYDAY"))
    if every < 1 or any(0 in of for of in numbers.values()):
        raise ValueError("it counts by nothing")
    months, month_days = numbers["BYMONTH"], numbers["BYMONTHDAY"]
    if not (month_days or weekdays or numbers["BYYEARDAY"] or numbers["BYWEEKNO"]):
        # What is not said is as on the first day.
        if unit == "WEEKLY":
            weekdays = frozenset({(0, first.weekday())})
        elif unit in ("MONTHLY", "YEARLY"):
            month_days = frozenset({first.day})
            months = months or (frozenset({first.month}) if unit == "YEARLY" else months)
    return Pattern(
        unit, first, every, months, month_days, numbers["BYYEARDAY"], numbers["BYWEEKNO"], weekdays, numbers["BYSETPOS"],
        WEEKDAYS.index(str(first_of(words, "WKST", "MO")).upper()),
    )  # fmt: skip


def all_of(words: Mapping[str, Any], key: str) -> list[Any]:
    """All that a rule says of a word."""
    value = words.get(key)
    if value is None:
        return []
    return list(value) if isinstance(value, Iterable) and not isinstance(value, str) else [value]


def first_of(words: Mapping[str, Any], key: str, usual: Any = None) -> Any:
    """The first that a rule says of a word."""
    values = all_of(words, key)
    return values[0] if values else usual


def _weekday(text: str, unit: str) -> tuple[int, int]:
    number, weekday = text[:-2], WEEKDAYS.index(text[-2:].upper())
    return (int(number) if number and unit in ("MONTHLY", "YEARLY") else 0), weekday


def _numbers(n: int, length: int) -> set[int]:
    return {n, n - length - 1}


def _weekday_places(n: int, length: int) -> set[int]:
    return {(n - 1) // 7 + 1, -((length - n) // 7 + 1)}


def _month_length(day: date) -> int:
    return monthrange(day.year, day.month)[1]


def _year_length(day: date) -> int:
    return 366 if isleap(day.year) else 365


def _month(number: int) -> date:
    return date(number // 12, number % 12 + 1, 1)


def _each(start: date, end: date) -> Iterator[date]:
    while start < end:
        yield start
        start += _DAY
