"""Every evening: how deals stand is written down, and what quotas have come to is reckoned anew."""

from __future__ import annotations

from datetime import timedelta

from peyvand.kernel import clock
from peyvand.operational.targets.hooks import keep_reached
from peyvand.operational.targets.models import Quota
from peyvand.operational.targets.snapshots import take
from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import job_context
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.jobs.schedule import in_every_workspace

# Deals of a period that is over may still be entered afterwards.
LATECOMERS = timedelta(days=92)


@in_every_workspace("10 20 * * *", "targets.evening")
def keep_evening(tenant: Tenant) -> None:
    """Take the states of deals, and refresh the quotas whose period is not long over."""
    take(tenant)
    today = clock.today(tenant.tz)
    rows = Quota.objects.filter(
        deleted_at__isnull=True, starts_on__lte=today, ends_on__gte=today - LATECOMERS
    )
    ctx = job_context(tenant)
    perform(ctx, "quota.update", (), lambda: keep_reached(ctx, list(rows.order_by("id"))))
