"""What treating some and leaving others alone changed: two rates, their difference with its interval, and how many more
are needed before anybody can tell.

A rate's interval is Wilson's (1927); that of the difference joins two of them (Newcombe 1998, Statistics in Medicine 17,
873-890, method 10), which stays within what can be and is right for few and for rare. How many are needed is reckoned
beforehand, from the least difference worth knowing (Fleiss, Levin & Paik 2003, chapter 4, without correction for
continuity): whoever looked every day and stopped at the first interval without zero would find effects that are chance.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt
from statistics import NormalDist
from typing import Final, Literal

from peyvand.kernel.errors import Invalid, msg

_NORMAL: Final = NormalDist()
CONFIDENCE: Final = 0.95
POWER: Final = 0.8
Verdict = Literal["few", "open", "better", "worse"]


@dataclass(frozen=True)
class Rate:
    """How many of how many."""

    count: int
    of: int

    def __post_init__(self) -> None:
        if not 0 <= self.count <= self.of:
            raise Invalid.of(msg("A rate counts some of all."), "count")

    @property
    def share(self) -> float:
        return self.count / self.of if self.of else 0.0


@dataclass(frozen=True)
class Difference:
    """The first rate less the second, and the interval in which the true difference lies."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Effect:
    """``verdict``: "few" of ``missing`` (treated, left alone) that are still needed, "open" where the interval holds zero,
    else "better" or "worse": more or fewer of those treated came to the outcome."""

    treated: Rate
    control: Rate
    difference: Difference
    missing: tuple[int, int]
    verdict: Verdict


def wilson(rate: Rate, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The interval of a rate; of nothing it is all there can be."""
    if not rate.of:
        return 0.0, 1.0
    z, n, p = _two_sided(confidence), rate.of, rate.share
    middle, below = p + z**2 / (2 * n), 1 + z**2 / n
    spread = z * sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    # Rounding must not put the rate itself outside.
    return max(0.0, min(p, (middle - spread) / below)), min(1.0, max(p, (middle + spread) / below))


def difference(first: Rate, second: Rate, confidence: float = CONFIDENCE) -> Difference:
    """The difference of two rates of different people; where one group is empty, nothing is known of it."""
    if not first.of or not second.of:
        return Difference(0.0, -1.0, 1.0)
    (low1, high1), (low2, high2) = wilson(first, confidence), wilson(second, confidence)
    p1, p2 = first.share, second.share
    value = p1 - p2
    below = sqrt((p1 - low1) ** 2 + (high2 - p2) ** 2)
    above = sqrt((high1 - p1) ** 2 + (p2 - low2) ** 2)
    return Difference(value, max(-1.0, value - below), min(1.0, value + above))


def needed(rate: float, least: float, ratio: float = 1.0, *, confidence: float = CONFIDENCE, power: float = POWER) -> tuple[int, int]:  # fmt: skip
    """How many must be left alone, and how many treated, to see a difference of ``least`` from a rate, where ``ratio`` times
    as many are treated as left alone: with chance ``power``, at this confidence."""
    if not 0 < least < 1 or not 0 <= rate <= 1 or ratio <= 0:
        raise Invalid.of(msg("A difference lies between none and all."), "least")
    # Where so large a difference fits on neither side, the largest that there can be is meant.
    other = next((p for p in (rate + least, rate - least) if 0 <= p <= 1), float(rate < 0.5))
    mean = (rate + ratio * other) / (1 + ratio)
    by_chance = _two_sided(confidence) * sqrt((1 + ratio) * mean * (1 - mean))
    by_power = _NORMAL.inv_cdf(power) * sqrt(ratio * rate * (1 - rate) + other * (1 - other))
    alone = (by_chance + by_power) ** 2 / (ratio * (other - rate) ** 2)
    return ceil(alone), ceil(ratio * alone)


def measure(treated: Rate, control: Rate, least: float, share_alone: float) -> Effect:
    """What treating changed. ``least``: the least difference worth knowing; ``share_alone``: the planned part that is left
    alone. As many are asked for as it takes at the rate of those left alone, as far as it is known (Laplace's, so that
    few of them are not taken at their word)."""
    usual = (control.count + 1) / (control.of + 2)
    alone, done = needed(usual, least, (1 - share_alone) / share_alone)
    missing = (max(0, done - treated.of), max(0, alone - control.of))
    found = difference(treated, control)
    verdict: Verdict = "few" if any(missing) else "open"
    if verdict == "open" and (found.low > 0 or found.high < 0):
        verdict = "better" if found.low > 0 else "worse"
    return Effect(treated, control, found, missing, verdict)


def _two_sided(confidence: float) -> float:
    return _NORMAL.inv_cdf(0.5 + confidence / 2)
