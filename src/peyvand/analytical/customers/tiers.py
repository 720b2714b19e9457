"""Who brings how much of the whole: the fewest customers who together bring a share of it."""

from __future__ import annotations

import numpy as np

from peyvand.analytical.methods.guards import Numbers, Whole


def bringing(amount: Numbers, shares: tuple[float, ...]) -> Whole:
    """By customer 0 for the fewest who bring the first of the shares (rising, below 1), 1 for the next …; the rest are last.

    Who brings nothing or costs is of the rest. Equal amounts are in one part.
    """
    worth = np.maximum(amount, 0.0)
    total = float(worth.sum())
    if total <= 0:
        return np.full(len(worth), len(shares))
    ordered = np.sort(worth)[::-1]
    before = np.cumsum(ordered) - ordered
    # What is tied with the first of its amount is where that one is.
    first = np.searchsorted(-ordered, -worth, side="left")
    part = np.searchsorted(np.asarray(shares), before[first] / total, side="right")
    return np.where(worth > 0, part, len(shares))
