"""How deals go through the stages of a pipeline within a span: how many came, went on, fell out, and how long they stayed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from peyvand.operational.sales.public import Stage
from peyvand.operational.targets.outcomes import deals_seen
from peyvand.operational.targets.periods import Span
from peyvand.operational.targets.statements import reckon
from peyvand.platform.identity.actor import Actor

# What may have happened to a deal at a stage: the moves that say so, ``m`` from the stage ``f`` to the stage ``t``.
KINDS: Final = {
    "came": "t.id = {stage}",
    "left": "f.id = {stage}",
    "on": "f.id = {stage} and (t.kind = 'won' or (t.kind = 'open' and t.position > f.position))",
    "back": "f.id = {stage} and t.kind = 'open' and t.position <= f.position",
    "lost": "f.id = {stage} and t.kind = 'lost'",
}
MOVES: Final = """stage_move m join stage t on t.workspace_id = m.workspace_id and t.id = m.to_stage_id
    left join stage f on f.workspace_id = m.workspace_id and f.id = m.from_stage_id"""
WITHIN: Final = """m.workspace_id = %(ws)s and (%(start)s::date is null or m.at >= (%(start)s::date)::timestamp at time zone %(tz)s)
    and (%(end)s::date is null or m.at < (%(end)s::date)::timestamp at time zone %(tz)s)"""


@dataclass(frozen=True)
class Step:
    """What happened at one stage: deals, each counted once, and the median time that those that left had spent in it."""

    stage: int
    name: str
    kind: str
    came: int
    left: int
    on: int
    back: int
    lost: int
    median: timedelta | None

    @property
    def rate(self) -> float | None:
        """Share of those that left for good that went on, 0 to 1."""
        gone = self.on + self.lost
        return self.on / gone if gone else None

    @property
    def days(self) -> int | None:
        return round(self.median / timedelta(days=1)) if self.median is not None else None


def funnel(actor: Actor, pipeline: int, span: Span) -> list[Step]:
    """The stages of a pipeline in their order, with what happened at each within the span."""
    counts = ", ".join(
        f"count(distinct m.deal_id) filter (where {kind.format(stage='s.id')})" for kind in KINDS.values()
    )
    rows = reckon(
        deals_seen(actor, pipeline),
        ("id",),
        f"""
        select s.id, {counts}, percentile_cont(0.5) within group (order by m.seconds)
            filter (where f.id = s.id and m.seconds is not null and m.seconds >= 0)
        from {MOVES} join stage s on s.workspace_id = m.workspace_id and s.id in (f.id, t.id) and s.pipeline_id = %(pipeline)s
        where {WITHIN} and m.deal_id in (select id from v)
        group by s.id
    """,  # noqa: S608 names are declared above
        pipeline=pipeline,
        start=span.start,
        end=span.end,
        tz=actor.tenant.timezone,
    )
    found = {id: rest for id, *rest in rows}
    steps = []
    for stage in Stage.objects.filter(pipeline_id=pipeline).order_by("position", "id"):
        if stage.deleted_at is not None and stage.id not in found:
            continue
        came, left, on, back, lost, seconds = found.get(stage.id, (0, 0, 0, 0, 0, None))
        median = timedelta(seconds=seconds) if seconds is not None else None
        steps.append(Step(stage.id, stage.name, stage.kind, came, left, on, back, lost, median))
    return steps


def bottleneck(steps: list[Step]) -> int | None:
    """The open stage in which deals stay longest, where more than one is known."""
    known = [step for step in steps if step.kind == "open" and step.median is not None]
    return max(known, key=lambda step: step.median or timedelta()).stage if len(known) > 1 else None
