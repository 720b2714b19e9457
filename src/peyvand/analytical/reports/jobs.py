"""Reports leave by the clock."""

from __future__ import annotations

from peyvand.analytical.reports.models import Sending
from peyvand.analytical.reports.sending.delivering import deliver
from peyvand.analytical.reports.sending.plans import DELIVER, send_due
from peyvand.kernel import clock
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.jobs.schedule import in_every_workspace
from peyvand.platform.jobs.scoped import job


def _due() -> bool:
    return bool(Sending.objects.filter(next_at__lte=clock.now(), report__deleted_at__isnull=True).exists())


@in_every_workspace("*/5 * * * *", "reports.send", due=_due)
def send_by_the_clock(tenant: Tenant) -> None:
    """Put every report on its way whose time has come."""
    send_due(tenant)


@job(DELIVER, scoped=False)
def deliver_one(tenant: Tenant, delivery_id: int) -> None:
    """Send one report to one person."""
    deliver(tenant, delivery_id)
