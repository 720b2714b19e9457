"""How well open deals stand, 0 to 100, and why: reckoned in sets, at every change and every night.

Each reason takes points off; what is usual is each pipeline's own (``learn``): the median pause between two activities
about the deals that it won, and the median days those spent in each stage.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import orjson
from django.db import connection

from peyvand.kernel import clock
from peyvand.kernel.errors import Message, msg
from peyvand.operational.sales.models import Deal, Pipeline, Stage
from peyvand.platform.database.bulk import update_rows
from peyvand.platform.database.prepared import fetch
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.workspaces.scope import current_workspace_id

# Where a pipeline has won too few deals to know better, a pause of so many days is usual.
PAUSE: Final = 14
# So many deals that were won tell what is usual.
ENOUGH: Final = 5
# From this chance on somebody who decides should be known.
DECIDED_FROM: Final = 40
WEAK: Final = 50
Reason = tuple[str, int, int, int]

_FACTS = """
select d.id, d.status, d.stage_since, d.created_at, d.expected_on, d.amount, d.amount_high, d.pushes, d.next_activity_at,
       d.probability, s.usual_days, coalesce(s.rots_after, p.rots_after), p.usual_pause, d.health, d.health_why::text,
       exists(select 1 from deal_contact c where c.workspace_id = d.workspace_id and c.deal_id = d.id and c.role = 'decides'),
       (select max(at) from (
          select max(started_at) as at from call where workspace_id = d.workspace_id and about_object = 'deal'
              and about_id = d.id and deleted_at is null
          union all select max(starts_at) from meeting where workspace_id = d.workspace_id and about_object = 'deal'
              and about_id = d.id and deleted_at is null and status <> 'cancelled' and starts_at <= %s::timestamptz
          union all select max(created_at) from note where workspace_id = d.workspace_id and about_object = 'deal'
              and about_id = d.id and deleted_at is null
          union all select max(done_at) from task where workspace_id = d.workspace_id and about_object = 'deal'
              and about_id = d.id and deleted_at is null
       ) a)
from deal d join stage s on s.workspace_id = d.workspace_id and s.id = d.stage_id
    join pipeline p on p.workspace_id = d.workspace_id and p.id = d.pipeline_id
where d.workspace_id = %s::bigint and d.id = any(%s::bigint[])
"""
_STAGES = """
select m.from_stage_id, greatest(1, round(percentile_cont(0.5) within group (order by m.seconds) / 86400))::int
from stage_move m join deal d on d.workspace_id = m.workspace_id and d.id = m.deal_id
where m.workspace_id = %s and m.from_stage_id is not null and d.status = 'won' and d.deleted_at is null and m.seconds is not null
group by m.from_stage_id having count(*) >= %s
"""
_PAUSES = """
with spoken as (
    select about_id, started_at as at from call where workspace_id = %(ws)s and about_object = 'deal' and deleted_at is null
    union all select about_id, starts_at from meeting where workspace_id = %(ws)s and about_object = 'deal' and deleted_at is null
        and status <> 'cancelled'
    union all select about_id, created_at from note where workspace_id = %(ws)s and about_object = 'deal' and deleted_at is null
    union all select about_id, done_at from task where workspace_id = %(ws)s and about_object = 'deal' and deleted_at is null
        and done_at is not null
), paused as (
    select d.pipeline_id, d.id, a.at - lag(a.at) over (partition by d.id order by a.at) as pause
    from spoken a join deal d on d.workspace_id = %(ws)s and d.id = a.about_id and d.status = 'won' and d.deleted_at is null
)
select pipeline_id, greatest(1, round(percentile_cont(0.5) within group (order by extract(epoch from pause)) / 86400))::int
from paused where pause is not null group by pipeline_id having count(distinct id) >= %(enough)s
"""


@dataclass(frozen=True)
class Standing:
    """What is known of one open deal, as the reasons read it. ``quiet`` and ``lies`` are days."""

    quiet: int
    lies: int
    probability: int
    pushes: int
    is_late: bool
    has_step: bool
    has_decider: bool
    fell: int
    pause: int
    usual: int | None


def reasons_of(deal: Standing) -> list[Reason]:
    """What takes points off: (reason, points, its figure, what is usual), the weightiest first."""
    found: list[Reason] = []
    if deal.quiet > deal.pause:
        found.append(("quiet", 10 * min(3, deal.quiet // deal.pause), deal.quiet, deal.pause))
    if deal.usual is not None and deal.lies > deal.usual:
        found.append(("aged", 10 * min(2, deal.lies // deal.usual), deal.lies, deal.usual))
    if deal.pushes:
        found.append(("pushed", min(24, 8 * deal.pushes), deal.pushes, 0))
    if deal.is_late:
        found.append(("late", 10, 0, 0))
    if not deal.has_step:
        found.append(("no_step", 15, 0, 0))
    if not deal.has_decider and deal.probability >= DECIDED_FROM:
        found.append(("no_decider", 10, 0, 0))
    if deal.fell >= 10:
        found.append(("fell", 15 if deal.fell >= 30 else 10, deal.fell, 0))
    return sorted(found, key=lambda reason: -reason[1])


def score(reasons: Sequence[Reason]) -> int:
    return max(0, 100 - sum(points for _, points, _, _ in reasons))


def say(reason: Sequence[Any]) -> Message:
    """A reason in words."""
    code, _, n, usual = reason
    match code:
        case "quiet":
            return msg("No activity for %(n)s days; %(usual)s are usual here.", n=n, usual=usual)
        case "aged":
            return msg("In this stage for %(n)s days; %(usual)s are usual.", n=n, usual=usual)
        case "pushed":
            return msg("The expected close was put off; times: %(n)s.", n=n)
        case "late":
            return msg("The expected close has passed.")
        case "no_step":
            return msg("No next step is planned.")
        case "no_decider":
            return msg("No decision maker is known.")
    return msg("The amount fell by %(n)s percent.", n=n)


def tone(health: int | None) -> str:
    """What a health is like, as a tone of the design tokens."""
    return "" if health is None else "good" if health >= 75 else "warn" if health >= WEAK else "bad"


def reckon(tenant: Tenant, deal_ids: Collection[int]) -> list[int]:
    """Reckon the health of these deals anew; return those whose health changed. One query and one statement."""
    if not deal_ids:
        return []
    now, today = clock.now(), clock.today(tenant.tz)
    changed = []
    for id, *facts, known, why, has_decider, spoken in fetch(
        _FACTS, [now, current_workspace_id(), sorted(deal_ids)]
    ):
        new = _reckoned(facts, has_decider, spoken, now, today)
        if new != (known, _read(why)):
            changed.append((id, new[0], [list(reason) for reason in new[1]]))
    update_rows(Deal, ("health", "health_why"), changed)
    return [id for id, *_ in changed]


def _read(why: str | None) -> list[Reason]:
    return [tuple(reason) for reason in orjson.loads(why or "[]")]


def _reckoned(
    facts: Sequence[Any], has_decider: bool, spoken: datetime | None, now: datetime, today: date
) -> tuple[int | None, list[Reason]]:
    status, since, created, expected, amount, high, pushes, step, probability, usual, rots, pause = facts
    if status != "open":
        return None, []
    fell = (high - amount) * 100 // high if high and high > 0 and amount is not None and amount < high else 0
    reasons = reasons_of(Standing(
        quiet=max(0, (now - max(filter(None, (spoken, since, created)))).days), lies=max(0, (now - since).days),
        probability=probability, pushes=pushes, is_late=expected is not None and expected < today,
        has_step=step is not None and step >= now, has_decider=has_decider, fell=int(fell),
        pause=pause or PAUSE, usual=usual or rots,
    ))  # fmt: skip
    return score(reasons), reasons


def learn() -> None:
    """Find anew what is usual in each pipeline and stage of the open workspace: two queries, a statement for each table."""
    with connection.cursor() as cursor:
        cursor.execute(_STAGES, [current_workspace_id(), ENOUGH])
        stages: dict[int, int] = dict(cursor.fetchall())
        cursor.execute(_PAUSES, {"ws": current_workspace_id(), "enough": ENOUGH})
        pipelines: dict[int, int] = dict(cursor.fetchall())
    known = Stage.objects.values_list("id", "usual_days")
    update_rows(
        Stage, ("usual_days",), [(id, stages.get(id)) for id, days in known if days != stages.get(id)]
    )
    paused = Pipeline.objects.values_list("id", "usual_pause")
    update_rows(
        Pipeline,
        ("usual_pause",),
        [(id, pipelines.get(id)) for id, days in paused if days != pipelines.get(id)],
    )
