"""What a campaign changed, and for whom: the mean effect first, a ranking only where it is surely better than chance.

Two ridge logistic regressions, of those treated and of the random control group (a T-learner: Künzel, Sekhon, Bickel & Yu
2019), are fitted crosswise on five folds. The ranking is judged by the Qini curve (Radcliffe 2007): what treating the best
φ of all would have gained, less φ of what treating all gains. A ranking of noise looks well on some folds; the interval of
a bootstrap and the chance that shuffled ranks do as well decide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from peyvand.analytical.methods import encoding
from peyvand.analytical.methods.backtest import SEED, Bounded, auc, bootstrap
from peyvand.analytical.methods.encoding import Table
from peyvand.analytical.methods.guards import (
    NoSignal,
    Numbers,
    Whole,
    Yes,
    numbers,
    outcomes,
    require,
    same_length,
)
from peyvand.analytical.methods.logistic import Logistic, fit, folds, strongest
from peyvand.kernel.errors import RuleViolation, msg, msgid

EVENTS: Final = 100
CHANCE: Final = 0.05
_FOLDS: Final = 5
_TIMES: Final = 300
# Fields that tell who was treated so much better than chance show that the control group was not drawn by lot.
_NOT_BY_LOT: Final = 0.55
_NORMAL_95: Final = 1.96


@dataclass(frozen=True)
class Effect:
    """The mean of those treated and of the control group, and their difference with its 95 % interval."""

    treated: int
    control: int
    with_it: float
    without: float
    difference: Bounded


@dataclass(frozen=True)
class Ranking:
    """How well people are ranked: the Qini coefficient (a share of all, as the effect is) and its interval.

    `p` is the part of shuffled rankings that do as well. `tenths` is the effect observed in each tenth, best ranked first.
    """

    qini: Bounded
    p: float
    tenths: tuple[Effect, ...]


@dataclass(frozen=True, eq=False)
class UpliftModel:
    """What the two groups' outcomes look like; their difference is what the campaign is expected to change."""

    treated: Logistic
    control: Logistic
    effect: Effect
    ranking: Ranking

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that are looked at, in their order."""
        return self.treated.encoding.names


@dataclass(frozen=True, eq=False)
class Uplifts:
    """For each row by how much treating it raises the outcome's probability (−1 to 1), and the fields that matter most.

    `reasons` are places in the model's `fields`; `effects` what each adds to the difference of the logits.
    """

    uplift: Numbers
    reasons: Whole
    effects: Numbers


def effect(treated: ArrayLike, outcome: ArrayLike) -> Effect:
    """The mean effect on an outcome (yes and no, or amounts) of having been treated by lot.

    The interval is the normal one for two means of unequal variance. NotEnough below two rows in either group.
    """
    by_lot, came = outcomes("treated", treated), numbers("outcome", outcome)
    same_length(treated=by_lot, outcome=came)
    require(msgid("people treated"), 2, int(by_lot.sum()))
    require(msgid("people in the control group"), 2, int((~by_lot).sum()))
    one, other = came[by_lot], came[~by_lot]
    difference = float(one.mean() - other.mean())
    error = _NORMAL_95 * float(np.sqrt(one.var(ddof=1) / len(one) + other.var(ddof=1) / len(other)))
    bounded = Bounded(difference, difference - error, difference + error, 0.95)
    return Effect(len(one), len(other), float(one.mean()), float(other.mean()), bounded)


def learn(
    of: Mapping[str, ArrayLike],
    treated: ArrayLike,
    outcome: ArrayLike,
    *,
    events: int = EVENTS,
    ridge: float = 1.0,
    seed: int = SEED,
) -> UpliftModel:
    """Learn whom the campaign changes most, from fields known before it.

    NotEnough below `events` outcomes in either group; RuleViolation (`not_random`) when the fields tell who was treated;
    NoSignal when the ranking may be chance: then `effect` is all that can be said.
    """
    read, by_lot, came = encoding.table(of), outcomes("treated", treated), outcomes("outcome", outcome)
    same_length(treated=by_lot, outcome=came, fields=next(iter(read.values()), came))
    for kind, name in (
        (by_lot, msgid("outcomes among people treated")),
        (~by_lot, msgid("outcomes in the control group")),
    ):
        require(name, events, int((came & kind).sum()))
        require(msgid("people without the outcome in each group"), events, int((~came & kind).sum()))
    fold = folds(2 * by_lot + came, _FOLDS, seed)
    _require_lot(read, by_lot, fold, ridge, seed)
    said = np.empty(len(came))
    for number in range(_FOLDS):
        rest, rows = fold != number, fold == number
        of_rows = encoding.rows(read, rows)
        with_it, without = (
            special.expit(fit(encoding.rows(read, rest & kind), came[rest & kind], ridge).logit(of_rows))
            for kind in (by_lot, ~by_lot)
        )
        said[rows] = with_it - without
    ranking = rank(said, by_lot, came, seed=seed)
    if ranking.qini.low <= 0 or ranking.p > CHANCE:
        raise NoSignal(msgid("the gain from ranking people, as a share of all"), ranking.qini.low, 0.0)
    with_it, without = (fit(encoding.rows(read, kind), came[kind], ridge) for kind in (by_lot, ~by_lot))
    return UpliftModel(with_it, without, effect(by_lot, came), ranking)


def score(model: UpliftModel, of: Mapping[str, ArrayLike], *, reasons: int = 3) -> Uplifts:
    """Expected uplift of rows that have at least the fields the model looks at."""
    read = encoding.table({name: of[name] for name in model.fields if name in of})
    logits, effects = [], []
    for part in (model.treated, model.control):
        added = part.effects(part.encoding.matrix(read))
        logits.append(part.intercept + added.sum(axis=1))
        by_name = dict(zip(part.encoding.names, (added - part.usual).T, strict=True))
        nothing = np.zeros(len(added))
        effects.append(np.column_stack([by_name.get(name, nothing) for name in model.fields]))
    return Uplifts(
        special.expit(logits[0]) - special.expit(logits[1]), *strongest(effects[0] - effects[1], reasons)
    )


def rank(said: ArrayLike, treated: ArrayLike, outcome: ArrayLike, *, seed: int = SEED) -> Ranking:
    """Judge any ranking (the highest first) of people who were treated by lot; rows ranked the same count as one step."""
    scores, by_lot, came = numbers("said", said), outcomes("treated", treated), outcomes("outcome", outcome)
    same_length(said=scores, treated=by_lot, outcome=came)
    order = np.argsort(-scores, kind="stable")
    ordered = scores[order]
    ends = np.flatnonzero(np.concatenate((ordered[1:] != ordered[:-1], [True])))
    chance = np.random.default_rng(seed)
    once = np.ones(len(order))
    value = _qini(by_lot[order], came[order], once, ends)
    drawn = [
        _qini(by_lot[order], came[order], np.bincount(again, minlength=len(order)).astype(np.float64), ends)
        for again in (chance.integers(0, len(order), len(order)) for _ in range(_TIMES))
    ]
    shuffled = [
        _qini(by_lot[mixed], came[mixed], once, ends)
        for mixed in (chance.permutation(len(order)) for _ in range(_TIMES))
    ]
    low, high = np.quantile(drawn, (0.025, 0.975))
    p = (1 + sum(s >= value for s in shuffled)) / (1 + _TIMES)
    tenths = tuple(effect(by_lot[part], came[part]) for part in np.array_split(order, 10))
    return Ranking(Bounded(value, float(low), float(high), 0.95), p, tenths)


def _qini(treated: Yes, came: Yes, weight: Numbers, ends: Whole) -> float:
    """The area between the Qini curve and the straight line, of rows in their rank, as a share of all rows."""
    by_lot, control = np.cumsum(weight * treated)[ends], np.cumsum(weight * ~treated)[ends]
    gained = np.cumsum(weight * (treated & came))[ends]
    lost = np.cumsum(weight * (~treated & came))[ends]
    if not by_lot[-1] or not control[-1]:
        return float("nan")
    scale = np.divide(by_lot, control, out=np.zeros(len(ends)), where=control > 0)
    curve = np.concatenate(([0.0], (gained - lost * scale) / by_lot[-1]))
    part = np.concatenate(([0.0], (by_lot + control) / (by_lot[-1] + control[-1])))
    return float(np.trapezoid(curve - part * curve[-1], part))


def _require_lot(of: Table, by_lot: Yes, fold: Whole, ridge: float, seed: int) -> None:
    """Refuses groups that the fields tell apart."""
    said = np.empty(len(by_lot))
    for number in range(2):
        half = fold % 2 == number
        said[half] = fit(encoding.rows(of, ~half), by_lot[~half], ridge).logit(encoding.rows(of, half))
    told = bootstrap(lambda rows: auc(by_lot[rows], said[rows]), len(said), times=100, seed=seed)
    if told.low > _NOT_BY_LOT:
        raise RuleViolation(
            msg("The control group was not drawn by lot: the fields tell who was treated."),
            "treated",
            code="not_random",
        )
