"""Every night each rule that is on does its work."""

from __future__ import annotations

from peyvand.administration.retention.models import RetentionRule, RetentionRun
from peyvand.administration.retention.running import WORK, begin_run, go_on, put_to_work
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.jobs.schedule import in_every_workspace
from peyvand.platform.jobs.scoped import job

# Minute and hour, UTC: after the duplicates and before the figures of quality are reckoned.
MINUTE, HOUR = 20, 1


@in_every_workspace(f"{MINUTE} {HOUR} * * *", "retention.nightly")
def keep_nightly(tenant: Tenant) -> None:
    """Begin what is due tonight; what the night before left over goes on with it."""
    for rule in RetentionRule.objects.filter(is_on=True).order_by("id"):
        run = begin_run(tenant, rule)
        if run is not None:
            put_to_work(tenant, run)


@job(WORK)
def work_on(tenant: Tenant, run_id: int) -> None:
    """Do one set of a run and queue the next, in one transaction: a worker that dies leaves the set to be done again."""
    run = RetentionRun.objects.select_for_update().filter(id=run_id).first()
    if run is not None and go_on(tenant, run):
        put_to_work(tenant, run)
