"""Groups of customers who behave alike, as many as come out again when the customers are drawn anew, and none if none do.

k-means (Lloyd, begun by k-means++) on logarithmic, standardised features. How well so many groups are found again is the adjusted Rand
index of bootstrap fits (Hennig 2007); of the numbers that reach .8 and are about as stable as the best, the largest is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from peyvand.analytical.methods.backtest import SEED
from peyvand.analytical.methods.guards import NoSignal, Numbers, Whole, numbers, require
from peyvand.kernel.errors import Invalid, msg, msgid

CUSTOMERS: Final = 200
STABLE: Final = 0.8
# As stable as the best but for so much is as stable.
_ABOUT: Final = 0.02
# Centers are learned from no more customers than the first, stability judged on no more than the second, drawn so many times.
_LEARNED: Final = 100_000
_JUDGED: Final = 2000
_DRAWS: Final = 10
_BEGINNINGS: Final = 3
_ROUNDS: Final = 100


@dataclass(frozen=True)
class Group:
    """One group: how many customers, the median of each feature, and its distance from everybody's mean in standard deviations.

    The features farthest from 0 are what sets the group apart.
    """

    customers: int
    medians: tuple[float, ...]
    apart: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Clusters:
    """`label`: by customer, the number of their group, 0 the one with the least of the first feature; `stability` by number of groups."""

    label: Whole
    groups: tuple[Group, ...]
    stability: dict[int, float]
    features: tuple[str, ...]
    mean: Numbers
    deviation: Numbers
    centers: NDArray[np.float64]

    def assign(self, features: ArrayLike) -> Whole:
        """The groups of other customers, or of the same ones later; columns as when they were learned."""
        read = _matrix(features, self.features)
        scaled = (_logarithmic(read) - self.mean) / self.deviation
        return _nearest(scaled, self.centers)


def clusters(
    features: ArrayLike,
    names: Sequence[str],
    *,
    at_most: int = 8,
    customers: int = CUSTOMERS,
    seed: int = SEED,
) -> Clusters:
    """Groups by behaviour: one row for each customer, one column for each named feature (orders, amount, days since …).

    The order of rows does not matter. NotEnough below so many customers; NoSignal when no number of groups from 2 on is stable.
    """
    read = _matrix(features, tuple(names))
    require(msgid("customers"), customers, len(read))
    logs = _logarithmic(read)
    mean, deviation = logs.mean(axis=0), logs.std(axis=0)
    deviation[deviation <= 1e-9 * (1 + np.abs(mean))] = np.inf  # a column that says nothing
    scaled = (logs - mean) / deviation
    order = np.lexsort(scaled.T)
    ordered = scaled[order]
    different = len(np.unique(ordered, axis=0))
    stability: dict[int, float] = {}
    for k in range(2, min(at_most, different - 1) + 1):
        stability[k] = _stability(ordered, k, seed)
    best = max(stability.values(), default=0.0)
    if best < STABLE:
        raise NoSignal(msgid("the stability of groups"), best, STABLE)
    k = max(k for k, found in stability.items() if found >= max(STABLE, best - _ABOUT))
    centers = _centers(_drawn(ordered, _LEARNED, seed), k, seed)
    centers = centers[np.lexsort(centers.T[::-1])]
    label = _nearest(scaled, centers)
    groups = tuple(
        Group(
            int(rows.sum()),
            tuple(np.median(read[rows], axis=0).tolist()),
            tuple(scaled[rows].mean(axis=0).tolist()),
        )
        for rows in (label == k for k in range(len(centers)))
    )
    return Clusters(label, groups, stability, tuple(names), mean, deviation, centers)


def _matrix(features: ArrayLike, names: tuple[str, ...]) -> NDArray[np.float64]:
    read = np.asarray(features)
    if read.ndim != 2 or read.shape[1] != len(names) or not names:
        raise Invalid.of(msg("One column for each named feature is expected."), "features")
    return np.stack([numbers(name, column) for name, column in zip(names, read.T, strict=True)], axis=1)


def _logarithmic(read: NDArray[np.float64]) -> NDArray[np.float64]:
    """Amounts differ by factors, not by sums; below 0 as above it."""
    return np.asarray(np.sign(read) * np.log1p(np.abs(read)))


def _drawn(rows: NDArray[np.float64], at_most: int, seed: int) -> NDArray[np.float64]:
    if len(rows) <= at_most:
        return rows
    return rows[np.sort(np.random.default_rng(seed).choice(len(rows), at_most, replace=False))]


def _nearest(rows: NDArray[np.float64], centers: NDArray[np.float64]) -> Whole:
    return np.asarray(((centers**2).sum(axis=1) - 2 * rows @ centers.T).argmin(axis=1), np.int64)


def _centers(rows: NDArray[np.float64], k: int, seed: int) -> NDArray[np.float64]:
    """The centers that leave the least distance, of a few beginnings."""
    chance = np.random.default_rng(seed)
    least, found = np.inf, rows[:k]
    for _ in range(_BEGINNINGS):
        centers = rows[[int(chance.integers(len(rows)))]]
        while len(centers) < k:  # k-means++: the farther from those chosen, the likelier
            away = np.min([((rows - center) ** 2).sum(axis=1) for center in centers], axis=0)
            centers = np.vstack(
                [centers, rows[np.searchsorted(np.cumsum(away), chance.random() * away.sum())]]
            )
        label = np.full(len(rows), -1)
        for _round in range(_ROUNDS):
            nearest = _nearest(rows, centers)
            if (nearest == label).all():
                break
            label = nearest
            size = np.bincount(label, minlength=k)
            sums = np.stack([np.bincount(label, column, k) for column in rows.T], axis=1)
            centers = np.where(size[:, None] > 0, sums / np.maximum(size, 1)[:, None], centers)
        left = float(((rows - centers[label]) ** 2).sum())
        if left < least:
            least, found = left, centers
    return found


def _stability(scaled: NDArray[np.float64], k: int, seed: int) -> float:
    """How alike the customers are grouped by centers of customers drawn anew: mean adjusted Rand index, 1 for the same."""
    part, chance = _drawn(scaled, _JUDGED, seed), np.random.default_rng(seed)
    first = _nearest(part, _centers(part, k, seed))
    again = [
        _nearest(part, _centers(part[chance.integers(0, len(part), len(part))], k, seed + n))
        for n in range(_DRAWS)
    ]
    return float(np.mean([likeness(first, other, k) for other in again]))


def likeness(one: Whole, other: Whole, k: int) -> float:
    """Adjusted Rand index of two groupings into numbers below `k`: 1 the same but for the numbers, 0 by chance (Hubert & Arabie 1985)."""
    both = np.bincount(one * k + other, minlength=k * k).reshape(k, k).astype(np.float64)

    def pairs(counts: Numbers) -> float:
        return float((counts * (counts - 1)).sum()) / 2

    together, rows, columns = pairs(both), pairs(both.sum(axis=1)), pairs(both.sum(axis=0))
    expected = rows * columns / max(1.0, pairs(np.array([both.sum()])))
    most = (rows + columns) / 2
    return (together - expected) / (most - expected) if most > expected else 1.0
