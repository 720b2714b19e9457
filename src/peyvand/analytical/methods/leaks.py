"""Fields that know the outcome because they were filled in with it or after it: a model must not learn from them.

Kaufman, Rosset, Perlich & Stitelman 2012, "Leakage in Data Mining", describe the harm; the alarm is plain: one field alone
hardly ever tells nine of ten pairs apart unless it was written afterwards. Where the base rate moves in time, such a field
looks weaker over all than it is in each stretch of time, so stretches are looked at too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from peyvand.analytical.methods.backtest import auc
from peyvand.analytical.methods.encoding import Column, Table, bins, is_filled
from peyvand.analytical.methods.guards import Numbers, Whole, Yes, outcomes, same_length
from peyvand.kernel.errors import msgid

TELLS_ALONE: Final = 0.9
_STRETCHES: Final = 5
# In a stretch there must be this many rows of each kind for its figure to count.
_EACH: Final = 100
# A field filled in so often, almost always with one outcome, in such a part of its rows, and hardly so by chance.
_FILLED, _PURE, _PART, _CHANCE = 20, 0.99, 0.2, 1e-6


@dataclass(frozen=True)
class Leak:
    """A field not to be learned from: `why` is a msgid, `figure` the share (0–1) on which the alarm rests."""

    field: str
    why: str
    figure: float


def leaks(
    of: Table, outcome: Yes, when: Column | None = None, afterwards: Mapping[str, ArrayLike] | None = None
) -> tuple[Leak, ...]:
    """The fields of a table (as `encoding.table` reads it) that raise the alarm, in their order.

    `when` is the moment of each row, if known. `afterwards` says for a field in which rows it was last written after the
    outcome was known; a field with such values in more than half of its filled rows is a leak whatever its figures.
    """
    stretches = [] if when is None else _stretches(when, outcome)
    found = []
    for name, column in of.items():
        leak = (
            _written_late(name, column, (afterwards or {}).get(name))
            or _filled_with(name, column, outcome)
            or _tells_alone(name, column, outcome, stretches)
        )
        if leak is not None:
            found.append(leak)
    return tuple(found)


def alone(column: Column, outcome: Yes) -> Numbers:
    """What each row's value says of the outcome by the other half of the rows: a fair score by this field alone."""
    groups = bins(column)
    said = np.empty(len(outcome))
    half = np.zeros(len(outcome), np.bool_)
    for kind in (False, True):
        half[np.flatnonzero(outcome == kind)[::2]] = True
    for learned in (half, ~half):
        said[~learned] = rates(groups[learned], outcome[learned], int(groups.max()) + 1)[groups[~learned]]
    return said


def rates(groups: Whole, outcome: Yes, many: int) -> Numbers:
    """The outcome's rate by group, small groups drawn to the rate of all as by ten rows more."""
    rows = np.bincount(groups, minlength=many)
    came = np.bincount(groups, weights=outcome, minlength=many)
    smoothed: Numbers = (came + 10 * outcome.mean()) / (rows + 10)
    return smoothed


def _stretches(when: Column, outcome: Yes) -> list[Whole]:
    """Rows of equal parts of the history that have enough of both kinds."""
    parts = np.array_split(np.argsort(when, kind="stable"), _STRETCHES)
    return [part for part in parts if _EACH <= int(outcome[part].sum()) <= len(part) - _EACH]


def _written_late(name: str, column: Column, late: ArrayLike | None) -> Leak | None:
    if late is None:
        return None
    written = outcomes("afterwards", late)
    same_length(field=column, afterwards=written)
    filled = is_filled(column)
    share = float(written[filled].mean()) if filled.any() else 0.0
    return Leak(name, msgid("written mostly after the outcome was known"), share) if share > 0.5 else None


def _filled_with(name: str, column: Column, outcome: Yes) -> Leak | None:
    filled = is_filled(column)
    many = int(filled.sum())
    if many < _FILLED or many == len(filled):
        return None
    for kind in (True, False):
        those = outcome == kind
        both = int((filled & those).sum())
        by_chance = float(stats.binom.sf(both - 1, many, those.mean()))
        if both >= _PURE * many and both >= _PART * those.sum() and by_chance < _CHANCE:
            return Leak(name, msgid("filled in only with one outcome"), both / many)
    return None


def _tells_alone(name: str, column: Column, outcome: Yes, stretches: list[Whole]) -> Leak | None:
    figures = [auc(outcome, alone(column, outcome))]
    figures += [auc(outcome[rows], alone(column[rows], outcome[rows])) for rows in stretches]
    highest = float(np.nanmax(figures))
    if highest < TELLS_ALONE:
        return None
    return Leak(name, msgid("tells the outcome almost alone"), highest)
