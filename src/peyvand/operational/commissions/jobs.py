"""Every evening: drafts are brought up to date, and what changed in submitted periods is put into the next ones."""

from __future__ import annotations

from peyvand.operational.commissions.statements import renew_all
from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import job_context
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.jobs.schedule import in_every_workspace


@in_every_workspace("35 20 * * *", "commissions.evening")
def reckon_evening(tenant: Tenant) -> None:
    """Reckon all statements of the workspace."""
    ctx = job_context(tenant)
    perform(ctx, "commission_statement.reckon_all", (), lambda: renew_all(ctx))
