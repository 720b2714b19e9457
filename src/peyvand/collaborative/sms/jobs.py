"""What is done about messages in the background: they are sent, and those whose sending was broken off are given up."""

from __future__ import annotations

from peyvand.collaborative.sms.models import QUEUED, SENDING, SmsMessage
from peyvand.collaborative.sms.sending import send_due, settle_broken
from peyvand.collaborative.sms.writing import SEND, send_soon
from peyvand.kernel import clock
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.jobs.schedule import in_every_workspace
from peyvand.platform.jobs.scoped import job


@job(SEND, scoped=False)
def send(tenant: Tenant) -> None:
    """Send what is due."""
    send_due(tenant)


def is_any_waiting() -> bool:
    return (
        SmsMessage.objects.filter(state=QUEUED, next_at__lte=clock.now()).exists()
        or SmsMessage.objects.filter(state=SENDING).exists()
    )


@in_every_workspace("* * * * *", "sms.look", due=is_any_waiting)
def look(tenant: Tenant) -> None:
    """Send what had to wait, and settle what died."""
    if SmsMessage.objects.filter(state=SENDING).exists():
        settle_broken(tenant)
    if SmsMessage.objects.filter(state=QUEUED, next_at__lte=clock.now()).exists():
        send_soon()
