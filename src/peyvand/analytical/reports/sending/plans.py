"""When a report is sent, and to whom."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from peyvand.analytical.reports.models import Delivery, Receiver, Report, Sending
from peyvand.kernel import clock
from peyvand.kernel.persian.calendar import Calendar, calendar_of, period
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.jobs.scoped import defer

DAILY, WEEKLY, MONTHLY = "day", "week", "month"
DELIVER: Final = "reports.deliver"
# The longest that lies between two sendings, and a little more.
_AHEAD: Final = 70


def next_time(sending: Sending, after: datetime, tz: ZoneInfo, calendar: Calendar) -> datetime:
    """The first moment after another at which it is sent."""
    first = after.astimezone(tz).date()
    for n in range(_AHEAD):
        day = first + timedelta(days=n)
        at = datetime.combine(day, time(sending.hour), tz).astimezone(UTC)
        if at > after and _is_on(sending, day, calendar):
            return at
    raise AssertionError(f"sending {sending.pk} has no day")


def _is_on(sending: Sending, day: date, calendar: Calendar) -> bool:
    if sending.every == DAILY:
        return True
    if sending.every == WEEKLY:
        return day.isoweekday() == sending.weekday
    start, end = period("month", day, calendar)
    return day == min(start + timedelta(days=sending.day - 1), end - timedelta(days=1))


def plan_next(tenant: Tenant, sending: Sending) -> None:
    """Say when it is sent next, from now on."""
    sending.next_at = next_time(sending, clock.now(), tenant.tz, calendar_of(tenant.language))


def receivers_of(report: Report) -> list[int]:
    """The users to whom it is sent: those who left are not."""
    rows = Receiver.objects.filter(report=report, left_at__isnull=True).order_by("id")
    return list(rows.values_list("user_id", flat=True))


def send_to(
    report: Report, users: Collection[int], *, as_pdf: bool, as_xlsx: bool, is_own: bool = False
) -> int:
    """Put the report on its way to each of these, in the caller's transaction; return how many that are. ``is_own``: they
    asked for it themselves, whether they are among its receivers or not."""
    now = clock.now()
    made = Delivery.objects.bulk_create(
        Delivery(report=report, user_id=user, asked_at=now, as_pdf=as_pdf, as_xlsx=as_xlsx, is_own=is_own)
        for user in users
    )
    for delivery in made:
        defer(DELIVER, delivery_id=delivery.pk)
    return len(made)


def send_due(tenant: Tenant) -> int:
    """Put every report on its way whose time has come; one that was missed is sent once, not again and again."""
    due = Sending.objects.filter(next_at__lte=clock.now(), report__deleted_at__isnull=True)
    count = 0
    for sending in (
        due.select_related("report").select_for_update(of=("self",), skip_locked=True).order_by("id")
    ):
        plan_next(tenant, sending)
        sending.save(update_fields=["next_at"])
        count += send_to(sending.report, receivers_of(sending.report), as_pdf=sending.as_pdf, as_xlsx=sending.as_xlsx)  # fmt: skip
    return count
