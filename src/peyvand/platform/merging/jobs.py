"""What a merge could not see: links that another transaction made to the loser at the same moment."""

from __future__ import annotations

from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import job_context
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.jobs.scoped import job
from peyvand.platform.merging.hanging import keep_steps, move
from peyvand.platform.merging.models import Merge
from peyvand.platform.objects.spec import object_named


@job("merging.sweep")
def sweep(tenant: Tenant, merge_id: int) -> None:
    """Let what was linked to a merged record meanwhile follow it; most often there is nothing."""
    merge = Merge.objects.select_for_update().filter(id=merge_id, undone_at=None).first()
    if merge is None:
        return
    spec = object_named(merge.object)
    if not spec.rows.filter(id=merge.winner, deleted_at=None).exists():
        return
    steps = move(spec, merge.winner, merge.loser)
    if not steps:
        return
    ctx = job_context(tenant)

    perform(ctx, spec.permission("merge"), (), lambda: keep_steps(ctx, merge, steps), {"merge": merge.id})
