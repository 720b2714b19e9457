"""Scores reckoned in sets: one query for each condition, one statement for everything that anybody did.

A lead's fit is the sum of the points of the conditions that it meets, from 0 to 100. Its engagement is the sum of the points
of what its person did up to now, each halved as often as its half-life has passed, from 0 to 100. The score is the mean of both.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid
from peyvand.operational.leads.models import Lead, ScoreRule
from peyvand.operational.leads.scoring.happenings import happening
from peyvand.operational.leads.scoring.rules import FIT, active_rules, condition_of
from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import Context
from peyvand.platform.database.bulk import update_rows
from peyvand.platform.identity.actor import system_actor
from peyvand.platform.objects.filters import compile_condition
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import current_workspace_id

MOST: Final = 100
SET: Final = 2000
# From this score on a lead has the grade.
LEAST: Final = (("A", 75), ("B", 50), ("C", 25))
_KEPT: Final = ("fit", "engagement", "score", "grade")
# Points of everything that the people of some leads did, worn off by the time since: by person, with the rule and when it
# was. A person's leads, however many, share it.
DONE: Final = """
select p.id, r.rule, t.at,
    r.points * case when r.half is null then 1 else power(0.5, extract(epoch from (%(at)s - t.at))::float8 / 86400 / r.half) end
from (select distinct person_id from lead where workspace_id = %(here)s and id = any(%(ids)s)) p(id)
join timeline_entry t on t.workspace_id = %(here)s and t.object = 'person' and t.object_id = p.id and t.at <= %(at)s
join event e on e.workspace_id = t.workspace_id and e.id = t.event_id
join unnest(%(rules)s::bigint[], %(wires)s::text[], %(data)s::text[], %(points)s::int[], %(halves)s::int[])
    r(rule, wire, data, points, half) on r.wire = e.wire and e.data @> r.data::jsonb
"""
_SUMS: Final = f"""
select l.id, d.worn
from lead l
join (select person, round(sum(worn)::numeric, 6) from ({DONE}) d(person, rule, at, worn) group by person) d(person, worn)
    on d.person = l.person_id
where l.workspace_id = %(here)s and l.id = any(%(ids)s)
"""  # noqa: S608 our own words


@dataclass(frozen=True)
class Score:
    fit: int = 0
    engagement: int = 0

    @property
    def score(self) -> int:
        return (self.fit + self.engagement + 1) // 2

    @property
    def grade(self) -> str:
        return next((grade for grade, least in LEAST if self.score >= least), "D")

    @property
    def kept(self) -> tuple[int, int, int, str]:
        """As the columns of a lead keep it."""
        return self.fit, self.engagement, self.score, self.grade


def reckon(ctx: Context, ids: Sequence[int], at: datetime | None = None) -> dict[int, Score]:
    """The score of each lead, as of a moment for what was done, as things stand for what a lead is."""
    rules = active_rules()
    fit: dict[int, float] = defaultdict(float)
    engagement: dict[int, float] = defaultdict(float)
    for rule in rules:
        if not rule.event:
            for id in meeting(ctx, rule, ids):
                (fit if rule.side == FIT else engagement)[id] += rule.points
    if arguments := arguments_of(rules, ids, at or clock.now()):
        with connection.cursor() as cursor:
            cursor.execute(_SUMS, arguments)
            for id, worn in cursor.fetchall():
                engagement[id] += float(worn)
    return {id: Score(clamped(fit[id]), clamped(engagement[id])) for id in ids}


def meeting(ctx: Context, rule: ScoreRule, ids: Sequence[int]) -> list[int]:
    """Which of the leads meet a rule's condition, whoever may see what of them; none where it means nothing any more."""
    spec = object_named("lead")
    try:
        asked = compile_condition(condition_of(rule), spec, system_actor(ctx.tenant))
    except Invalid:
        return []
    return list(spec.rows.filter(asked, id__in=list(ids)).values_list("id", flat=True))


def arguments_of(rules: Sequence[ScoreRule], ids: Sequence[int], at: datetime) -> dict[str, Any] | None:
    """What DONE asks with; None where no rule counts what anybody did."""
    counted = [(rule, known) for rule in rules if rule.event and (known := happening(rule.event))]
    if not counted:
        return None
    return {
        "at": at, "here": current_workspace_id(), "ids": list(ids),
        "rules": [rule.id for rule, _ in counted],
        "wires": [known.wire for _, known in counted],
        "data": [json.dumps(dict(known.data)) for _, known in counted],
        "points": [rule.points for rule, _ in counted],
        "halves": [rule.half_life for rule, _ in counted],
    }  # fmt: skip


def clamped(points: float) -> int:
    """Whole points from 0 to 100, half a point rounded up."""
    return max(0, min(MOST, int(points + 0.5))) if points > 0 else 0


def refresh(ctx: Context, ids: Sequence[int]) -> int:
    """Reckon the leads anew and keep what changed; return how many did. A few statements for each set."""
    changed = 0
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), SET):
        changed += _refresh(ctx, wanted[start : start + SET])
    return changed


def _refresh(ctx: Context, ids: Sequence[int]) -> int:
    # Two who reckon the same leads at once: the later one looks once the earlier is done.
    held = Lead.objects.filter(id__in=ids).order_by("id").select_for_update()
    before = {id: tuple(rest) for id, *rest in held.values_list("id", *_KEPT, "scored_at")}
    now, scores = clock.now(), reckon(ctx, list(before))
    rows = [
        (id, *scores[id].kept, now)
        for id, was in before.items()
        if was[:4] != scores[id].kept or was[4] is None
    ]
    told = [id for id, was in before.items() if was[:4] != scores[id].kept]
    if not rows:
        return 0

    def write() -> None:
        update_rows(Lead, (*_KEPT, "scored_at"), rows)
        ctx.touch("lead", *told)

    perform(ctx, "lead.update", (), write)
    return len(told)
