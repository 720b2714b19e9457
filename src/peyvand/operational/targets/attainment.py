"""How far quotas are reached: for all that are asked about in one statement for each measure, whatever the number of deals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db import connection

from peyvand.kernel.money import currency, whole
from peyvand.kernel.numbers import rounded
from peyvand.operational.targets.models import Quota
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.workspaces.scope import current_workspace_id

# The people of a quota: its owner, or those of its team and the teams beneath; without both nobody is asked for.
_PEOPLE: Final = """
    with recursive tree as (
        select t.id as root, t.id from team t where t.workspace_id = %(ws)s
        union
        select r.root, t.id from team t join tree r on t.parent_id = r.id where t.workspace_id = %(ws)s
    ), q as (
        select q.* from quota q where q.workspace_id = %(ws)s and q.id = any(%(ids)s)
    ), member as (
        select q.id as quota_id, u.id as user_id from q join app_user u on u.workspace_id = %(ws)s
            and (u.id = q.owner_id or (q.owner_id is null and u.team_id in (select id from tree where root = q.team_id)))
    )
"""
_OURS: Final = """(q.owner_id is null and q.team_id is null
    or exists (select 1 from member m where m.quota_id = q.id and m.user_id = {owner}))"""
_NARROWED: Final = """d.workspace_id = %(ws)s and d.deleted_at is null and (q.pipeline_id is null or d.pipeline_id = q.pipeline_id)
    and (q.product_id is null or exists (select 1 from deal_line l
        where l.workspace_id = %(ws)s and l.deal_id = d.id and l.product_id = q.product_id))"""
# What a deal counts for a quota: all of it, or what its lines of the quota's product come to.
_WORTH: Final = """case when q.product_id is null then d.amount else (select sum(l.amount) from deal_line l
    where l.workspace_id = %(ws)s and l.deal_id = d.id and l.product_id = q.product_id) end"""
_MIDNIGHT: Final = "({day})::timestamp at time zone %(tz)s"
# A deal counts for each by their share of it, as the team of the deal says; what rounding leaves goes to the largest remainders.
_WON: Final = f"""{_PEOPLE}, w as (
        select q.id as quota_id, q.owner_id is null and q.team_id is null as is_whole, d.id as deal_id, d.owner_id, coalesce({_WORTH}, 0) as worth
        from q join deal d on {_NARROWED} and d.status = 'won' and d.closed_on between q.starts_on and q.ends_on
        where {_OURS.format(owner="d.owner_id")} or exists (select 1 from deal_member c join member m on m.user_id = c.user_id
            where m.quota_id = q.id and c.workspace_id = %(ws)s and c.deal_id = d.id and c.share > 0)
    ), given as (
        select c.deal_id, c.user_id, c.share from deal_member c
        where c.workspace_id = %(ws)s and c.share > 0 and c.deal_id in (select deal_id from w)
    ), share as (
        select deal_id, user_id, sum(share) as share from (
            select * from given union all
            select d.deal_id, d.owner_id, 100 - coalesce((select sum(g.share) from given g where g.deal_id = d.deal_id), 0)
            from (select distinct deal_id, owner_id from w) d where d.owner_id is not null
        ) s group by deal_id, user_id having sum(share) > 0
    ), exact as (
        select w.quota_id, w.deal_id, s.user_id, w.worth * s.share / 100 as part from w join share s using (deal_id) where not w.is_whole
    ), part as (
        select e.*, floor(e.part) + case when row_number() over (partition by quota_id, deal_id order by floor(part) - part, user_id)
            <= sum(part - floor(part)) over (partition by quota_id, deal_id) then 1 else 0 end as whole from exact e
    )
    select p.quota_id, sum(p.whole), count(distinct p.deal_id) from part p join member m using (quota_id, user_id) group by 1
    union all
    select w.quota_id, sum(w.worth), count(*) from w where w.is_whole group by 1"""  # noqa: S608 declared here
_NEW: Final = f"""{_PEOPLE} select q.id, count(*) from q join deal d on {_NARROWED}
    and d.created_at >= {_MIDNIGHT.format(day="q.starts_on")} and d.created_at < {_MIDNIGHT.format(day="q.ends_on + 1")}
    where {_OURS.format(owner="d.owner_id")} group by q.id"""  # noqa: S608 declared here
_HELD: Final = f"""{_PEOPLE} select q.id, count(*) from q join (
        select owner_id, done_at as at from task where workspace_id = %(ws)s and deleted_at is null and status = 'done'
        union all
        select owner_id, starts_at from meeting where workspace_id = %(ws)s and deleted_at is null and status = 'held'
        union all
        select owner_id, started_at from call where workspace_id = %(ws)s and deleted_at is null
    ) a on a.at >= {_MIDNIGHT.format(day="q.starts_on")} and a.at < {_MIDNIGHT.format(day="q.ends_on + 1")}
    where {_OURS.format(owner="a.owner_id")} group by q.id"""  # noqa: S608 declared here
_AHEAD: Final = f"""{_PEOPLE} select q.id, round(coalesce(sum({_WORTH}::numeric * d.probability / 100), 0)), coalesce(sum(d.probability), 0)
    from q join deal d on {_NARROWED} and d.status = 'open' and d.expected_on between q.starts_on and q.ends_on
    where {_OURS.format(owner="d.owner_id")} group by q.id"""  # noqa: S608 declared here
STATEMENTS: Final = {
    "won_amount": _WON,
    "won_count": _WON,
    "new_deals": _NEW,
    "activities": _HELD,
}  # fmt: skip


@dataclass(frozen=True)
class Attainment:
    """How far a quota is reached. Amounts are minor units where the measure is one, else plain numbers.

    ``expected`` is what would be on the way by today, by working days; ``forecast`` what the period may end with. Both are
    estimates: of amounts in whole units that people speak of; of won deals ``forecast`` is to a tenth, for a deal that
    is half sure is half a deal. They are rounded here, so that the sum of what is shown is what is shown of the sum.
    """

    quota: Quota
    reached: int
    expected: int
    forecast: int | Decimal

    @property
    def target(self) -> int:
        return target_of(self.quota)

    @property
    def share(self) -> float | None:
        return self.reached / self.target if self.target else None

    @property
    def pace(self) -> float | None:
        """The share of the target that would be reached by today, 0 to 1."""
        return self.expected / self.target if self.target else None

    @property
    def gap(self) -> int:
        """What is missing to the target; 0 when it is reached."""
        return max(0, self.target - self.reached)

    @property
    def tone(self) -> str:
        """Reached and on the way are good; behind by more than a fifth of what is expected is bad."""
        if self.reached >= min(self.target, self.expected):
            return "good"
        return "bad" if self.reached * 5 < self.expected * 4 else "warn"


def target_of(quota: Quota) -> int:
    """The number to be reached, in the unit of its measure."""
    return int((quota.amount if quota.measure == "won_amount" else quota.number) or 0)


def reached(tenant: Tenant, quotas: Iterable[Quota]) -> dict[int, int]:
    """What each quota has come to so far, by id."""
    by_measure: dict[str, list[int]] = {}
    for quota in quotas:
        by_measure.setdefault(quota.measure, []).append(quota.id)
    found: dict[int, int] = {}
    for measure, ids in by_measure.items():
        # Of won deals both are told: what they come to, and how many they are.
        which = 1 if measure == "won_count" else 0
        rows = _ask(STATEMENTS[measure], tenant, ids)
        found |= dict.fromkeys(ids, 0) | {id: int(values[which] or 0) for id, *values in rows}
    return found


def attainments(
    tenant: Tenant, quotas: Sequence[Quota], today: date, working: Sequence[date]
) -> list[Attainment]:
    """How far the quotas are reached, in their order. ``working`` are the working days of all their periods."""
    so_far = reached(tenant, quotas)
    ahead = {
        id: rest for id, *rest in _ask(_AHEAD, tenant, [q.id for q in quotas if q.measure.startswith("won")])
    }
    found = []
    for quota in quotas:
        days = [day for day in working if quota.starts_on <= day <= quota.ends_on]
        gone = sum(day <= today for day in days)
        have, target = so_far[quota.id], target_of(quota)
        expected = target * gone // len(days) if days else target if today > quota.ends_on else 0
        if quota.measure == "won_amount":
            expected = whole(expected, currency(tenant.currency), tenant.money_unit)
        forecast: int | Decimal
        if today > quota.ends_on:
            forecast = have
        elif quota.measure == "won_amount":
            open_amount = int(ahead.get(quota.id, (0, 0))[0])
            forecast = have + whole(open_amount, currency(tenant.currency), tenant.money_unit)
        elif quota.measure == "won_count":
            forecast = have + rounded(Decimal(ahead.get(quota.id, (0, 0))[1]) / 100, 1)
        else:
            forecast = have * len(days) // gone if gone else have
        found.append(Attainment(quota, have, expected, forecast))
    return found


def _ask(statement: str, tenant: Tenant, ids: Sequence[int]) -> list[tuple[Any, ...]]:
    if not ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(statement, {"ws": current_workspace_id(), "ids": list(ids), "tz": tenant.timezone})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def days_between(start: date, end: date) -> list[date]:
    """Every day from ``start`` to ``end``, both inside."""
    return [start + timedelta(days=n) for n in range((end - start).days + 1)]
