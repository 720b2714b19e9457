"""A plan tried out: what somebody would earn by it at some sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from peyvand.operational.commissions.reckoning import Fact, Line, Terms, reckon

# What a quota is taken to be where a plan's steps are shares of one: ten million of the larger unit.
QUOTA = 1_000_000_000
SHARES = (60, 90, 120)


@dataclass(frozen=True)
class Example:
    """A sum that somebody sold, what it is of the quota, and what they earn; ``lines`` say how."""

    amount: int
    reach: Decimal | None
    earned: int
    lines: Sequence[Line]


def example(terms: Terms, amount: int, quota: int = QUOTA) -> Example:
    """What one deal of an amount brings, alone in its period and all one's own."""
    day = terms.starts_on
    fact = Fact("deal:0", day, amount, amount, 0, {0: Decimal(100)})
    lines = reckon([replace(terms.for_target(quota), ends_on=None)], [fact])
    reach = Decimal(amount) * 100 / quota if terms.by_quota and quota else None
    return Example(amount, reach, sum(line.amount for line in lines), lines)


def examples(terms: Terms) -> list[Example]:
    """Some that show every step: below the first and within each, or at shares of a quota."""
    if terms.by_quota:
        return [example(terms, QUOTA * share // 100) for share in SHARES]
    starts = sorted({rate.start for rate in terms.rates if rate.start})
    if not starts:
        return [example(terms, QUOTA)]
    return [example(terms, amount) for amount in (starts[0] // 2, *(start * 3 // 2 for start in starts[:4]))]
