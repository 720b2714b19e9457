"""What scheduling does by the clock: what comes again comes."""

from __future__ import annotations

from peyvand.operational.scheduling.series import carry_on, due
from peyvand.platform.actions.context import job_context
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.jobs.schedule import in_every_workspace
from peyvand.platform.workspaces.scope import workspace_scope


@in_every_workspace("*/5 * * * *", "scheduling.carry_on", scoped=False)
def carry_series_on(tenant: Tenant) -> None:
    """Make the next record of every series whose time has come, a transaction for each set."""
    seen: set[int] = set()
    while True:
        with workspace_scope(tenant.id):
            ids = [id for id in due(tenant) if id not in seen]
            if not ids:
                return
            seen.update(ids)
            carry_on(job_context(tenant), ids)
