"""A team as its manager sees it: what each has in hand and does, deals that stand still and why, where they stand still."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final

from django.db.models import Count, DurationField, ExpressionWrapper, F, IntegerField, Q, Sum, Value
from django.db.models.functions import Coalesce

from peyvand.kernel import clock
from peyvand.kernel.errors import Message, msg
from peyvand.kernel.persian.calendar import Calendar, period
from peyvand.operational.activities.public import CALL, MEETING, TASK
from peyvand.operational.sales.public import DEAL
from peyvand.operational.targets.models import Quota
from peyvand.operational.targets.outcomes import deals_seen
from peyvand.operational.targets.periods import Span
from peyvand.platform.access.decisions import decide, visible
from peyvand.platform.access.rules import reaches_all
from peyvand.platform.identity.actor import Actor
from peyvand.platform.identity.models import User

STALLED: Final = 25
# Nothing was written about a deal for so long.
SILENT: Final = timedelta(days=21)
NEEDS: Final = frozenset({"status", "owner", "stage", "next_activity_at", "expected_on"})


@dataclass
class Member:
    """One person: what they have in hand, what they did this week and the week before, and what is left undone.

    Amounts are minor units; ``target`` is of the quarter, None where none is set.
    """

    id: int
    name: str
    open_count: int = 0
    open_amount: int = 0
    weighted: int = 0
    ahead: int = 0
    won_amount: int = 0
    won_count: int = 0
    target: int | None = None
    done: dict[str, tuple[int, int]] = field(
        default_factory=lambda: dict.fromkeys(("call", "meeting", "task"), (0, 0))
    )
    overdue: int = 0
    stepless: int = 0

    @property
    def coverage(self) -> float | None:
        """How often what is open, and expected this quarter, covers what is missing to the target."""
        if self.target is None:
            return None
        missing = self.target - self.won_amount
        return self.ahead / missing if missing > 0 else None

    @property
    def activities(self) -> int:
        return sum(now for now, _before in self.done.values())

    @property
    def activities_before(self) -> int:
        return sum(before for _now, before in self.done.values())


@dataclass(frozen=True)
class Stalled:
    """An open deal that stands still, and why one would say so."""

    id: int
    name: str
    owner: str
    stage: str
    amount: int | None
    days: int
    reasons: list[Message]


def people_of(actor: Actor) -> list[tuple[int, str]]:
    """Those over whom the actor looks: who reports to them and whom their teams hold; the whole workspace for who sees all
    and has nobody of their own. Empty for who has nobody beneath and does not see everybody."""
    users = User.objects.filter(deleted_at__isnull=True, is_active=True)
    if len(actor.below_user_ids) > 1:
        users = users.filter(
            id__in=actor.below_user_ids | (actor.team_user_ids if leads(actor) else frozenset())
        )
    elif not reaches_all(actor, "deal.view"):
        return []
    return list(users.order_by("name", "id").values_list("id", "name"))


def leads(actor: Actor) -> bool:
    """Whether somebody reports to the actor."""
    return len(actor.below_user_ids) > 1


def may_look(actor: Actor) -> bool:
    """Whether there is a team to look at, and all that its board tells may be known."""
    if not decide(actor, "deal.view") or actor.grants.hides(DEAL.key) & NEEDS:
        return False
    return leads(actor) or reaches_all(actor, "deal.view")


def weeks(today: date, calendar: Calendar) -> tuple[date, date, date]:
    """The first day of last week, of this one and of the next."""
    start, end = period("week", today, calendar)
    return start - timedelta(days=7), start, end


def board(actor: Actor, people: Sequence[tuple[int, str]], quarter: Span, calendar: Calendar) -> list[Member]:
    """The people in their order, in a handful of statements however many they are."""
    members = {id: Member(id, name) for id, name in people}
    _add_deals(actor, members, quarter)
    _add_targets(actor, members, quarter)
    _add_activities(actor, members, calendar)
    return list(members.values())


def _add_deals(actor: Actor, members: dict[int, Member], quarter: Span) -> None:
    is_open = Q(status="open")
    expected = is_open & Q(expected_on__gte=quarter.start, expected_on__lt=quarter.end)
    won = Q(status="won", closed_on__gte=quarter.start, closed_on__lt=quarter.end)
    rows = deals_seen(actor, owners=members).filter(is_open | won).values("owner_id").annotate(
        n=Count("id", filter=is_open), amount_=Sum("amount", filter=is_open), weighted_=Sum("weighted", filter=is_open),
        ahead=Sum("amount", filter=expected), won=Sum("amount", filter=won), won_n=Count("id", filter=won),
        stepless=Count("id", filter=is_open & Q(next_activity_at__isnull=True)),
    )  # fmt: skip
    for row in rows:
        member = members[row["owner_id"]]
        member.open_count, member.won_count, member.stepless = row["n"], row["won_n"], row["stepless"]
        member.open_amount, member.weighted = int(row["amount_"] or 0), int(row["weighted_"] or 0)
        member.ahead, member.won_amount = int(row["ahead"] or 0), int(row["won"] or 0)


def _add_targets(actor: Actor, members: dict[int, Member], quarter: Span) -> None:
    """The quarter's own quotas; else what the quotas of its months come to."""
    if not decide(actor, "quota.view"):
        return
    rows = visible(actor, "quota", Quota.objects.filter(
        deleted_at__isnull=True, measure="won_amount", owner_id__in=list(members), starts_on__gte=quarter.start,
        ends_on__lt=quarter.end, unit__in=("month", "quarter"), product__isnull=True, pipeline__isnull=True,
    ))  # fmt: skip
    sums = rows.order_by().values("owner_id", "unit").annotate(amount_=Sum("amount"))
    for row in sorted(sums, key=lambda row: str(row["unit"])):
        members[row["owner_id"]].target = int(row["amount_"])


def _add_activities(actor: Actor, members: dict[int, Member], calendar: Calendar) -> None:
    now, tz = clock.now(), actor.tenant.tz
    before, this, after = (datetime.combine(day, time(), tz) for day in weeks(clock.today(tz), calendar))
    for spec, at, counts in (
        (CALL, "started_at", Q()),
        (MEETING, "starts_at", Q(status="held")),
        (TASK, "done_at", Q(status="done")),
    ):
        if not decide(actor, f"{spec.key}.view"):
            continue
        rows = visible(
            actor, spec.key, spec.rows.filter(counts, deleted_at__isnull=True, owner_id__in=list(members))
        )
        found = rows.filter(**{f"{at}__gte": before, f"{at}__lt": after}).order_by().values("owner_id").annotate(
            now=Count("id", filter=Q(**{f"{at}__gte": this})), past=Count("id", filter=Q(**{f"{at}__lt": this}))
        )  # fmt: skip
        for row in found:
            members[row["owner_id"]].done[spec.key] = (row["now"], row["past"])
    if decide(actor, "task.view"):
        late = TASK.rows.filter(
            deleted_at__isnull=True, status="open", due_at__lt=now, owner_id__in=list(members)
        )
        for id, count in (
            visible(actor, TASK.key, late).order_by().values_list("owner_id").annotate(Count("id"))
        ):
            members[id].overdue = count


def _resting(now: datetime) -> Q:
    """That a deal lies in its stage longer than it may."""
    days = Coalesce(F("stage__rots_after"), F("pipeline__rots_after"), output_field=IntegerField())
    allowed = ExpressionWrapper(days * Value(timedelta(days=1)), output_field=DurationField())
    return Q(stage_since__lt=Value(now) - allowed)


def stalled(actor: Actor, people: Collection[int]) -> list[Stalled]:
    """Open deals of these people that stand still, those worth most first, each with what speaks for it."""
    now, today = clock.now(), clock.today(actor.tenant.tz)
    rows = deals_seen(actor, owners=people).filter(status="open")
    rests = _resting(now)
    forgotten = Q(next_activity_at__isnull=True, updated_at__lt=now - SILENT)
    still = rows.filter(rests | forgotten | Q(expected_on__lt=today) | Q(next_activity_at__lt=now))
    rotten = set(still.filter(rests).values_list("id", flat=True))
    columns = (
        "id",
        "name",
        "owner__name",
        "stage__name",
        "amount",
        "stage_since",
        "expected_on",
        "next_activity_at",
        "updated_at",
    )
    found = []
    shows_money = "amount" not in actor.grants.hides(DEAL.key)
    order = (F("amount").desc(nulls_last=True), "id") if shows_money else ("stage_since", "id")
    for id, name, owner, stage, amount, since, expected, step, touched in still.order_by(*order).values_list(
        *columns
    )[:STALLED]:
        days = (now - since).days
        reasons = []
        if id in rotten:
            reasons.append(msg("%(days)s d in its stage, over its limit", days=days))
        if expected is not None and expected < today:
            reasons.append(msg("%(days)s d past its expected day", days=(today - expected).days))
        if step is None:
            reasons.append(msg("no next step"))
        elif step < now:
            reasons.append(msg("its next step is overdue"))
        if now - touched > SILENT:
            reasons.append(msg("unchanged for %(days)s days", days=(now - touched).days))
        found.append(Stalled(id, name, owner or "", stage, amount if shows_money else None, days, reasons))
    return found
