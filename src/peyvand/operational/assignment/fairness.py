"""Whether a rule is fair: what each got against the share that was meant for them, in plain figures.

A record that was given in turn had some people to choose from; of it each of them is meant to have a share by weight. One that
was given by load is meant for whoever had the least open for their weight just then, shared where several had. The sum of
these is what somebody would have; twice the spread of chance around it is the room in which nobody need wonder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from math import sqrt
from typing import Final

from django.db import connection
from django.db.models import Count

from peyvand.kernel import clock
from peyvand.kernel.numbers import rounded
from peyvand.operational.assignment.models import AssignmentEntry, AssignmentRule
from peyvand.operational.assignment.pools import open_counts
from peyvand.operational.assignment.rules import kind_named
from peyvand.operational.availability.public import working_periods
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.models import User
from peyvand.platform.workspaces.scope import current_workspace_id

_SHARES: Final = """
with asked as (
    select e.id, e.user_id = s.key::bigint as got, s.key::bigint as asked_user, s.value::numeric as weight,
        case when e.why->>'code' = 'load' then coalesce(
            (select p->'params'->>'count' from jsonb_array_elements(e.passed) p where p->>'user' = s.key limit 1),
            e.why->'params'->>'count'
        )::numeric / s.value::numeric end as load
    from assignment_entry e cross join lateral jsonb_each_text(e.shares) s
    where e.workspace_id = %s and e.rule_id = %s and e.at >= %s and e.at < %s and e.user_id is not null
), compared as (
    select *, load is null or load = min(load) over (partition by id) as could from asked
), shared as (
    select *, case when could then weight / sum(weight) filter (where could) over (partition by id) else 0 end as part from compared
)
select asked_user, sum(part), sum(part * (1 - part)), count(*), count(*) filter (where got) from shared group by 1"""


@dataclass(frozen=True)
class Part:
    """One person's part: ``turns`` of ``chances`` that they could have had, where ``meant`` would have been theirs, give or
    take ``room``; ``others`` came to them without a choice. ``hours`` they worked, ``load`` they have open now."""

    user: int
    name: str
    turns: int
    chances: int
    meant: float
    room: float
    others: int
    hours: float
    load: int

    @property
    def given(self) -> int:
        return self.turns + self.others

    @property
    def shown_meant(self) -> Decimal:
        return rounded(self.meant, 1 if self.meant < 10 else 0)

    @property
    def shown_room(self) -> Decimal:
        return rounded(self.room, 0)

    @property
    def shown_hours(self) -> Decimal:
        return rounded(self.hours, 0)

    @property
    def verdict(self) -> str:
        """ "fair", or on which side of their room they are: "more" or "less"."""
        if abs(self.turns - self.meant) <= self.room:
            return "fair"
        return "more" if self.turns > self.meant else "less"


def parts(ctx: Context, rule: AssignmentRule, since: datetime, until: datetime) -> list[Part]:
    """Everybody's part in what a rule gave out between two moments, who got most first."""
    with connection.cursor() as cursor:
        cursor.execute(_SHARES, [current_workspace_id(), rule.id, since, until])
        shares = {user: tuple(rest) for user, *rest in cursor.fetchall()}
    entries = AssignmentEntry.objects.filter(rule=rule, at__gte=since, at__lt=until, user__isnull=False)
    unasked = entries.filter(shares={}).order_by().values_list("user_id")
    others: dict[int, int] = dict(unasked.annotate(n=Count("id")))
    users = shares.keys() | others.keys()
    names = dict(User.objects.filter(id__in=users).values_list("id", "name"))
    loads = open_counts(ctx, kind_named(rule.object), users)
    worked = working_periods(list(users), since, min(until, clock.now()))
    found = []
    for user in users:
        meant, spread, chances, turns = shares.get(user, (0, 0, 0, 0))
        hours = sum((end - start for start, end in worked[user]), timedelta(0)) / timedelta(hours=1)
        # Whole records are given: less than one is no difference.
        room = max(1.0, 2 * sqrt(float(spread)))
        found.append(
            Part(
                user,
                names.get(user, ""),
                turns,
                chances,
                float(meant),
                room,
                others.get(user, 0),
                hours,
                loads[user],
            )
        )
    return sorted(found, key=lambda part: (-part.given, part.name))


def given_to(
    rule: AssignmentRule, user: int, since: datetime, until: datetime, most: int
) -> Sequence[AssignmentEntry]:
    """What a rule gave to one person, the newest first."""
    rows = AssignmentEntry.objects.filter(rule=rule, user_id=user, at__gte=since, at__lt=until)
    return list(rows.order_by("-id")[:most])
