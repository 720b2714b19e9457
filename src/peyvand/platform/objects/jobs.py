"""Jobs over the records of any object."""

from __future__ import annotations

from peyvand.kernel.errors import NotAllowed
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import Tenant, system_actor, user_actor
from peyvand.platform.jobs.scoped import defer, job
from peyvand.platform.objects.bulk import go_on, stop
from peyvand.platform.objects.models import BulkRun


@job("objects.bulk")
def work_on(tenant: Tenant, run_id: int) -> None:
    """Do one set of a run and queue the next: what is done stays done if the worker dies, and rights are asked anew."""
    run = BulkRun.objects.select_for_update().filter(id=run_id).first()
    if run is None:
        return
    try:
        actor = user_actor(tenant.id, run.user_id) if run.user_id is not None else system_actor(tenant)
    except NotAllowed:
        # Whoever began this has no access any more.
        stop(run)
        return
    if go_on(Context(actor, "job"), run):
        defer("objects.bulk", lock=f"bulk:{run_id}", run_id=run_id)
