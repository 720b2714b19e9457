"""Free times of a booking page: who works when, less what they have, with the page's buffers and limits."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from peyvand.kernel import clock
from peyvand.operational.activities.public import Meeting
from peyvand.operational.availability.public import working_periods
from peyvand.operational.scheduling.models import Booking, BookingPage, Series
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.identity.models import User

Period = tuple[datetime, datetime]
# A meeting of which nobody said until when.
USUAL: Final = timedelta(minutes=30)
# The longest meeting that is looked back for.
LONGEST: Final = timedelta(days=2)
_STEPS: Final = (timedelta(minutes=15), timedelta(minutes=30))

# When each of these users is taken elsewhere, said by whoever knows of other calendars.
Elsewhere = Callable[[Sequence[int], datetime, datetime], Mapping[int, Sequence[Period]]]
_elsewhere: list[Elsewhere] = []


def count_as_taken(elsewhere: Elsewhere) -> Elsewhere:
    """Have the times that this says of users, between two moments, count as taken."""
    _elsewhere.append(elsewhere)
    return elsewhere


def slots(
    works: Iterable[Period], busy: Sequence[Period], length: timedelta, before: timedelta, after: timedelta, tz: ZoneInfo
) -> list[datetime]:  # fmt: skip
    """The beginnings, on full steps of the local clock, at which ``length`` fits into a period of work and touches nothing
    busy, not even with the time before and after it. In UTC, in order."""
    step = _STEPS[length > _STEPS[0]]
    found = []
    for begin, end in works:
        local = begin.astimezone(tz)
        midnight = datetime.combine(local.date(), time(), tz).astimezone(UTC)
        at = midnight + -((midnight - begin.astimezone(UTC)) // step) * step
        while at + length <= end:
            if all(at + length + after <= low or high <= at - before for low, high in busy):
                found.append(at)
            at += step
    return found


def hosts_of(page: BookingPage) -> list[int]:
    """Whom a page books: its team's users, else its owner, as far as they still work here."""
    rows = User.objects.filter(is_active=True, deleted_at__isnull=True)
    rows = rows.filter(team_id=page.team_id) if page.team_id else rows.filter(id=page.owner_id)
    return list(rows.order_by("id").values_list("id", flat=True))


def free_times(
    tenant: Tenant, page: BookingPage, first: date, until: date, *, without: int | None = None
) -> dict[datetime, list[int]]:
    """The free times of a page from a day until before another, each with the hosts who are free then.

    ``without`` is a meeting that does not count: the one that is to be moved.
    """
    tz, now = tenant.tz, clock.now()
    low = max(datetime.combine(first, time(), tz).astimezone(UTC), now + timedelta(hours=page.notice_hours))
    last = clock.today(tz) + timedelta(days=page.days_ahead + 1)
    high = datetime.combine(min(until, last), time(), tz).astimezone(UTC)
    hosts = hosts_of(page)
    if not hosts or low >= high:
        return {}
    works, busy = working_periods(hosts, low, high), taken(tenant, hosts, low, high, without)
    counts = _booked(page, low, high, tz, without)
    length = timedelta(minutes=page.minutes)
    found: dict[datetime, list[int]] = defaultdict(list)
    for host in hosts:
        gaps = timedelta(minutes=page.before), timedelta(minutes=page.after)
        for at in slots(works[host], busy[host], length, *gaps, tz):
            if page.per_day is None or counts[host, at.astimezone(tz).date()] < page.per_day:
                found[at].append(host)
    return dict(sorted(found.items()))


def taken(
    tenant: Tenant, hosts: Sequence[int], low: datetime, high: datetime, without: int | None = None
) -> Mapping[int, list[Period]]:
    """When each of these users has a meeting, or will have one again; ``without`` is one that does not count."""
    found: dict[int, list[Period]] = defaultdict(list)
    margin = timedelta(hours=4)
    rows = Meeting.objects.filter(
        owner_id__in=hosts, status="planned", deleted_at__isnull=True,
        starts_at__lt=high + margin, starts_at__gt=low - margin - LONGEST,
    ).exclude(id=without)  # fmt: skip
    for owner, start, end in rows.values_list("owner_id", "starts_at", "ends_at"):
        found[owner].append((start, end or start + USUAL))
    series = Series.objects.filter(kind="meeting", owner_id__in=hosts, ended_at__isnull=True)
    for one in series:
        length = timedelta(minutes=one.minutes) if one.minutes else USUAL
        for day in one.coming((low - margin).date(), (high + margin).date() + timedelta(days=1)):
            start = one.moment(day, tenant.tz).astimezone(UTC)
            found[one.owner_id].append((start, start + length))
    for elsewhere in _elsewhere:
        for user, periods in elsewhere(hosts, low - margin, high + margin).items():
            found[user] += periods
    return found


def _booked(
    page: BookingPage, low: datetime, high: datetime, tz: ZoneInfo, without: int | None
) -> Counter[tuple[int, date]]:
    """How many times each host is booked by this page on each day."""
    rows = Booking.objects.filter(
        page=page, meeting__status="planned", meeting__deleted_at__isnull=True,
        meeting__starts_at__gte=low - timedelta(days=1), meeting__starts_at__lt=high,
    ).exclude(meeting_id=without)  # fmt: skip
    found = rows.values_list("meeting__owner_id", "meeting__starts_at")
    return Counter((owner, start.astimezone(tz).date()) for owner, start in found)
