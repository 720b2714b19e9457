"""The pool of a rule: who is in it, who is there now, what each has open. A few queries, whatever is given out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet

from peyvand.kernel import clock
from peyvand.kernel.conditions import parse
from peyvand.kernel.persian.text import fold
from peyvand.operational.assignment.fields import OPEN
from peyvand.operational.assignment.models import AssignmentRule, AssignmentSeat, AssignmentTurns, Skill
from peyvand.operational.assignment.turns import Turns
from peyvand.operational.availability.public import away, is_working, next_working
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import system_actor
from peyvand.platform.identity.models import User
from peyvand.platform.objects.filters import compile_condition
from peyvand.platform.objects.spec import ObjectSpec


@dataclass(frozen=True)
class Seat:
    weight: int
    most_open: int | None


@dataclass
class Presence:
    """Who of some active users could be given something at a moment."""

    names: Mapping[int, str]
    away: Collection[int]
    working: Collection[int]
    soonest: Mapping[int, datetime]


@dataclass
class Pool:
    """What a rule chooses from; ``load`` grows with what is given out."""

    rule: AssignmentRule
    seats: dict[int, Seat]
    turns: Turns
    load: dict[int, int] = field(default_factory=dict)
    skills: Mapping[int, frozenset[str]] = field(default_factory=dict)

    @property
    def weights(self) -> dict[int, int]:
        return {user: seat.weight for user, seat in self.seats.items()}


def read_pool(ctx: Context, rule: AssignmentRule, spec: ObjectSpec) -> Pool:
    """The pool with its turns; whoever calls this holds the name of the object (assigning.held)."""
    seats = seats_of([rule])[rule.id]
    kept = AssignmentTurns.objects.filter(rule=rule).first()
    turns = Turns.read(kept.places if kept else {})
    skills = _skills(seats, rule) if rule.skill_from else {}
    return Pool(rule, seats, turns, open_counts(ctx, spec, seats), skills)


def keep_turns(pool: Pool) -> None:
    """Remember whose turn it is; of users who left the pool nothing is kept."""
    places = {
        key: place for key, place in pool.turns.places.items() if int(key.partition(":")[0]) in pool.seats
    }
    AssignmentTurns.objects.update_or_create(rule=pool.rule, defaults={"places": places})


def presence(users: Collection[int]) -> Presence:
    """Who of these users is active, away today, at work now, and when the others begin."""
    now = clock.now()
    names = dict(
        User.objects.filter(id__in=users, is_active=True, deleted_at__isnull=True).values_list("id", "name")
    )
    working = is_working(names, now)
    idle = [user for user in names if user not in working]
    return Presence(names, set(away(names, now)), working, next_working(idle, now) if idle else {})


def open_rows(ctx: Context, spec: ObjectSpec) -> QuerySet[Any]:
    """The records of an object that are open, and so somebody's work."""
    rows = spec.rows.filter(deleted_at__isnull=True)
    said = OPEN.get(spec.key)
    if said is None:
        return rows
    return rows.filter(compile_condition(parse(said, spec.condition_schema), spec, system_actor(ctx.tenant)))


def open_counts(ctx: Context, spec: ObjectSpec, users: Collection[int]) -> dict[int, int]:
    """How many open records each user owns."""
    rows = open_rows(ctx, spec).filter(owner_id__in=list(users))
    found = dict(rows.order_by().values_list("owner_id").annotate(n=Count("id")))
    return {user: found.get(user, 0) for user in users}


def seats_of(rules: Sequence[AssignmentRule]) -> dict[int, dict[int, Seat]]:
    """Active users by their seats, for each rule: a user's own goes before their team's, a team's before the rule's team."""
    rows = list(AssignmentSeat.objects.filter(rule__in=rules, deleted_at__isnull=True).order_by("id"))
    teams = {row.team_id for row in rows if row.team_id} | {rule.team_id for rule in rules if rule.team_id}
    active = User.objects.filter(is_active=True, deleted_at__isnull=True)
    members: dict[int, list[int]] = defaultdict(list)
    for user, team in active.filter(team_id__in=teams).order_by("id").values_list("id", "team_id"):
        members[team].append(user)
    named = {row.user_id for row in rows if row.user_id}
    single = set(active.filter(id__in=named).values_list("id", flat=True)) if named else set()
    found: dict[int, dict[int, Seat]] = {}
    for rule in rules:
        seats = dict.fromkeys(members[rule.team_id] if rule.team_id else (), Seat(1, rule.most_open))
        for row in sorted((r for r in rows if r.rule_id == rule.id), key=lambda r: r.user_id is not None):
            users = members[row.team_id] if row.team_id else [row.user_id] if row.user_id in single else []
            seats |= dict.fromkeys(users, Seat(row.weight, row.most_open or rule.most_open))
        found[rule.id] = dict(sorted(seats.items()))
    return found


def _skills(users: Collection[int], rule: AssignmentRule) -> dict[int, frozenset[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    rows = Skill.objects.filter(
        user_id__in=list(users), level__gte=rule.least_level or 1, deleted_at__isnull=True
    )
    for user, name in rows.values_list("user_id", "name"):
        found[user].add(fold(name))
    return {user: frozenset(names) for user, names in found.items()}
