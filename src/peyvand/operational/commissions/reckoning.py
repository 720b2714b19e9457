"""What somebody earns: a plan and facts become lines with reasons. Nothing is read or written here.

Amounts are minor units. Each line is rounded by itself, half up, and so can be reckoned again by hand; a sum is that of its lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import Any

from peyvand.operational.sales.public import split

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Rate:
    """From ``start`` of the period's sum on: a percentage, and a fixed amount for a deal. ``reach`` is the share of the quota
    that ``start`` follows from. Of a product or series alone, where it names one."""

    start: int = 0
    percent: Decimal = NOTHING
    fixed: int = 0
    reach: Decimal = NOTHING
    product: int | None = None
    series: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """One version of a plan: who is in it is said elsewhere. ``way``: flat, marginal (each step for what lies in it) or whole
    (the step reached, for all)."""

    plan: int
    chain: int
    starts_on: date
    ends_on: date | None = None
    way: str = "flat"
    basis: str = "won"
    by_quota: bool = False
    rates: tuple[Rate, ...] = ()
    most: int | None = None
    least: int | None = None
    is_draw: bool = False
    override: Decimal | None = None
    name: str = ""
    # Steps are shares of a quota, and there is none.
    has_no_quota: bool = False

    def holds(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)

    def for_target(self, target: int | None) -> Terms:
        """Where steps are shares of a quota, the same in amounts. Without a quota, or with one of nothing, there is only what
        begins at nothing."""
        if not self.by_quota:
            return self
        if not target or target < 0:
            first = tuple(replace(r, start=0) for r in self.rates if not r.reach)
            return replace(self, rates=first, has_no_quota=True)
        return replace(self, rates=tuple(replace(r, start=_reached_at(r.reach, target)) for r in self.rates))

    def lane(self, product: int | None, series: str) -> list[Rate]:
        """The rows that hold for a product, by their steps: its own, else those of its series, else the general ones."""
        own = [r for r in self.rates if product is not None and r.product == product]
        own = own or [r for r in self.rates if series and r.product is None and r.series == series]
        own = own or [r for r in self.rates if r.product is None and not r.series]
        return sorted(own, key=lambda r: r.start)


def _reached_at(reach: Decimal, target: int) -> int:
    return int((reach * target / 100).to_integral_value(ROUND_CEILING))


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that counts: a deal won, an invoice, a payment, or what of it is of one product. ``base`` is what of ``whole``
    is the person's, by ``shares`` in percent."""

    key: str
    day: date
    whole: int
    base: int
    user: int
    shares: Mapping[int, Decimal]
    name: str = ""
    deal: int | None = None
    invoice: int | None = None
    payment: int | None = None
    product: int | None = None
    series: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """An amount with its reasons. ``why`` is JSON-like; words.py says it."""

    kind: str
    key: str
    amount: int
    plan: int | None = None
    name: str = ""
    fact: Fact | None = None
    base: int | None = None
    why: dict[str, Any] = field(default_factory=dict)


def reckon(versions: Sequence[Terms], facts: Iterable[Fact]) -> list[Line]:
    """The lines of one person in one period by the versions of one plan, in whatever order the facts come.

    Steps count the whole period, whichever version held then; each fact has the rates of the version of its day.
    """
    ordered = sorted(facts, key=lambda fact: (fact.day, fact.key))
    total = sum(fact.base for fact in ordered)
    lines, position = [], 0
    for fact in ordered:
        terms = next((t for t in versions if t.holds(fact.day)), None)
        if terms is not None:
            lines.append(_line(terms, fact, position, total))
        position += fact.base
    earned = sum(line.amount for line in lines)
    return lines + limits(max(versions, key=lambda t: t.starts_on), earned)


def _line(terms: Terms, fact: Fact, position: int, total: int) -> Line:
    lane = terms.lane(fact.product, fact.series)
    if terms.way == "marginal":
        parts = marginal(lane, position, position + fact.base)
        rate = _at(lane, position)
    else:
        rate = _at(lane, total) if terms.way == "whole" else next(iter(lane), None)
        parts = [(fact.base, rate)] if rate is not None else []
    amount = rounded(sum((base * rate.percent for base, rate in parts), NOTHING) / 100)
    why: dict[str, Any] = {
        "parts": [_said(terms, base, each) for base, each in parts],
        "basis": terms.basis,
        "whole": fact.whole,
    }
    if not parts:
        why["below"] = fact.base
    if terms.has_no_quota:
        why["no_quota"] = True
    if rate is not None and rate.fixed and fact.base >= 0:
        own = split(rate.fixed, fact.shares)[fact.user]
        amount += own
        why["fixed"], why["fixed_whole"] = own, rate.fixed
    share = fact.shares.get(fact.user)
    if share is not None and share != 100:
        why["share"] = str(share.normalize() if share % 1 else share.quantize(Decimal(1)))
    return Line("earned", f"{terms.chain}:{fact.key}", amount, terms.plan, fact.name, fact, fact.base, why)


def _said(terms: Terms, base: int, rate: Rate) -> dict[str, Any]:
    said: dict[str, Any] = {"base": base, "percent": str(rate.percent)}
    if terms.by_quota:
        said["reach"] = str(rate.reach)
    elif rate.start and terms.way != "flat":
        said["from"] = rate.start
    return said


def marginal(lane: Sequence[Rate], start: int, end: int) -> list[tuple[int, Rate]]:
    """What of the sums from ``start`` to ``end`` lies in each step; below zero where the end lies before the start."""
    low, high, sign = (start, end, 1) if end >= start else (end, start, -1)
    found = []
    for n, rate in enumerate(lane):
        # What lies below nothing is taken back at the rate that the first sums have.
        bottom = min(low, 0) if n == 0 and rate.start <= 0 else rate.start
        top = lane[n + 1].start if n + 1 < len(lane) else None
        part = (high if top is None else min(high, top)) - max(low, bottom)
        if part > 0:
            found.append((sign * part, rate))
    return found


def _at(lane: Sequence[Rate], sum: int) -> Rate | None:
    """The last step that a sum reaches; the first sums' for what lies below nothing."""
    return next((rate for rate in reversed(lane) if rate.start <= max(sum, 0)), None)


def limits(terms: Terms, earned: int) -> list[Line]:
    """What is taken off above the most, or added up to the least."""
    found = []
    if terms.most is not None and earned > terms.most:
        why = {"most": terms.most, "earned": earned}
        found.append(Line("cap", f"{terms.chain}:cap", terms.most - earned, terms.plan, terms.name, why=why))
    if terms.least is not None and earned < terms.least:
        why = {"least": terms.least, "earned": earned, "is_draw": terms.is_draw}
        key = f"{terms.chain}:{'draw' if terms.is_draw else 'least'}"
        found.append(Line("least", key, terms.least - earned, terms.plan, terms.name, why=why))
    return found


def recover(terms: Terms, earned: int, owing: int) -> Line | None:
    """What of advances (``owing``) is taken back out of what was earned above the least."""
    part = min(owing, max(0, earned - (terms.least or 0)))
    if part <= 0:
        return None
    return Line("recover", f"{terms.chain}:recover", -part, terms.plan, terms.name, why={"owing": owing})


def override(terms: Terms, user: int, name: str, earned: int) -> Line | None:
    """What a manager gets of what one of their people earned by the plan."""
    if terms.override is None or not earned:
        return None
    why = {"parts": [{"base": earned, "percent": str(terms.override)}], "of": name}
    amount = rounded(earned * terms.override / 100)
    return Line("override", f"{terms.chain}:override:{user}", amount, terms.plan, name, base=earned, why=why)


def next_step(terms: Terms, total: int) -> tuple[int, Rate] | None:
    """How much is missing to the next general step, and that step; None where there is none above."""
    ahead = [rate for rate in terms.lane(None, "") if rate.start > total] if terms.way != "flat" else []
    return (ahead[0].start - total, ahead[0]) if ahead else None


def rounded(amount: Decimal) -> int:
    """Minor units, half up (away from zero)."""
    return int(amount.to_integral_value(ROUND_HALF_UP))
