"""Each minute what waits leaves; each night what is old goes."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from peyvand.kernel import clock
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.jobs.schedule import in_every_workspace
from peyvand.platform.jobs.scoped import defer, job
from peyvand.platform.notifications.confirming import SEND, send_code, sweep_codes
from peyvand.platform.notifications.models import Notification
from peyvand.platform.notifications.posting import anything_due, post

KEPT_DAYS: Final = 90
SET: Final = 5000
SWEEP: Final = "notifications.sweep_set"


@in_every_workspace("* * * * *", "notifications.post", scoped=False, due=anything_due)
def post_each_minute(tenant: Tenant) -> None:
    """Send what is due by the channels."""
    post(tenant)


@in_every_workspace("50 22 * * *", "notifications.sweep")
def sweep_nightly(tenant: Tenant) -> None:
    """Remove what is older than KEPT_DAYS, one set a transaction."""
    sweep_codes()
    sweep(tenant)


@job(SEND, attempts=1, scoped=False)
def send(tenant: Tenant, code_id: int) -> None:
    """Send the code that somebody asked for to their phone."""
    send_code(tenant, code_id)


@job(SWEEP)
def sweep(tenant: Tenant) -> None:
    """Remove one set, and leave the next to a job of its own."""
    old = Notification.objects.filter(made_at__lt=clock.now() - timedelta(days=KEPT_DAYS)).order_by("made_at")
    ids = list(old.values_list("id", flat=True)[:SET])
    Notification.objects.filter(id__in=ids).delete()
    if len(ids) == SET:
        defer(SWEEP)
