"""When people work: their week, less holidays and absences, as moments in UTC.

Everything is read for all users and the whole stretch of time by three queries. A day is the workspace's calendar day; on
the days when its clocks are changed it falls into two parts, each with an offset of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

import holidays
from django.db.models import Q

from peyvand.kernel.errors import RuleViolation, msg
from peyvand.kernel.persian.text import to_persian_digits
from peyvand.operational.availability.fields import DAY, Span, spans_of, without
from peyvand.operational.availability.models import APPROVED, Absence, Holiday, WorkingHours
from peyvand.platform.identity.actor import Tenant, tenant_by
from peyvand.platform.workspaces.scope import current_workspace_id, found_once

Period = tuple[datetime, datetime]
Who = TypeVar("Who", int, int | None)
_ONE: Final = timedelta(days=1)
# So far ahead work is looked for, in steps that grow.
_FARTHEST: Final = 3 * 366
# By date.weekday(): what holds in a workspace that says nothing else.
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
USUAL: Final = {
    True: dict.fromkeys(("saturday", "sunday", "monday", "tuesday", "wednesday"), "08:00-17:00")
    | {"thursday": "08:00-13:00"},
    False: dict.fromkeys(WEEKDAYS[:5], "09:00-17:00"),
}


@dataclass(frozen=True)
class Week:
    """Working hours as they are reckoned with."""

    days: tuple[tuple[Span, ...], ...]
    country: str = ""
    starts_on: date | None = None
    ends_on: date | None = None

    def holds_on(self, day: date) -> bool:
        return (self.starts_on is None or self.starts_on <= day) and (
            self.ends_on is None or day <= self.ends_on
        )


@dataclass(frozen=True)
class Times:
    """What is known of some users' time between two days. The user None is the workspace itself: nobody's absence counts."""

    zone: ZoneInfo
    usual: Week
    weeks: dict[int | None, list[Week]]
    holidays: dict[date, bool]
    absences: dict[int | None, list[Absence]]

    def spans(self, user: int | None, day: date) -> tuple[Span, ...]:
        """The minutes of a day that a user works."""
        week = self.week(user, day)
        spans = week.days[day.weekday()]
        if not spans or self._is_free(week.country, day):
            return ()
        for absence in self.absences.get(user, ()):
            if absence.starts_on <= day <= absence.ends_on:
                spans = without(spans, spans_of(absence.hours) if absence.hours else ((0, DAY),))
        return spans

    def periods(self, user: int | None, start: datetime, end: datetime) -> Iterator[Period]:
        """When a user works between two moments, in order; what touches is one period."""
        pending: Period | None = None
        for day in _days(start.astimezone(self.zone).date(), end.astimezone(self.zone).date()):
            for begin, stop in _moments(day, self.spans(user, day), self.zone):
                begin, stop = max(begin, start), min(stop, end)
                if begin >= stop:
                    continue
                if pending and pending[1] == begin:
                    pending = (pending[0], stop)
                    continue
                if pending:
                    yield pending
                pending = (begin, stop)
        if pending:
            yield pending

    def week(self, user: int | None, day: date) -> Week:
        """The week that holds for a user on a day."""
        for holder in dict.fromkeys((user, None)):
            for week in reversed(self.weeks.get(holder, ())):
                if week.holds_on(day):
                    return week
        return self.usual

    def _is_free(self, country: str, day: date) -> bool:
        here = self.holidays.get(day)
        return day in national(country, day.year) if here is None else not here


def read_times(users: Collection[int | None], first: date, last: date) -> Times:
    """What is known of these users from one day to another."""
    known = {u for u in users if u is not None}
    rows = WorkingHours.objects.filter(Q(user__isnull=True) | Q(user_id__in=known), deleted_at__isnull=True)
    weeks: dict[int | None, list[Week]] = defaultdict(list)
    for row in sorted(rows, key=lambda r: (r.starts_on or date.min, r.id)):
        days = tuple(spans_of(getattr(row, name)) for name in WEEKDAYS)
        weeks[row.user_id].append(Week(days, row.country, row.starts_on, row.ends_on))
    said = Holiday.objects.filter(day__range=(first, last), deleted_at__isnull=True).order_by("id")
    absences: dict[int | None, list[Absence]] = defaultdict(list)
    for absence in approved(known, first, last):
        absences[absence.owner_id].append(absence)
    tenant = _tenant()
    usual = Week(tuple(spans_of(USUAL[tenant.language == "fa"].get(name, "")) for name in WEEKDAYS))
    return Times(tenant.tz, usual, weeks, dict(said.values_list("day", "is_working")), absences)


def approved(users: Collection[int], first: date, last: date) -> list[Absence]:
    """The absences of these users that count and touch these days."""
    rows = Absence.objects.filter(owner_id__in=users, state=APPROVED, deleted_at__isnull=True)
    return list(rows.filter(starts_on__lte=last, ends_on__gte=first).order_by("starts_on", "id"))


def working_periods(users: Collection[Who], start: datetime, end: datetime) -> dict[Who, list[Period]]:
    """When each of these users, or (None) the workspace itself, works between two aware moments, in UTC."""
    if not users or end <= start:
        return {user: [] for user in users}
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    tz = _tenant().tz
    times = read_times(users, start.astimezone(tz).date(), end.astimezone(tz).date())
    return {user: list(times.periods(user, start, end)) for user in users}


def is_working(users: Collection[int], at: datetime) -> set[int]:
    """Those of the users who are at work at a moment."""
    day, minute = _local(at)
    times = read_times(users, day, day)
    return {u for u in users if any(a <= minute < b for a, b in times.spans(u, day))}


def away(users: Collection[int], at: date | datetime) -> dict[int, Absence]:
    """The absence of each of the users who is away on a day, if only for hours of it, or at a moment."""
    day, minute = _local(at) if isinstance(at, datetime) else (at, None)
    found: dict[int, Absence] = {}
    for absence in approved(users, day, day):
        hours = spans_of(absence.hours)
        if minute is None or not hours or any(a <= minute < b for a, b in hours):
            found.setdefault(absence.owner_id or 0, absence)
    return found


def next_working(users: Collection[int], at: datetime, days: int = 30) -> dict[int, datetime]:
    """The first moment from ``at`` on when each of the users works; whoever does not within so many days is left out."""
    start, end = at.astimezone(UTC), at.astimezone(UTC) + timedelta(days=days)
    tz = _tenant().tz
    times = read_times(users, start.astimezone(tz).date(), end.astimezone(tz).date())
    firsts = {user: next(times.periods(user, start, end), None) for user in users}
    return {user: period[0] for user, period in firsts.items() if period}


def add_working_time(user: int | None, at: datetime, length: timedelta) -> datetime:
    """The moment when so much working time has passed since ``at``, of a user or (None) of the workspace; for none at all,
    the first moment of work.

    Raises:
        RuleViolation: there is not so much work within three years.
    """
    if length < timedelta(0):
        raise ValueError("time that is waited for cannot be negative")
    begin, left, step = at.astimezone(UTC), length, 14
    farthest = begin + timedelta(days=_FARTHEST)
    tz = _tenant().tz
    while begin < farthest:
        end = min(begin + timedelta(days=step), farthest)
        times = read_times([user], begin.astimezone(tz).date(), end.astimezone(tz).date())
        for start, stop in times.periods(user, begin, end):
            if left <= stop - start:
                return start + left
            left -= stop - start
        begin, step = end, step * 4
    raise _too_little()


def working_day(after: date, count: int) -> date:
    """The ``count``th day after another on which the workspace works, 1 being the first.

    Raises:
        RuleViolation: there are not so many within three years.
    """
    begin, left, step = after + _ONE, count, 14
    while begin < after + timedelta(days=_FARTHEST):
        end = begin + timedelta(days=step)
        times = read_times([None], begin, end)
        for day in _days(begin, end):
            left -= bool(times.spans(None, day))
            if left == 0:
                return day
        begin, step = end + _ONE, step * 4
    raise _too_little()


def _too_little() -> RuleViolation:
    return RuleViolation(
        msg("There is not enough working time within three years; look at the working hours.")
    )


def free_days(first: date, last: date, language: str) -> dict[date, str]:
    """The holidays of the workspace from one day to another with their names: its country's, and those it declared."""
    times = read_times([None], first, last)
    found: dict[date, str] = {}
    for day in _days(first, last):
        name = national(times.week(None, day).country, day.year, language).get(day, "")
        if name and day not in times.holidays:
            found[day] = name
    said = Holiday.objects.filter(day__range=(first, last), is_working=False, deleted_at__isnull=True)
    return found | dict(said.order_by("id").values_list("day", "name"))


@lru_cache(maxsize=512)
def national(country: str, year: int, language: str = "") -> dict[date, str]:
    """A country's public holidays of a year with their names, in Persian where ``language`` is "fa" and they are known."""
    if not country:
        return {}
    wanted = "fa_IR" if language == "fa" and country == "IR" else None if country == "IR" else "en_US"
    try:
        found = holidays.country_holidays(country, years=year, language=wanted)
    except NotImplementedError:
        return {}
    return {day: to_persian_digits(name) if wanted == "fa_IR" else name for day, name in found.items()}


def _moments(day: date, spans: tuple[Span, ...], zone: ZoneInfo) -> Iterator[Period]:
    """Spans of a day's clock as moments. Where the clock is changed, each part of the day has its own offset."""
    if not spans:
        return
    begin, end = _midnight(day, zone), _midnight(day + _ONE, zone)
    first, last = (
        begin.astimezone(zone).utcoffset(),
        (end - timedelta(minutes=1)).astimezone(zone).utcoffset(),
    )
    assert first is not None
    assert last is not None
    parts = [(begin, end, first)]
    if first != last:
        change = _change(begin, end, first, zone)
        parts = [(begin, change, first), (change, end, last)]
    naive = datetime.combine(day, time(), UTC)
    for since, until, offset in parts:
        for a, b in spans:
            start = max(naive + timedelta(minutes=a) - offset, since)
            stop = min(naive + timedelta(minutes=b) - offset, until)
            if start < stop:
                yield start, stop


@lru_cache(maxsize=4096)
def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of a day; where the clock jumps over midnight, the moment of the jump."""
    at = datetime.combine(day, time(), zone).astimezone(UTC)
    while at.astimezone(zone).date() < day:
        at += timedelta(minutes=1)
    while (at - timedelta(minutes=1)).astimezone(zone).date() >= day:
        at -= timedelta(minutes=1)
    return at


def _change(begin: datetime, end: datetime, offset: timedelta, zone: ZoneInfo) -> datetime:
    """The minute within a day from which on the clock has another offset."""
    low, high = 0, int((end - begin).total_seconds() // 60)
    while low < high:
        middle = (low + high) // 2
        if (begin + timedelta(minutes=middle)).astimezone(zone).utcoffset() == offset:
            low = middle + 1
        else:
            high = middle
    return begin + timedelta(minutes=low)


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += _ONE


def _local(at: datetime) -> tuple[date, int]:
    there = at.astimezone(_tenant().tz)
    return there.date(), there.hour * 60 + there.minute


def _tenant() -> Tenant:
    def find() -> Tenant:
        found = tenant_by(id=current_workspace_id())
        assert found is not None
        return found

    return found_once("availability.tenant", find)
