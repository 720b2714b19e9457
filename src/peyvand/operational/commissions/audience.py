"""For whom plans are, day by day: users named, teams with those beneath them, roles. Whoever joins or leaves is written down."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta

from django.db.models import Min, Q

from peyvand.operational.commissions.models import CommissionMember, CommissionPlan, CommissionSeat
from peyvand.platform.identity.models import Team, User


def keep_members(plans: Sequence[CommissionPlan], today: date, *, are_new: bool = False) -> None:
    """Bring the members of plans up to date: who joins a team is in from today, whoever is named (or in a team when the plan is
    made) from the plan's first day, who leaves was in until yesterday. Five queries, whatever the number of plans."""
    asked = [
        plan for plan in plans if plan.deleted_at is None and (plan.ends_on is None or plan.ends_on >= today)
    ]
    if not asked:
        return
    named, wanted = _wanted(asked)
    known: dict[int, set[int]] = defaultdict(set)
    now: dict[tuple[int, int], CommissionMember] = {}
    for member in CommissionMember.objects.filter(plan_id__in=[plan.id for plan in asked]):
        known[member.plan_id].add(member.user_id)
        if member.until is None:
            now[member.plan_id, member.user_id] = member
    new, gone = [], []
    for plan in asked:
        for user in sorted(wanted[plan.id]):
            if (plan.id, user) not in now:
                is_first = are_new or (user in named[plan.id] and user not in known[plan.id])
                since = plan.starts_on if is_first else max(today, plan.starts_on)
                new.append(CommissionMember(plan_id=plan.id, user_id=user, since=since))
    for (plan_id, user), member in now.items():
        if user not in wanted[plan_id]:
            member.until = today - timedelta(days=1)
            gone.append(member)
    CommissionMember.objects.bulk_update(gone, ["until"])
    CommissionMember.objects.bulk_create(new)


def begin_anew(plan: CommissionPlan) -> None:
    """Let those who were in a plan from its first day be in it from what is its first day now."""
    rows = CommissionMember.objects.filter(plan_id=plan.id)
    first = rows.aggregate(day=Min("since"))["day"]
    if first is not None and first != plan.starts_on:
        rows.filter(since=first).update(since=plan.starts_on)


def _wanted(plans: Sequence[CommissionPlan]) -> tuple[Mapping[int, set[int]], Mapping[int, set[int]]]:
    """Users named by each plan, and all for whom it is now."""
    users = list(
        User.objects.filter(is_active=True, deleted_at__isnull=True).values_list("id", "team_id", "role_id")
    )
    beneath = _beneath()
    here = {id for id, _team, _role in users}
    named: dict[int, set[int]] = defaultdict(set)
    wanted: dict[int, set[int]] = defaultdict(set)
    for seat in CommissionSeat.objects.filter(plan_id__in=[plan.id for plan in plans]):
        if seat.user_id is not None:
            named[seat.plan_id] |= {seat.user_id} & here
            found = named[seat.plan_id]
        elif seat.team_id is not None:
            teams = beneath[seat.team_id]
            found = {id for id, team, _role in users if team in teams}
        else:
            found = {id for id, _team, role in users if role == seat.role_id}
        wanted[seat.plan_id] |= found
    return named, wanted


def _beneath() -> Mapping[int, set[int]]:
    """Each team with all that lie in it, however deep."""
    children: dict[int | None, list[int]] = defaultdict(list)
    teams = list(Team.objects.values_list("id", "parent_id"))
    for id, parent in teams:
        children[parent].append(id)
    found: dict[int, set[int]] = defaultdict(set)
    for root, _parent in teams:
        waiting = [root]
        while waiting:
            team = waiting.pop()
            if team not in found[root]:
                found[root].add(team)
                waiting += children[team]
    return found


def members(plans: Collection[int], start: date, end: date) -> dict[int, list[CommissionMember]]:
    """The memberships of these plans that touch the days from ``start`` to before ``end``, by plan."""
    found: dict[int, list[CommissionMember]] = defaultdict(list)
    touching = Q(until__isnull=True) | Q(until__gte=start)
    for member in CommissionMember.objects.filter(touching, plan_id__in=list(plans), since__lt=end).order_by(
        "id"
    ):
        found[member.plan_id].append(member)
    return found


def managers(users: Collection[int]) -> dict[int, int]:
    """To whom each of these users reports."""
    rows = User.objects.filter(id__in=list(users), manager__isnull=False)
    return dict(rows.values_list("id", "manager_id"))
