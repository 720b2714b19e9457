"""What comes again, as data: on which days of either calendar. Pure arithmetic of days; clocks and records are others'."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Literal, get_args

from peyvand.kernel.errors import Invalid, Problem, msg
from peyvand.kernel.persian.calendar import Calendar, month_bounds, parts, period, shift

Every = Literal["day", "week", "month", "year"]
EVERY: Final[tuple[Every, ...]] = get_args(Every)
# Of a month: its last day, or the last of its Saturdays.
LAST: Final = -1
MOST_EVERY, MOST_COUNT = 999, 999
# Nothing is looked for further away than that from the first day, in years.
FAR: Final = 120


@dataclass(frozen=True, slots=True)
class Rule:
    """Every n days, weeks, months or years, in the Gregorian or the Jalali calendar.

    What is not said follows the first day: a weekly rule without ``weekdays`` (Monday is 0) comes on its weekday, a monthly
    one without ``day`` on its day. ``nth`` with one weekday is "the second Tuesday" of a month. Where a month is too short
    for ``day``, its last day is taken, or with ``clamp`` off the month is left out.
    """

    unit: Every
    every: int = 1
    calendar: Calendar = "gregorian"
    weekdays: tuple[int, ...] = ()
    day: int | None = None
    nth: int | None = None
    clamp: bool = True
    until: date | None = None
    count: int | None = None

    def __post_init__(self) -> None:
        problems = []
        if self.unit not in EVERY or self.calendar not in get_args(Calendar):
            problems.append(Problem("unit", msg("Choose how often it comes again.")))
        if not 1 <= self.every <= MOST_EVERY:
            problems.append(
                Problem("every", msg("This must be between 1 and %(most)s.", most=MOST_EVERY), "range")
            )
        if any(not 0 <= day <= 6 for day in self.weekdays):
            problems.append(Problem("weekdays", msg("There are seven weekdays.")))
        if self.day is not None and self.day != LAST and not 1 <= self.day <= 31:
            problems.append(Problem("day", msg("A day of a month is 1 to 31."), "range"))
        if self.nth is not None and (self.nth not in (1, 2, 3, 4, LAST) or len(self.weekdays) != 1):
            problems.append(Problem("weekdays", msg("Choose the one weekday that is meant.")))
        if self.count is not None and not 1 <= self.count <= MOST_COUNT:
            problems.append(
                Problem("count", msg("This must be between 1 and %(most)s.", most=MOST_COUNT), "range")
            )
        if self.count is not None and self.until is not None:
            problems.append(Problem("count", msg("Say either until when or how many times.")))
        if problems:
            raise Invalid(problems)

    def to_json(self) -> dict[str, Any]:
        """The rule as it is kept; ``read`` understands it."""
        kept = {name: getattr(self, name) for name in self.__slots__}
        kept |= {"weekdays": list(self.weekdays), "until": self.until.isoformat() if self.until else None}
        return {name: value for name, value in kept.items() if value not in (None, [])}


def read(kept: Mapping[str, Any]) -> Rule:
    """The rule that was kept."""
    until = kept.get("until")
    return Rule(
        **{
            **kept,
            "weekdays": tuple(kept.get("weekdays", ())),
            "until": date.fromisoformat(until) if until else None,
        }
    )


def days(rule: Rule, first: date) -> Iterator[date]:
    """The days of a rule from ``first`` on, in order and none twice; a rule without end ends after FAR years."""
    for n, day in enumerate(_endless(rule, first), 1):
        if (rule.until is not None and day > rule.until) or (rule.count is not None and n > rule.count):
            return
        yield day


def next_day(rule: Rule, first: date, after: date) -> date | None:
    """The first day of the rule after a day; None where it has ended."""
    return next((day for day in days(rule, first) if day > after), None)


def between(rule: Rule, first: date, low: date, until: date) -> list[date]:
    """The days of the rule from ``low`` until before ``until``."""
    found = []
    for day in days(rule, first):
        if day >= until:
            break
        if day >= low:
            found.append(day)
    return found


def _endless(rule: Rule, first: date) -> Iterator[date]:
    if rule.unit == "day":
        steps: Iterator[date] = _steps(first, rule.every, first)
    elif rule.unit == "week":
        steps = _weekly(rule, first)
    else:
        steps = _monthly(rule, first)
    return (day for day in steps if day >= first)


def _steps(start: date, step: int, first: date) -> Iterator[date]:
    day, end = start, first + timedelta(days=FAR * 365)
    while day <= end:
        yield day
        day += timedelta(days=step)


def _weekly(rule: Rule, first: date) -> Iterator[date]:
    start = period("week", first, rule.calendar)[0]
    chosen = set(rule.weekdays) or {first.weekday()}
    for week in _steps(start, 7 * rule.every, first):
        yield from (day for n in range(7) if (day := week + timedelta(days=n)).weekday() in chosen)


def _monthly(rule: Rule, first: date) -> Iterator[date]:
    step = rule.every * (12 if rule.unit == "year" else 1)
    low = period("month", first, rule.calendar)[0]
    for n in range(0, FAR * 12, step):
        try:
            year, month, _ = parts(shift(low, n, "month", rule.calendar), rule.calendar)
            start, end = month_bounds(year, month, rule.calendar)
        except (OverflowError, Invalid):
            return
        if (day := _day_of(rule, first, start, end)) is not None:
            yield day


def _day_of(rule: Rule, first: date, start: date, end: date) -> date | None:
    """The rule's day of the month from ``start`` until before ``end``."""
    if rule.nth is not None:
        if rule.nth == LAST:
            return end - timedelta(
                days=1 + (end - timedelta(days=1) - timedelta(days=rule.weekdays[0])).weekday()
            )
        return start + timedelta(days=(rule.weekdays[0] - start.weekday()) % 7 + 7 * (rule.nth - 1))
    asked = parts(first, rule.calendar)[2] if rule.day is None else rule.day
    length = (end - start).days
    if asked == LAST or (asked > length and rule.clamp):
        asked = length
    return start + timedelta(days=asked - 1) if asked <= length else None
