"""What calendars do by the clock and in the background: files are taken over, calendars elsewhere are read, what left long
ago is forgotten."""

from __future__ import annotations

from peyvand.operational.calendars import taking
from peyvand.operational.calendars.entries import sweep
from peyvand.operational.calendars.subscriptions import queue_due, read
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.jobs.schedule import in_every_workspace
from peyvand.platform.jobs.scoped import job


@job("calendars.import", attempts=3, scoped=False)
def import_file(tenant: Tenant, run_id: int) -> None:
    """Take a calendar file over, set by set."""
    taking.work_off(tenant, run_id)


@job("calendars.undo_import", scoped=False)
def undo_import(tenant: Tenant, run_id: int) -> None:
    """Take back what a calendar file did."""
    taking.take_back(tenant, run_id)


@job("calendars.read_one", scoped=False)
def read_one(tenant: Tenant, subscription_id: int) -> None:
    """Read one calendar elsewhere. Nothing is held while the other side is waited for."""
    read(tenant, subscription_id)


@in_every_workspace("7,37 * * * *", "calendars.read_all")
def read_all(tenant: Tenant) -> None:
    """Have calendars elsewhere read again."""
    queue_due()


@in_every_workspace("50 2 * * *", "calendars.sweep")
def sweep_calendars(tenant: Tenant) -> None:
    """Forget what left the calendars of the workspace so long ago that every device was told, or has to begin anew."""
    sweep()
    taking.forget()
