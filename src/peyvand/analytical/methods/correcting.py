"""Probabilities made true to what came: a logit is corrected by two numbers, or by a curve where two numbers do not fit.

Platt 1999, "Probabilistic Outputs for Support Vector Machines"; isotonic regression by Zadrozny & Elkan 2002, "Transforming
Classifier Scores into Accurate Multiclass Probability Estimates". Rows that were held out choose between them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import special
from sklearn.isotonic import IsotonicRegression

from peyvand.analytical.methods.backtest import SEED
from peyvand.analytical.methods.guards import Numbers, Yes
from peyvand.analytical.methods.logistic import folds, platt

# A curve follows noise where there are fewer rows of either kind.
_EACH: Final = 150
_FOLDS: Final = 5
# A step of the curve stands on so many rows at least, or on this share of them.
_STEP, _SHARE = 30, 0.05
# Of so many standard errors the curve must be better.
_SURELY: Final = 2.0


@dataclass(frozen=True, eq=False)
class Correction:
    """What makes the true logit of a raw one: ``slope`` × it + ``offset``, or the curve through ``knots`` (raw logits, true ones),
    which is flat beyond its ends. The order of rows stays."""

    slope: float
    offset: float
    knots: tuple[Numbers, Numbers] | None = None

    def logit(self, raw: Numbers) -> Numbers:
        if self.knots is None:
            return self.slope * raw + self.offset
        return np.interp(raw, *self.knots)

    def probability(self, raw: Numbers) -> Numbers:
        true: Numbers = special.expit(self.logit(raw))
        return true


def correction(raw: Numbers, came: Yes) -> Correction:
    """The correction that these rows, which nothing was learned from, speak for."""
    straight = Correction(*platt(raw, came))
    if straight.slope <= 0 or min(int(came.sum()), int((~came).sum())) < _EACH:
        return straight
    fold, gain = folds(came, _FOLDS, SEED), np.empty(len(came))
    for number in range(_FOLDS):
        learned, rows = fold != number, fold == number
        line = Correction(*platt(raw[learned], came[learned]))
        curve = _curve(raw[learned], came[learned], line)
        gain[rows] = _loss(line, raw[rows], came[rows]) - _loss(curve, raw[rows], came[rows])
    surely = _SURELY * gain.std() / np.sqrt(len(gain))
    return _curve(raw, came, straight) if gain.mean() > surely else straight


def _loss(by: Correction, raw: Numbers, came: Yes) -> Numbers:
    """The log loss of each row."""
    loss: Numbers = np.logaddexp(0, np.where(came, -1, 1) * by.logit(raw))
    return loss


def _curve(raw: Numbers, came: Yes, straight: Correction) -> Correction:
    """Rates that rise with the raw logit, of parts of enough rows, each at the middle of its part."""
    order = np.argsort(raw, kind="stable")
    parts = np.array_split(order, max(2, len(order) // max(_STEP, round(_SHARE * len(order)))))
    at = np.array([raw[part].mean() for part in parts])
    # One of either kind more, so that no rate is 0 or 1.
    rates = np.array([(came[part].sum() + 1) / (len(part) + 2) for part in parts])
    weights = np.array([len(part) for part in parts], np.float64)
    rising = IsotonicRegression().fit(at, rates, weights)
    return Correction(straight.slope, straight.offset, (at, special.logit(rising.predict(at))))
