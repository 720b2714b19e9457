"""What leads do by the clock: those that rested are woken, scores wear off, senders of forms are forgotten."""

from __future__ import annotations

from datetime import timedelta

from peyvand.kernel import clock
from peyvand.operational.leads.events import LeadWoken
from peyvand.operational.leads.models import Lead, Submission
from peyvand.operational.leads.objects import LEAD
from peyvand.operational.leads.scoring.reckoning import SET, refresh
from peyvand.operational.leads.transitions import NURTURING, OPEN, WORKING
from peyvand.platform.actions.context import job_context
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.jobs.schedule import in_every_workspace
from peyvand.platform.jobs.scoped import job
from peyvand.platform.objects.records import update_records
from peyvand.platform.objects.references import subjects_of
from peyvand.platform.workspaces.scope import workspace_scope

RESCORE = "leads.rescore"


@in_every_workspace("35 1 * * *", "leads.nightly", scoped=False)
def nightly(tenant: Tenant) -> None:
    """Reckon open leads anew: their points have worn off by a day. A transaction for each set."""
    _reckon(tenant, open_only=True)
    with workspace_scope(tenant.id):
        Submission.objects.filter(at__lt=clock.now() - timedelta(days=1)).exclude(sender="").update(sender="")


# Every hour: a workspace's day begins when its own clocks say so.
@in_every_workspace("5 * * * *", "leads.wake", scoped=False)
def wake(tenant: Tenant) -> None:
    """Put leads whose day has come back to work. What was woken is no more resting: it runs twice without harm."""
    while wake_some(tenant):
        pass


def wake_some(tenant: Tenant) -> int:
    """Wake one set in a transaction of its own; return how many."""
    with workspace_scope(tenant.id):
        ctx = job_context(tenant)
        due = LEAD.rows.filter(
            state=NURTURING, nurture_until__lte=clock.today(tenant.tz), deleted_at__isnull=True
        )
        leads: list[Lead] = list(due.order_by("id").select_for_update(of=("self",), skip_locked=True)[:SET])
        if not leads:
            return 0
        for lead in leads:
            lead.by_verb = True
        told = [
            LeadWoken(object="lead", object_id=lead.id, title=lead.name, subjects=subjects)
            for lead, subjects in zip(leads, subjects_of(LEAD, leads), strict=True)
        ]
        ctx.record(*told)
        update_records(ctx, LEAD, leads, [{"state": WORKING}] * len(leads))
    return len(leads)


@job(RESCORE, scoped=False)
def rescore(tenant: Tenant) -> None:
    """Reckon every lead anew, a transaction for each set."""
    _reckon(tenant, open_only=False)


def _reckon(tenant: Tenant, *, open_only: bool) -> None:
    with workspace_scope(tenant.id):
        rows = Lead.objects.filter(deleted_at__isnull=True, **({"state__in": OPEN} if open_only else {}))
        ids = list(rows.order_by("id").values_list("id", flat=True))
    for start in range(0, len(ids), SET):
        with workspace_scope(tenant.id):
            refresh(job_context(tenant), ids[start : start + SET])
