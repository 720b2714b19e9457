"""By the clock: what is looked for every hour, and whether outcomes came."""

from __future__ import annotations

from typing import Final

from django.db.models import Exists, OuterRef

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid
from peyvand.platform.actions.context import job_context
from peyvand.platform.identity.actor import Tenant, system_actor
from peyvand.platform.jobs.schedule import in_every_workspace
from peyvand.platform.jobs.scoped import defer, job
from peyvand.platform.objects.filters import compile_condition
from peyvand.processes.automations.models import HOURLY, AutomationRun
from peyvand.processes.automations.outcomes import awaiting, look
from peyvand.processes.automations.rules import active, condition_of, spec_of
from peyvand.processes.automations.running import Meant, apply, quiet_since

SET: Final = 500
CHECK: Final = "automations.check"
OUTCOMES: Final = "automations.outcomes"


def is_any_hourly() -> bool:
    return active().filter(event=HOURLY).exists()


@in_every_workspace("12 * * * *", "automations.hourly", due=is_any_hourly)
def hourly(tenant: Tenant) -> None:
    """Begin with each automation that is looked after by the hour."""
    for id in active().filter(event=HOURLY).values_list("id", flat=True):
        _go_on(id, 0)


def _go_on(automation_id: int, after: int) -> None:
    defer(CHECK, lock=f"{CHECK}:{automation_id}", automation_id=automation_id, after=after)


@job(CHECK)
def check(tenant: Tenant, automation_id: int, after: int) -> None:
    """Come to the next set of records that meet an automation's condition, behind the id ``after``."""
    automation = active().filter(id=automation_id, event=HOURLY).first()
    if automation is None:
        return
    try:
        spec, condition = spec_of(automation), condition_of(automation)
    except Invalid:
        return
    if condition is None:
        return
    lately = AutomationRun.objects.filter(
        automation=automation, about_object=spec.key, about_id=OuterRef("id"), at__gt=quiet_since(automation)
    )
    rows = spec.rows.filter(compile_condition(condition, spec, system_actor(tenant)), deleted_at__isnull=True, id__gt=after)  # fmt: skip
    ids = list(rows.filter(~Exists(lately)).order_by("id").values_list("id", flat=True)[:SET])
    apply(job_context(tenant), automation, {id: Meant(id) for id in ids})
    if len(ids) == SET:
        _go_on(automation_id, ids[-1])


def is_any_awaited() -> bool:
    return AutomationRun.objects.filter(came=None, until__isnull=False).exists()


@in_every_workspace("*/15 * * * *", OUTCOMES, due=is_any_awaited)
def outcomes(tenant: Tenant) -> None:
    """Look whether what automations are for came about, for those treated and those left alone alike."""
    for automation_id in awaiting():
        defer(
            "automations.look", lock=f"automations.look:{automation_id}", automation_id=automation_id, after=0
        )


@job("automations.look")
def look_on(tenant: Tenant, automation_id: int, after: int) -> None:
    """Look at the next set of an automation's open outcomes, behind the id ``after``."""
    last = look(tenant, automation_id, after, clock.now())
    if last is not None:
        defer(
            "automations.look",
            lock=f"automations.look:{automation_id}",
            automation_id=automation_id,
            after=last,
        )
