"""The plans of one kind of period, and what each person earns by them in one such period. In sets: so many queries whatever
the number of people and deals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from peyvand.kernel import clock
from peyvand.operational.commissions.audience import managers, members
from peyvand.operational.commissions.facts import (
    Parts,
    Source,
    by_product,
    expected,
    facts_for,
    is_understood,
    meeting,
    shares_of,
    sources,
)
from peyvand.operational.commissions.models import (
    CommissionLine,
    CommissionMember,
    CommissionPlan,
    CommissionRate,
)
from peyvand.operational.commissions.reckoning import Fact, Line, Rate, Terms, override, reckon
from peyvand.operational.numbering.public import calendar_here
from peyvand.operational.targets.public import Quota
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.identity.models import User

# What a manager's share is reckoned from.
EARNED: Final = frozenset({"earned", "cap"})


class Book:
    """Plans with periods of a unit, read once. Lines of many periods may be asked of it.

    Nothing is reckoned by plans (``unclear``, by their chains) of which a condition is not understood any more.
    """

    def __init__(self, tenant: Tenant, unit: str) -> None:
        self.tenant, self.unit = tenant, unit
        self.plans = {
            plan.id: plan
            for plan in CommissionPlan.objects.filter(unit=unit, deleted_at__isnull=True).order_by(
                "starts_on", "id"
            )
        }
        self.unclear = frozenset(str(plan.chain) for plan in self.plans.values() if not is_understood(plan))
        rates: dict[int, list[Rate]] = defaultdict(list)
        for row in CommissionRate.objects.filter(plan_id__in=list(self.plans)).order_by(
            "plan_id", "position", "id"
        ):
            rates[row.plan_id].append(
                Rate(row.start, row.percent, row.fixed, row.reach, row.product_id, row.series)
            )
        self.terms = [
            _terms(plan, rates[plan.id])
            for plan in self.plans.values()
            if str(plan.chain) not in self.unclear
        ]

    def is_unclear(self, key: str) -> bool:
        """Whether the line with this key came of a plan by which nothing can be reckoned now."""
        return key.partition(":")[0] in self.unclear

    def active(self, start: date, end: date) -> dict[int, list[Terms]]:
        """The versions that hold on one of the days from ``start`` to before ``end``, by plan."""
        found: dict[int, list[Terms]] = defaultdict(list)
        for terms in self.terms:
            if terms.starts_on < end and (terms.ends_on is None or terms.ends_on >= start):
                found[terms.chain].append(terms)
        return found

    def lines(
        self, start: date, end: date, users: Collection[int] | None = None, *, ahead: bool = False
    ) -> dict[int, list[Line]]:
        """What everybody (or each of these users) earns in a period, by user. ``ahead``: with open deals too, as an estimate."""
        active = self.active(start, end)
        if not active:
            return {}
        seated = members([terms.plan for chain in active.values() for terms in chain], start, end)
        people = {m.user_id for some in seated.values() for m in some if users is None or m.user_id in users}
        found = self._found(active, start, end, users, ahead)
        deals = {source.deal for some in found.values() for source in some}
        shares = shares_of(deals) if deals else {}
        counted = {
            terms.plan: meeting(self.tenant, self.plans[terms.plan], {s.deal for s in found[terms.basis]})
            for chain in active.values()
            for terms in chain
        }
        parts = {basis: by_product(basis, found[basis]) for basis in _told_apart(active)}
        targets = self.targets(active, people, start)
        earned: dict[int, list[Line]] = defaultdict(list)
        for chain in active.values():
            theirs = _by_user(chain, seated, found, counted, shares, parts)
            for user in {m.user_id for terms in chain for m in seated[terms.plan]} & people:
                own = [terms.for_target(targets.get(user)) for terms in chain]
                earned[user] += reckon(own, theirs.get(user, ()))
        self._add_overrides(active, earned, start, users)
        return earned

    def _found(
        self,
        active: Mapping[int, list[Terms]],
        start: date,
        end: date,
        users: Collection[int] | None,
        ahead: bool,
    ) -> dict[str, list[Source]]:
        bases = sorted({terms.basis for chain in active.values() for terms in chain})
        found = {basis: sources(basis, start, end, users) for basis in bases}
        if ahead:
            today = clock.today(self.tenant.tz)
            for basis in bases:
                found[basis] += expected(basis, max(start, today), end, users)
        return found

    def targets(
        self, active: Mapping[int, list[Terms]], people: Collection[int], start: date
    ) -> dict[int | None, int | None]:
        """What each is to win in the period, where a plan asks for it."""
        if not any(terms.by_quota for chain in active.values() for terms in chain):
            return {}
        rows = Quota.objects.filter(
            deleted_at__isnull=True, owner_id__in=list(people), measure="won_amount", unit=self.unit, starts_on=start,
            calendar=calendar_here(), product__isnull=True, pipeline__isnull=True,
        )  # fmt: skip
        return dict(rows.values_list("owner_id", "amount"))

    def _add_overrides(
        self,
        active: Mapping[int, list[Terms]],
        earned: dict[int, list[Line]],
        start: date,
        users: Collection[int] | None,
    ) -> None:
        giving = {
            chain: versions[-1] for chain, versions in active.items() if versions[-1].override is not None
        }
        if not giving:
            return
        leads = managers(earned)
        fixed = self._fixed_overrides(start)
        names = dict(User.objects.filter(id__in=list(earned)).values_list("id", "name"))
        for user, lines in sorted(earned.items()):
            for chain, terms in giving.items():
                lead = fixed.get((chain, user), leads.get(user))
                if lead is None or lead == user or (users is not None and lead not in users):
                    continue
                sum_ = sum(line.amount for line in lines if line.kind in EARNED and _chain(line) == chain)
                if (line := override(terms, user, names.get(user, ""), sum_)) is not None:
                    earned[lead].append(line)

    def _fixed_overrides(self, start: date) -> dict[tuple[int, int], int]:
        """Who had a manager's share of whom in this period when it was submitted."""
        rows = CommissionLine.objects.filter(kind="override", period=start, statement__unit=self.unit)
        found = {}
        for key, owner in rows.exclude(statement__status="draft").values_list("key", "statement__owner_id"):
            chain, _word, user = key.split(":")
            found[int(chain), int(user)] = owner
        return found


def _terms(plan: CommissionPlan, rates: list[Rate]) -> Terms:
    return Terms(
        plan.id, plan.chain, plan.starts_on, plan.ends_on, plan.way, plan.basis, plan.by_quota, tuple(rates), plan.most, plan.least,
        plan.is_draw, plan.override, plan.name,
    )  # fmt: skip


def terms_of(plan: CommissionPlan) -> Terms:
    """One plan as it is reckoned with."""
    rows = CommissionRate.objects.filter(plan_id=plan.id).order_by("position", "id")
    return _terms(plan, [Rate(r.start, r.percent, r.fixed, r.reach, r.product_id, r.series) for r in rows])


def _chain(line: Line) -> int:
    return int(line.key.partition(":")[0])


def _told_apart(active: Mapping[int, list[Terms]]) -> set[str]:
    """The bases of plans with rates of their own for products."""
    return {
        terms.basis
        for chain in active.values()
        for terms in chain
        if any(r.product or r.series for r in terms.rates)
    }


def _by_user(
    chain: list[Terms], seated: Mapping[int, list[CommissionMember]], found: Mapping[str, list[Source]],
    counted: Mapping[int, frozenset[int]], shares: Mapping[int, Mapping[int, Decimal]], parts: Mapping[str, Parts],
) -> dict[int, list[Fact]]:  # fmt: skip
    """The facts of each member of a plan: those of the days on which a version held and they were in it."""
    facts: dict[int, list[Fact]] = defaultdict(list)
    lanes = [terms for terms in chain if any(r.product or r.series for r in terms.rates)]
    for terms in chain:
        stays: dict[int, list[CommissionMember]] = defaultdict(list)
        for member in seated[terms.plan]:
            stays[member.user_id].append(member)
        for source in found[terms.basis]:
            if not terms.holds(source.day) or source.deal not in counted[terms.plan]:
                continue
            for user in shares.get(source.deal, {}):
                if any(
                    m.since <= source.day and (m.until is None or source.day <= m.until)
                    for m in stays.get(user, ())
                ):
                    facts[user] += facts_for(
                        lanes, source, shares[source.deal], parts.get(terms.basis, {}), user
                    )
    return facts
