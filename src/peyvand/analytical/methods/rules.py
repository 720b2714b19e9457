"""Association rules: who has these items also has that one.

Agrawal, Imieliński & Swami 1993, with one consequent as in R's arules. Thresholds are compared in whole numbers: a rule
true in 8 of 10 baskets has a confidence of .8, which division of floats loses. The lift's lower bound is what to trust:
log lift is nearly normal, and its variance follows from the four counts by the delta method.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from peyvand.analytical.methods.guards import Numbers, Whole, require
from peyvand.analytical.methods.itemsets import Itemsets, Level, exact, itemsets
from peyvand.kernel.errors import msgid

# Below these nothing is said: too few baskets, or items that were together so few times that it may be chance.
BASKETS: Final = 500
TOGETHER: Final = 5
_NORMAL_95: Final = 1.96


@dataclass(frozen=True)
class Rule:
    """Of `having` baskets with all of `items`, `together` also have `then`; `baskets` in all, `of_then` with `then`."""

    items: tuple[int, ...]
    then: int
    together: int
    having: int
    of_then: int
    baskets: int


@dataclass(frozen=True, eq=False)
class Rules:
    """Rules as columns, the ones with the surest lift first.

    `items` is rows × longest with −1 where a rule has fewer; the others are a figure for each rule (see `Rule`).
    """

    items: Whole
    then: Whole
    together: Whole
    having: Whole
    of_then: Whole
    baskets: int

    def __len__(self) -> int:
        return len(self.then)

    def __getitem__(self, place: int) -> Rule:
        row = self.items[place]
        return Rule(
            tuple(map(int, row[row >= 0])),
            int(self.then[place]),
            int(self.together[place]),
            int(self.having[place]),
            int(self.of_then[place]),
            self.baskets,
        )

    @property
    def length(self) -> Whole:
        """Items in each rule, on both sides."""
        length: Whole = np.count_nonzero(self.items >= 0, axis=1) + 1
        return length

    @property
    def support(self) -> Numbers:
        """Share of all baskets for which the rule holds."""
        return self.together / max(1, self.baskets)

    @property
    def confidence(self) -> Numbers:
        """Share of the baskets with the items that also have the other one."""
        return self.together / self.having

    @property
    def lift(self) -> Numbers:
        """How many times more frequent the other item is in those baskets than in all."""
        return self.confidence * self.baskets / self.of_then

    @property
    def lift_low(self) -> Numbers:
        """Lower end of the lift's 95 % interval; a rule below 1 may be chance."""
        return lift_low(self.together, self.having, self.of_then, self.baskets)


def lift_low(together: Whole, having: Whole, of_then: Whole, baskets: int) -> Numbers:
    """Lower end of the 95 % interval of the lift that these counts give."""
    variance = (
        1 / together
        - 1 / having
        - 1 / of_then
        + 2 * together / (having * of_then.astype(np.float64))
        - 1 / baskets
    )
    log = np.log(together) + np.log(baskets) - np.log(having) - np.log(of_then)
    low: Numbers = np.exp(log - _NORMAL_95 * np.sqrt(np.maximum(variance, 0)))
    return low


def rules(
    baskets: ArrayLike,
    items: ArrayLike,
    *,
    support: float | Decimal | Fraction,
    confidence: float | Decimal | Fraction,
    longest: int = 10,
    together: int = TOGETHER,
    least_baskets: int = BASKETS,
) -> Rules:
    """Rules of two to `longest` items with at least this support and confidence, true in `together` baskets or more.

    `baskets` and `items` are parallel, a line each (see `itemsets`); `longest=2` gives "who buys this buys that".
    NotEnough when there are fewer than `least_baskets`.
    """
    found = itemsets(baskets, items, support=support, fewest=together, longest=longest)
    require(msgid("orders"), least_baskets, found.baskets)
    return rules_of(found, confidence=confidence)


def rules_of(found: Itemsets, *, confidence: float | Decimal | Fraction) -> Rules:
    """The rules with at least this confidence in frequent sets."""
    share = exact("confidence", confidence)
    wide = max(1, len(found.levels) - 1)
    parts = [
        _of_level(found, below, level, share, wide)
        for below, level in zip(found.levels, found.levels[1:], strict=False)
    ]
    if not parts:
        none = np.empty(0, np.int64)
        return Rules(np.empty((0, wide), np.int64), none, none, none, none, found.baskets)
    left, then, together, having, of_then = (np.concatenate(column) for column in zip(*parts, strict=True))
    sure = lift_low(together, having, of_then, found.baskets)
    order = np.lexsort((*left.T[::-1], then, -together, -np.round(sure, 9)))
    return Rules(left[order], then[order], together[order], having[order], of_then[order], found.baskets)


def _of_level(
    found: Itemsets, below: Level, level: Level, share: Fraction, wide: int
) -> tuple[Whole, Whole, Whole, Whole, Whole]:
    size = level.sets.shape[1]
    having = below.counts[level.without]
    row, place = np.nonzero(level.counts[:, None] * share.denominator >= having * share.numerator)
    left = np.full((len(row), wide), -1, np.int64)
    left[:, : size - 1] = np.sort(found.items[below.sets[level.without[row, place]]], axis=1)
    then = level.sets[row, place]
    return left, found.items[then], level.counts[row], having[row, place], found.levels[0].counts[then]
