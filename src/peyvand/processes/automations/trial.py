"""A dry run: to which records an automation would have come in the last thirty days. Nothing is done and nothing kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid
from peyvand.platform.access.decisions import visible
from peyvand.platform.actions.context import Context
from peyvand.platform.database.prepared import fetch
from peyvand.platform.objects.filters import compile_condition
from peyvand.platform.workspaces.scope import current_workspace_id
from peyvand.processes.automations.models import HOURLY, Automation
from peyvand.processes.automations.rules import condition_of, spec_of

LATELY: Final = timedelta(days=30)
SHOWN: Final = 20
# More records than this are not looked through.
MOST: Final = 50_000
_HAPPENED: Final = """
select distinct t.object_id from timeline_entry t join event e on e.workspace_id = t.workspace_id and e.id = t.event_id
where t.workspace_id = %s::bigint and t.object = %s::text and t.at >= %s::timestamptz and e.wire = %s::text
  and (%s::text = '' or (e.object = split_part(%s::text, '.', 1) and e.data->'changes' ? split_part(%s::text, '.', 2)))
  and (%s::text = '' or e.object || '.' || (e.data->>'insight') = %s::text)
  and (%s::text = '' or e.data->>'direction' = %s::text)
limit %s::int
"""


@dataclass(frozen=True)
class Trial:
    """How many records it would have come to, by what they are like now, and the newest of them as (id, title)."""

    count: int
    is_cut: bool
    records: tuple[tuple[int, str], ...]


def trial(ctx: Context, automation: Automation) -> Trial:
    """Look through the events of the last thirty days; the records are those that this actor sees."""
    try:
        spec, condition = spec_of(automation), condition_of(automation)
    except Invalid:
        return Trial(0, False, ())
    rows: Any = visible(ctx.actor, spec.key, spec.rows.filter(deleted_at__isnull=True))
    is_cut = False
    if automation.event != HOURLY:
        a = automation
        asked = [a.changed] * 3 + [a.insight] * 2 + [a.direction] * 2
        found = fetch(
            _HAPPENED, [current_workspace_id(), spec.key, clock.now() - LATELY, a.event, *asked, MOST]
        )
        is_cut = len(found) == MOST
        rows = rows.filter(id__in=[id for (id,) in found])
    if condition is not None:
        rows = rows.filter(compile_condition(condition, spec, ctx.actor))
    shown = tuple(
        (id, str(title)) for id, title in rows.order_by("-id").values_list("id", spec.title)[:SHOWN]
    )
    return Trial(rows.count(), is_cut, shown)
