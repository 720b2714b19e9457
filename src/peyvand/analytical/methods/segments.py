"""RFM: how recently, how often and for how much customers bought, as fifths by rank, named, and how they move between the names.

The rules here are those of the warehouse's SQL too; this is what its answers are held against.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from peyvand.analytical.methods.guards import Numbers, Whole, numbers, require, same_length, whole
from peyvand.kernel.errors import Invalid, msg, msgid

BUYERS: Final = 50
DAYS: Final = 90


class Segment(StrEnum):
    """The names; a key never changes."""

    CHAMPIONS = "champions"
    LOYAL = "loyal"
    POTENTIAL = "potential"
    NEW = "new"
    PROMISING = "promising"
    ATTENTION = "attention"
    SLEEPY = "sleepy"
    AT_RISK = "at_risk"
    CANNOT_LOSE = "cannot_lose"
    LOST = "lost"


LABELS: Final = {
    Segment.CHAMPIONS: msgid("Champions"),
    Segment.LOYAL: msgid("Loyal"),
    Segment.POTENTIAL: msgid("Potentially loyal"),
    Segment.NEW: msgid("New buyers"),
    Segment.PROMISING: msgid("Promising"),
    Segment.ATTENTION: msgid("Need attention"),
    Segment.SLEEPY: msgid("About to sleep"),
    Segment.AT_RISK: msgid("At risk"),
    Segment.CANNOT_LOSE: msgid("Must not be lost"),
    Segment.LOST: msgid("Lost"),
}

_S = Segment
# By fifth of recency (down, 1 to 5: longest ago to latest) and of frequency and amount together (across, 1 to 5).
RULES: Final = (
    (_S.LOST, _S.LOST, _S.AT_RISK, _S.AT_RISK, _S.CANNOT_LOSE),
    (_S.LOST, _S.LOST, _S.AT_RISK, _S.AT_RISK, _S.CANNOT_LOSE),
    (_S.SLEEPY, _S.SLEEPY, _S.ATTENTION, _S.LOYAL, _S.LOYAL),
    (_S.PROMISING, _S.POTENTIAL, _S.POTENTIAL, _S.LOYAL, _S.CHAMPIONS),
    (_S.NEW, _S.POTENTIAL, _S.POTENTIAL, _S.CHAMPIONS, _S.CHAMPIONS),
)
_ORDER: Final = tuple(Segment)
_CODES: Final = np.array([[_ORDER.index(segment) for segment in row] for row in RULES])


@dataclass(frozen=True, eq=False)
class Rfm:
    """One row for each customer, by ascending id: days since the last order, orders, amount; fifths 1 (worst) to 5; segment's code."""

    customers: Whole
    recency: Whole
    frequency: Whole
    amount: Numbers
    r: Whole
    f: Whole
    m: Whole
    code: Whole

    @property
    def segments(self) -> tuple[Segment, ...]:
        return tuple(_ORDER[code] for code in self.code.tolist())


@dataclass(frozen=True)
class Migration:
    """How many customers moved from the segment of a row to that of a column; the last row holds those who were not buyers before.

    The last column holds those who no longer are, merged or erased.
    """

    segments: tuple[Segment, ...]
    counts: tuple[tuple[int, ...], ...]


def rfm(
    customer: ArrayLike,
    day: ArrayLike,
    amount: ArrayLike,
    as_of: int,
    *,
    buyers: int = BUYERS,
    days: int = DAYS,
) -> Rfm:
    """RFM on `as_of`, one row in for each order or return: customer's id, day number, amount.

    Orders (amount above 0) count and are dated, returns only lessen the amount; whoever has no order is no buyer, and what is dated
    later is not known yet. NotEnough below so many buyers and days of history.
    """
    who, when, paid = whole("customer", customer), whole("day", day), numbers("amount", amount)
    same_length(customer=who, day=when, amount=paid)
    known = when <= as_of
    who, when, paid = who[known], when[known], paid[known]
    customers, place = np.unique(who, return_inverse=True)
    bought = paid > 0
    frequency = np.bincount(place[bought], minlength=len(customers))
    last = np.full(len(customers), np.iinfo(np.int64).min)
    np.maximum.at(last, place[bought], when[bought])
    total = np.bincount(place, paid, len(customers)).astype(np.float64)
    buys = frequency > 0
    customers, frequency, last, total = customers[buys], frequency[buys], last[buys], total[buys]
    require(msgid("buyers"), buyers, len(customers))
    history = as_of - int(when[bought].min()) + 1 if len(customers) else 0
    require(msgid("days of history"), days, history)
    r, f, m = fifths(last), fifths(frequency), fifths(total)
    return Rfm(customers, as_of - last, frequency, total, r, f, m, _CODES[r - 1, (f + m + 1) // 2 - 1])


def fifths(values: ArrayLike) -> Whole:
    """1 to 5 by rank, the lowest first; equal values are in the same fifth, the lowest that one of them has.

    In SQL: `(rank() over (order by value) - 1) * 5 / count(*) over () + 1`, in whole numbers.
    """
    read = numbers("values", values)
    rank = np.searchsorted(np.sort(read), read, side="left")
    return np.asarray(rank * 5 // max(1, len(read)) + 1, np.int64)


def migration(before: Rfm, after: Rfm) -> Migration:
    """Where the customers of one date are on another."""
    outside = len(_ORDER)
    everybody = np.union1d(before.customers, after.customers)

    def codes(of: Rfm) -> Whole:
        found = np.full(len(everybody), outside)
        found[np.searchsorted(everybody, of.customers)] = of.code
        return found

    counts: NDArray[np.int64] = np.zeros((outside + 1, outside + 1), np.int64)
    np.add.at(counts, (codes(before), codes(after)), 1)
    return Migration(_ORDER, tuple(tuple(row) for row in counts.tolist()))


@dataclass(frozen=True)
class Cohorts:
    """By period of the first order (rows) and periods since (columns): customers who ordered, and their amounts; None: still ahead."""

    periods: tuple[int, ...]
    customers: tuple[tuple[int | None, ...], ...]
    amounts: tuple[tuple[float | None, ...], ...]

    @property
    def retention(self) -> tuple[tuple[float | None, ...], ...]:
        """Share of a cohort's customers who ordered in each period."""
        return tuple(
            tuple(None if n is None or not row[0] else n / row[0] for n in row) for row in self.customers
        )


def cohorts(
    customer: ArrayLike, period: ArrayLike, amount: ArrayLike, as_of: int, *, least: int = 3
) -> Cohorts:
    """Cohorts up to the period `as_of`. `period`: each order's number of month (or week), of any calendar, without gaps.

    Returns lessen the amounts, but are no visit and begin nothing. NotEnough below `least` cohorts.
    """
    who, when, paid = whole("customer", customer), whole("period", period), numbers("amount", amount)
    same_length(customer=who, period=when, amount=paid)
    known = when <= as_of
    who, when, paid = who[known], when[known], paid[known]
    customers, place = np.unique(who, return_inverse=True)
    bought = paid > 0
    first = np.full(len(customers), as_of + 1)
    np.minimum.at(first, place[bought], when[bought])
    require(msgid("cohorts"), least, len(np.unique(first[first <= as_of])))
    begin = int(first.min())
    many = as_of - begin + 1
    inside = (first[place] <= as_of) & (when >= first[place])
    row, age = first[place[inside]] - begin, when[inside] - first[place[inside]]
    worth = np.bincount(row * many + age, paid[inside], many * many).reshape(many, many)
    visits = np.sort(place[bought] * many + when[bought] - begin)
    visits = visits[np.r_[True, visits[1:] != visits[:-1]]]
    start = first[visits // many] - begin
    count = np.bincount(start * many + visits % many - start, minlength=many * many).reshape(many, many)
    seen = [[age <= many - 1 - row for age in range(many)] for row in range(many)]
    return Cohorts(
        tuple(range(begin, as_of + 1)),
        tuple(tuple(n if s else None for n, s in zip(*both, strict=True)) for both in zip(count.tolist(), seen, strict=True)),
        tuple(tuple(v if s else None for v, s in zip(*both, strict=True)) for both in zip(worth.tolist(), seen, strict=True)),
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Whale:
    """Customers by what they bring, the most first: `order` of the rows, and the cumulative share of the total after each.

    Where customers cost more than they bring, the curve rises above 1 and falls back: `peak` is its height, `peak_at` the share of
    customers there. `total` may be nothing or less; then there are no shares.
    """

    order: Whole
    cumulative: Numbers
    total: float
    peak: float
    peak_at: float

    def top(self, share: float) -> float:
        """The share of the total that the best so many of the customers (.2: a fifth, in whole customers) bring."""
        if not 0 <= share <= 1:
            raise Invalid.of(msg("A share lies between 0 and 1."), "share")
        count = int(np.floor(share * len(self.order) + 1e-9))
        return float(self.cumulative[count - 1]) if count else 0.0


def whale(profit: ArrayLike) -> Whale:
    """The whale curve of one amount for each customer: profit where costs are known, otherwise revenue (and it should be called so)."""
    read = numbers("profit", profit)
    require(msgid("customers"), 1, len(read))
    order = np.argsort(-read, kind="stable")
    total = float(read.sum())
    summed = np.cumsum(read[order])
    cumulative = summed / total if total > 0 else np.full(len(read), np.nan)
    at = int(summed.argmax())
    return Whale(order, cumulative, total, float(cumulative[at]), (at + 1) / len(read))
