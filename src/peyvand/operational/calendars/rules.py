"""Rules of what comes again, as iCalendar says them, where it can; pure arithmetic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any, Final
from zoneinfo import ZoneInfo

from peyvand.kernel.errors import Invalid
from peyvand.kernel.recurrence import LAST, Rule, days
from peyvand.operational.calendars.patterns import WEEKDAYS, all_of, first_of, pattern_of

_UNITS: Final = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}
_KNOWN: Final = frozenset(
    {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST"}
)
# Every month has so many days: what is asked beyond is where the two ways to count differ.
_SURE: Final = 28
_TO_THE_END: Final = [list(range(_SURE, day + 1)) for day in range(_SURE, 32)]
# A rule that only iCalendar can say is taken as single days: so far ahead, and no more of them.
_EARLIEST: Final = 1970
AHEAD, MOST = timedelta(days=400), 60


def said(rule: Rule, first: date, on: date, tz: ZoneInfo) -> dict[str, Any] | None:
    """A rule that counts from ``first``, as it goes on from one of its days; None where iCalendar has no words for it: the
    months and years of the Jalali calendar."""
    by_month = rule.unit in ("month", "year")
    if by_month and rule.calendar != "gregorian":
        return None
    words: dict[str, Any] = {"FREQ": next(name for name, unit in _UNITS.items() if unit == rule.unit)}
    if rule.every > 1:
        words["INTERVAL"] = rule.every
    if rule.unit == "week":
        words["BYDAY"] = [WEEKDAYS[day] for day in sorted(rule.weekdays or (first.weekday(),))]
        words["WKST"] = "SA" if rule.calendar == "jalali" else "MO"
    if rule.unit == "year":
        words["BYMONTH"] = first.month
    if by_month and rule.nth is not None:
        words["BYDAY"] = [f"{rule.nth}{WEEKDAYS[rule.weekdays[0]]}"]
    elif by_month:
        day = first.day if rule.day is None else rule.day
        if day <= _SURE or not rule.clamp:
            words["BYMONTHDAY"] = day
        else:
            words["BYMONTHDAY"], words["BYSETPOS"] = list(range(_SURE, day + 1)), -1
    if rule.until is not None:
        words["UNTIL"] = datetime.combine(rule.until, time(23, 59, 59), tz).astimezone(UTC)
    if rule.count is not None:
        words["COUNT"] = rule.count - sum(1 for day in days(rule, first) if day < on)
    return words


def understood(words: Mapping[str, Any], first: date, tz: ZoneInfo) -> Rule | None:
    """The rule that iCalendar says of something that begins on ``first``; None where ours has no words for it."""
    if not set(words) <= _KNOWN or (frequency := first_of(words, "FREQ")) not in _UNITS:
        return None
    unit = _UNITS[frequency]
    try:
        rule = Rule(
            unit,  # type: ignore[arg-type]  # one of four
            int(first_of(words, "INTERVAL", 1)),
            until=_day(first_of(words, "UNTIL"), tz),
            count=int(count) if (count := first_of(words, "COUNT")) is not None else None,
        )
        return _with_days(rule, words, first)
    except (Invalid, ValueError, TypeError):
        return None


def _with_days(rule: Rule, words: Mapping[str, Any], first: date) -> Rule | None:
    weekdays = [str(day) for day in all_of(words, "BYDAY")]
    month_days = [int(day) for day in all_of(words, "BYMONTHDAY")]
    places, months = all_of(words, "BYSETPOS"), [int(month) for month in all_of(words, "BYMONTH")]
    place = int(places[0]) if len(places) == 1 else None
    if len(places) > 1 or (months and (rule.unit != "year" or months != [first.month])):
        return None
    if rule.unit == "day":
        return rule if not (weekdays or month_days or places) else None
    if rule.unit == "week":
        if month_days or places or not set(weekdays) <= set(WEEKDAYS):
            return None
        chosen = tuple(sorted({WEEKDAYS.index(day) for day in weekdays})) or (first.weekday(),)
        begins = str(first_of(words, "WKST") or "MO")
        if begins not in ("MO", "SA") and rule.every > 1 and len(chosen) > 1:
            return None
        return replace(rule, weekdays=chosen, calendar="jalali" if begins == "SA" else "gregorian")
    if weekdays:
        if len(weekdays) != 1 or month_days or (rule.unit == "year" and not months):
            return None
        number, name = weekdays[0][:-2], weekdays[0][-2:]
        nth = int(number) if number else place
        return (
            replace(rule, nth=nth, weekdays=(WEEKDAYS.index(name),))
            if nth is not None and not (number and place)
            else None
        )
    if place == -1 and month_days in _TO_THE_END:
        return replace(rule, day=month_days[-1])
    if place is not None or len(month_days) > 1:
        return None
    day = month_days[0] if month_days else first.day
    return replace(rule, day=day, clamp=0 < day <= _SURE or day == LAST)


def alike(one: Rule | None, other: Rule | None, first: date) -> bool:
    """Whether two rules mean the same from a day on."""
    if one is None or other is None:
        return one is other
    return one == other or list(islice(days(one, first), 400)) == list(islice(days(other, first), 400))


def singly(words: Mapping[str, Any], start: datetime) -> list[datetime]:
    """The coming moments of a rule that ours cannot say, ``start`` not among them: a few, on the same clock as ``start``.

    Raises:
        ValueError: the rule makes no sense.
    """
    return between(words, start, start, start + AHEAD)[:MOST]


def between(words: Mapping[str, Any], start: datetime, low: datetime, high: datetime) -> list[datetime]:
    """The moments of any rule behind its ``start``, from ``low`` until ``high``, on the same clock as ``start``.

    Raises:
        ValueError: the rule makes no sense, or comes oftener than once a day.
    """
    if first_of(words, "FREQ") not in _UNITS:
        raise ValueError("it comes oftener than once a day")
    if {"BYHOUR", "BYMINUTE", "BYSECOND"} & set(words):
        raise ValueError("it comes at several times of a day")
    if start.year < _EARLIEST:
        raise ValueError("it comes since times that nobody counts through")
    tz, local = start.tzinfo, start.replace(tzinfo=None)
    floor, until = _local(low, tz), _local(high, tz)
    if (ends := first_of(words, "UNTIL")) is not None:
        until = min(until, _local(ends, tz))
    count = int(first_of(words, "COUNT") or 0)
    if count < 0:
        raise ValueError("it comes less than never")
    pattern = pattern_of(words, local.date())
    # What is counted is counted from the first.
    found = pattern.days(local.date() if count else max(local.date(), floor.date()), until.date())
    moments = (datetime.combine(day, local.time()) for day in (islice(found, count) if count else found))
    return [moment.replace(tzinfo=tz) for moment in moments if moment != local and floor <= moment <= until]


def _local(moment: date, tz: Any) -> datetime:
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time(23, 59, 59))
    return moment.astimezone(tz).replace(tzinfo=None) if moment.tzinfo else moment


def _day(moment: Any, tz: ZoneInfo) -> date | None:
    return _local(moment, tz).date() if moment is not None else None
