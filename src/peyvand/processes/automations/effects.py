"""What automations changed: how many of those treated and of those left alone came to the outcome.

Each record counts once, with its first run: later ones are no new customers. Only those count whose time is over, for the
outcome comes sooner than its absence is sure. Whoever was to be treated counts as treated, also where a step was refused:
those left alone would have been refused too, and nobody knows which.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from peyvand.analytical.methods.effect import Effect, Rate, measure
from peyvand.kernel import clock
from peyvand.platform.database.prepared import fetch
from peyvand.platform.workspaces.scope import current_workspace_id

_COUNT: Final = """
select a.id, a.least_effect, a.held_out,
       count(*) filter (where r.grp = 'treated'), count(*) filter (where r.grp = 'treated' and r.came),
       count(*) filter (where r.grp = 'held_out'), count(*) filter (where r.grp = 'held_out' and r.came)
from automation a left join lateral (
    select distinct on (about_id) about_id, "group" as grp, came, until from automation_run
    where workspace_id = a.workspace_id and automation_id = a.id order by about_id, id
) r on r.came is not null and r.until <= %s::timestamptz
where a.workspace_id = %s::bigint and (%s::bigint[] is null or a.id = any(%s::bigint[]))
  and a.held_out > 0 and (a.outcome <> '' or a.outcome_event <> '')
group by a.id, a.least_effect, a.held_out
having count(r.about_id) > 0
"""


def effect_of(ids: Sequence[int] | None = None) -> dict[int, Effect]:
    """The effect of each of these automations (None: of all) that leaves some alone, knows what its outcome is, and
    has records whose time is over."""
    asked = list(ids) if ids is not None else None
    rows = fetch(_COUNT, [clock.now(), current_workspace_id(), asked, asked])
    return {
        id: measure(Rate(done, treated), Rate(left, alone), least / 100, share / 100)
        for id, least, share, treated, done, alone, left in rows
    }
