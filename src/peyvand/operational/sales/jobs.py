"""What sales does by the clock: every night the health of open deals, for days pass without anybody touching them."""

from __future__ import annotations

from peyvand.operational.sales.health import learn, reckon
from peyvand.operational.sales.models import Deal
from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import job_context
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.jobs.schedule import in_every_workspace
from peyvand.platform.workspaces.scope import workspace_scope

SET = 2000


@in_every_workspace("50 0 * * *", "sales.health", scoped=False)
def nightly(tenant: Tenant) -> None:
    """Learn what is usual, then reckon every open deal: a transaction for each set. It runs twice without harm."""
    with workspace_scope(tenant.id):
        learn()
        open_deals = Deal.objects.filter(status="open", deleted_at__isnull=True)
        ids = list(open_deals.order_by("id").values_list("id", flat=True))
    for start in range(0, len(ids), SET):
        with workspace_scope(tenant.id):
            _renew(tenant, ids[start : start + SET])


def _renew(tenant: Tenant, deal_ids: list[int]) -> None:
    ctx = job_context(tenant)
    perform(ctx, "deal.update", (), lambda: ctx.touch("deal", *reckon(tenant, deal_ids)))
