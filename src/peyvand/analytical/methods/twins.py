"""Columns that say the same as another one: learned from both, a model would count one thing twice and name it twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import stats

# Of the rows this share must be known of both, and agree: ranks that go together so closely, or words that stand for each other.
KNOWN, ALIKE = 0.9, 0.99
_LEAST: Final = 20


def twin_of(column: NDArray[Any], others: Mapping[str, NDArray[Any]]) -> str | None:
    """The key of the first of the others that says the same as this column, row for row; None where none does."""
    return next((key for key, other in others.items() if _say_the_same(column, other)), None)


def _say_the_same(one: NDArray[Any], other: NDArray[Any]) -> bool:
    if (one.dtype.kind in "US") != (other.dtype.kind in "US"):
        return False
    both = _is_known(one) & _is_known(other)
    if both.sum() < max(_LEAST, KNOWN * len(one)):
        return False
    return (
        _same_words(one[both], other[both]) if one.dtype.kind in "US" else _same_order(one[both], other[both])
    )


def _is_known(column: NDArray[Any]) -> NDArray[np.bool_]:
    known: NDArray[np.bool_] = column != "" if column.dtype.kind in "US" else np.isfinite(column)
    return known


def _same_words(one: NDArray[Any], other: NDArray[Any]) -> bool:
    """Whether each word of the one stands for a word of the other, and that one for it."""
    mine, theirs = (np.unique(column, return_inverse=True) for column in (one, other))
    if len(mine[0]) < 2 or len(theirs[0]) < 2:
        return False
    counts = np.zeros((len(mine[0]), len(theirs[0])), np.int64)
    np.add.at(counts, (mine[1], theirs[1]), 1)
    least = ALIKE * len(one)
    return bool(counts.max(axis=0).sum() >= least and counts.max(axis=1).sum() >= least)


def _same_order(one: NDArray[Any], other: NDArray[Any]) -> bool:
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return False
    return bool(abs(stats.spearmanr(one, other).statistic) >= ALIKE)
