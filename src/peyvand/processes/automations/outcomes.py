"""Whether the outcome of an automation came: a condition that holds, or an event on the record's timeline, in time."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from peyvand.kernel.errors import Invalid
from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import job_context
from peyvand.platform.database.prepared import fetch
from peyvand.platform.identity.actor import Tenant, system_actor
from peyvand.platform.objects.filters import compile_condition
from peyvand.platform.workspaces.scope import current_workspace_id
from peyvand.processes.automations.models import Automation, AutomationRun
from peyvand.processes.automations.objects import RUN
from peyvand.processes.automations.rules import ANSWER, outcome_of, spec_of

SET: Final = 2000
_EVENTS: Final = """
select r.id, min(t.at) from automation_run r
join timeline_entry t on t.workspace_id = r.workspace_id and t.object = r.about_object and t.object_id = r.about_id
    and t.at > r.at and t.at <= r.until
join event e on e.workspace_id = t.workspace_id and e.id = t.event_id and e.wire = %s::text
where r.workspace_id = %s::bigint and r.id = any(%s::bigint[])
group by r.id
"""


def awaiting() -> list[int]:
    """Automations with outcomes that are still open."""
    rows = AutomationRun.objects.filter(came=None, until__isnull=False)
    return list(rows.order_by("automation_id").values_list("automation_id", flat=True).distinct())


def look(tenant: Tenant, automation_id: int, after: int, now: datetime) -> int | None:
    """Write down, of one set of open runs behind the id ``after``, which outcomes came and which cannot come any more;
    return the last id, None where there are no more. An automation that was changed judges by what it says now."""
    automation = Automation.objects.filter(id=automation_id).first()
    rows = AutomationRun.objects.filter(
        automation_id=automation_id, came=None, until__isnull=False, id__gt=after
    )
    runs = list(rows.order_by("id").select_for_update(of=("self",))[:SET])
    if automation is None or not runs:
        return None
    came = _came(tenant, automation, runs, now)
    settled = []
    for run in runs:
        if run.id in came or (run.until is not None and run.until < now):
            run.came, run.came_at = run.id in came, came.get(run.id)
            settled.append(run)
    ctx = job_context(tenant)

    def write() -> None:
        AutomationRun.objects.bulk_update(settled, ["came", "came_at"], batch_size=1000)
        ctx.touch(RUN.key, *(run.id for run in settled))

    if settled:
        perform(ctx, ANSWER, (), write)
    return runs[-1].id if len(runs) == SET else None


def _came(
    tenant: Tenant, automation: Automation, runs: list[AutomationRun], now: datetime
) -> dict[int, datetime]:
    """When the outcome came, by the run; one that nobody can ask about any more did not."""
    if automation.outcome_event:
        ids = [run.id for run in runs]
        return dict(fetch(_EVENTS, [automation.outcome_event, current_workspace_id(), ids]))
    try:
        spec, condition = spec_of(automation), outcome_of(automation)
    except Invalid:
        return {}
    if condition is None:
        return {}
    asked = compile_condition(condition, spec, system_actor(tenant))
    about = [run.about_id for run in runs]
    holds = set(spec.rows.filter(asked, id__in=about, deleted_at__isnull=True).values_list("id", flat=True))
    return {run.id: now for run in runs if run.about_id in holds}
