"""The work that goes on by itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from peyvand.collaborative.mail.models import PassedMail
from peyvand.collaborative.mail.receiving import fetch_account, fetch_due
from peyvand.collaborative.mail.sending import check_account, file_copy, send_forgotten, send_waiting
from peyvand.kernel import clock
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.jobs.schedule import in_every_workspace
from peyvand.platform.jobs.scoped import job

KEPT: Final = timedelta(days=90)


@in_every_workspace("* * * * *", "mail.receive")
def receive(tenant: Tenant) -> None:
    """Have mailboxes read on."""
    fetch_due(tenant)


@in_every_workspace("7 * * * *", "mail.remember")
def remember(tenant: Tenant) -> None:
    """Send what waits although its time is long past."""
    send_forgotten(tenant)


@in_every_workspace("55 22 * * *", "mail.forget")
def forget(tenant: Tenant) -> None:
    """After KEPT nobody looks any more for a mail that could not be read."""
    PassedMail.objects.filter(at__lt=clock.now() - KEPT).delete()


@job("mail.fetch", scoped=False, attempts=1)
def fetch(tenant: Tenant, account_id: int) -> None:
    """Read one mailbox on; the next minute comes by itself."""
    fetch_account(tenant, account_id)


@job("mail.send", scoped=False)
def send(tenant: Tenant, message_id: int) -> None:
    """Send one mail."""
    send_waiting(tenant, message_id)


@job("mail.file", scoped=False)
def file(tenant: Tenant, message_id: int) -> None:
    """Lay the copy of a sent mail into its mailbox."""
    file_copy(tenant, message_id)


@job("mail.check", scoped=False, attempts=2)
def check(tenant: Tenant, account_id: int) -> None:
    """Try both sides of an account."""
    check_account(tenant, account_id)
