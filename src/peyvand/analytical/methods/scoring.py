"""Scores: how likely an outcome is (a customer leaves, a lead converts), why, and how far that can be trusted.

Ridge logistic regression over splines and kinds. It is judged on what came later, or
by five folds where rows have no time; probabilities are corrected there (``correcting``). Reasons are exact: the logit is a sum
of one part for each field. Intervals are Laplace's, from the curvature of the likelihood.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from peyvand.analytical.methods import encoding
from peyvand.analytical.methods.backtest import (
    SEED,
    Bounded,
    Calibration,
    Comparison,
    Lift,
    auc,
    bootstrap,
    calibration,
    compare,
    lift,
    time_split,
)
from peyvand.analytical.methods.correcting import Correction, correction
from peyvand.analytical.methods.encoding import Column, Table
from peyvand.analytical.methods.guards import NoSignal, Numbers, Whole, Yes, outcomes, require, same_length
from peyvand.analytical.methods.leaks import Leak, leaks, rates
from peyvand.analytical.methods.logistic import Logistic, fit, folds, strongest
from peyvand.kernel.errors import Invalid, msg, msgid

EACH: Final = 40
LEAST_AUC: Final = 0.55
# In each half of what a model is judged by.
_JUDGED_EACH: Final = 10
_FOLDS: Final = 5
_BOOTSTRAPPED: Final = 20_000
_ROWS_AT_A_TIME: Final = 50_000
_NORMAL_95: Final = 1.96


@dataclass(frozen=True)
class Judged:
    """How the scores did on rows that were not learned from; `in_time` if those came later, else by five folds.

    `auc` has its 95 % interval, `simple` compares it with the one field that does best alone, `field`.
    """

    rows: int
    outcomes: int
    in_time: bool
    auc: Bounded
    simple: Comparison
    field: str
    calibration: Calibration
    # As the logits say it themselves, on the same rows.
    uncorrected: Calibration
    lift: Lift


@dataclass(frozen=True, eq=False)
class ScoreModel:
    """What scoring needs: the probability is what `correction` makes of the logit of `logistic`.

    `leaks` are fields that were left out, and why.
    """

    logistic: Logistic
    correction: Correction
    leaks: tuple[Leak, ...]
    judged: Judged

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that are looked at, in their order."""
        return self.logistic.encoding.names


@dataclass(frozen=True, eq=False)
class Scores:
    """For each row the probability with its 95 % interval, and the fields that moved it most, strongest first.

    `reasons[row, k]` is a place in the model's `fields`, `effects[row, k]` what it adds to the logit compared with
    the average row: above 0 it speaks for the outcome.
    """

    probability: Numbers
    low: Numbers
    high: Numbers
    reasons: Whole
    effects: Numbers


def learn(
    of: Mapping[str, ArrayLike],
    outcome: ArrayLike,
    when: ArrayLike | None = None,
    *,
    afterwards: Mapping[str, ArrayLike] | None = None,
    trusted: tuple[str, ...] = (),
    ridge: float = 1.0,
    share: float = 0.7,
    seed: int = SEED,
) -> ScoreModel:
    """Learn from fields (numbers with nan, or text) and whether the outcome came.

    With `when`, the moment of each row, it is judged on what came after the first `share` of the rows.
    Fields that raise the leak alarm are left out unless they are `trusted`; `afterwards` helps to notice them (see `leaks`).
    NotEnough below 40 rows of either kind, NoSignal when the AUC is not surely above .55.
    """
    read, came = encoding.table(of), outcomes("outcome", outcome)
    if not ridge > 0:
        raise Invalid.of(msg("A ridge is above 0."), "ridge")
    _require_each(came, EACH)
    moments = None if when is None else np.asarray(when)
    same_length(
        outcome=came, fields=next(iter(read.values()), came), when=came if moments is None else moments
    )
    alarms = tuple(leak for leak in leaks(read, came, moments, afterwards) if leak.field not in trusted)
    told = {leak.field for leak in alarms}
    read = {name: column for name, column in read.items() if name not in told}
    said, simple, field, rows, halves = _said_unseen(read, came, moments, ridge, share, seed)
    judged = _judged(said, simple, field, came[rows], halves, moments is not None, seed)
    return ScoreModel(fit(read, came, ridge), correction(said, came[rows]), alarms, judged)


def score(model: ScoreModel, of: Mapping[str, ArrayLike], *, reasons: int = 3) -> Scores:
    """Score rows that have at least the fields the model looks at."""
    read = encoding.table({name: of[name] for name in model.fields if name in of})
    parts = [_scored(model, part, reasons) for part in _pieces(read)]
    return Scores(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _pieces(of: Table) -> Iterator[Table]:
    rows = len(next(iter(of.values()))) if of else 0
    for low in range(0, max(1, rows), _ROWS_AT_A_TIME):
        yield {name: column[low : low + _ROWS_AT_A_TIME] for name, column in of.items()}


def _scored(model: ScoreModel, of: Table, many: int) -> tuple[Numbers, Numbers, Numbers, Whole, Numbers]:
    matrix = model.logistic.encoding.matrix(of)
    effects = model.logistic.effects(matrix)
    logit = model.logistic.intercept + effects.sum(axis=1)
    away, said = _NORMAL_95 * model.logistic.spread(matrix), model.correction.probability
    ends = said(logit - away), said(logit + away)
    return (
        said(logit),
        np.minimum(*ends),
        np.maximum(*ends),
        *strongest(model.correction.slope * (effects - model.logistic.usual), many),
    )


def _require_each(came: Yes, needs: int) -> None:
    require(msgid("rows with the outcome"), needs, int(came.sum()))
    require(msgid("rows without the outcome"), needs, len(came) - int(came.sum()))


def _said_unseen(
    of: Table, came: Yes, moments: Column | None, ridge: float, share: float, seed: int
) -> tuple[Numbers, Numbers, str, Whole, tuple[Whole, Whole]]:
    """Logits of rows that were not learned from, what the best single field says of them, its name, and which rows.

    And those rows in two halves: in time, the first is there to correct probabilities and the second to judge them.
    """
    if moments is not None:
        earlier, later = time_split(moments, share)
        rows = np.flatnonzero(later)
        rows = rows[np.argsort(moments[rows], kind="stable")]
        halves = np.arange(len(rows) // 2), np.arange(len(rows) // 2, len(rows))
        for half in (came[earlier], *(came[rows[half]] for half in halves)):
            _require_each(half, _JUDGED_EACH)
        logit, simple, field = _apart(of, came, earlier, rows, ridge)
        return logit, simple, field, rows, halves
    fold = folds(came, _FOLDS, seed)
    logit, simple = np.empty(len(came)), np.empty(len(came))
    fields = []
    for number in range(_FOLDS):
        rows = np.flatnonzero(fold == number)
        logit[rows], simple[rows], field = _apart(of, came, fold != number, rows, ridge)
        fields.append(field)
    every = np.arange(len(came))
    return (
        logit,
        simple,
        max(sorted(set(fields)), key=fields.count),
        every,
        (every[fold < 2], every[fold >= 2]),
    )


def _apart(of: Table, came: Yes, learned: Yes, rows: Whole, ridge: float) -> tuple[Numbers, Numbers, str]:
    """Learn from some rows; the logits of others, what the best single field says of these, and its name."""
    known = encoding.rows(of, learned)
    fitted = fit(known, came[learned], ridge)
    logit = fitted.logit(encoding.rows(of, rows))
    best, said, name = -1.0, np.zeros(len(rows)), ""
    for field, column in of.items():
        groups = encoding.bins(column)
        by_group = rates(groups[learned], came[learned], int(groups.max()) + 1)
        figure = auc(came[learned], by_group[groups[learned]])
        if figure > best and field in fitted.encoding.names:
            best, said, name = figure, by_group[groups[rows]], field
    return logit, said, name


def _judged(
    logit: Numbers,
    simple: Numbers,
    field: str,
    came: Yes,
    halves: tuple[Whole, Whole],
    in_time: bool,
    seed: int,
) -> Judged:
    known = np.arange(len(came))
    if len(known) > _BOOTSTRAPPED:
        known = np.linspace(0, len(came) - 1, _BOOTSTRAPPED).astype(np.int64)
    surely = bootstrap(lambda rows: auc(came[known[rows]], logit[known[rows]]), len(known), seed=seed)
    surely = Bounded(auc(came, logit), surely.low, surely.high, surely.level)
    if surely.low < LEAST_AUC:
        raise NoSignal(msgid("the share of pairs ranked correctly"), surely.low, LEAST_AUC)
    rule = msgid("the best single field")
    beside = compare(rule, auc, came[known], logit[known], simple[known], seed=seed)
    said, rows = _corrected(logit, came, halves, in_time)
    return Judged(
        len(came),
        int(came.sum()),
        in_time,
        surely,
        beside,
        field,
        calibration(came[rows], said),
        calibration(came[rows], special.expit(logit[rows])),
        lift(came, logit),
    )


def _corrected(
    logit: Numbers, came: Yes, halves: tuple[Whole, Whole], in_time: bool
) -> tuple[Numbers, Whole]:
    """Corrected probabilities of rows that the correction has not seen: of the later half, or of each by the other."""
    ways = [halves] if in_time else [halves, halves[::-1]]
    said = []
    for learned, rows in ways:
        said.append(correction(logit[learned], came[learned]).probability(logit[rows]))
    return np.concatenate(said), np.concatenate([rows for _, rows in ways])
