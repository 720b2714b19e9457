"""Reminders each minute; overdue tasks while people are at work."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from peyvand.kernel import clock
from peyvand.operational.activities.models import Reminder
from peyvand.operational.activities.reminding import SET, anything_due, renew_usual, tell_due, tell_late
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.jobs.schedule import in_every_workspace
from peyvand.platform.jobs.scoped import defer, job

# Longer than an overdue task is looked at (reminding.LATE_DAYS).
KEPT: Final = timedelta(days=90)
MORE = "activities.remind_more"
RENEW = "activities.renew_usual"


@in_every_workspace("* * * * *", "activities.remind", due=anything_due)
def remind(tenant: Tenant) -> None:
    """Remind of what is due now, a set a transaction."""
    remind_more(tenant)


@job(MORE)
def remind_more(tenant: Tenant) -> None:
    """One set, and the next by a job of its own."""
    if tell_due(tenant) == SET:
        defer(MORE)


@in_every_workspace("52 22 * * *", "activities.forget_reminders")
def forget_reminders(tenant: Tenant) -> None:
    """Remove what reminded somebody long ago: nothing follows from it any more."""
    Reminder.objects.filter(told_at__lt=clock.now() - KEPT).delete()


@job(RENEW)
def renew(tenant: Tenant, user_id: int) -> None:
    """Bring a user's reminders in step with what they chose."""
    renew_usual(tenant, user_id)


@in_every_workspace("*/15 * * * *", "activities.tell_late")
def remind_of_late(tenant: Tenant) -> None:
    """Tell people of tasks that they left over, once they are at work again."""
    tell_late(tenant)
