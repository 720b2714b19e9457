"""How good a method is, asked in one way of all: on what came later, against a simple rule, with its uncertainty.

Nothing here knows the method: outcomes and what was said of them go in. Every random choice takes a seed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from peyvand.analytical.methods.guards import Numbers, Whole, Yes, numbers, outcomes, require, same_length
from peyvand.kernel.errors import Invalid, msg, msgid

TIMES: Final = 200
# What is said is not to be taken at its word where it errs by more than this on average, or where a tenth of the rows surely came
# true more or less often than was said, by more than a trifle. The intervals hold for all ten together with 95 in a hundred.
MOST_ECE, TRIFLE, _EACH_BIN = 0.1, 0.05, 0.995
SEED: Final = 1405


@dataclass(frozen=True)
class Bounded:
    """A figure with the interval that a bootstrap gives it: `low` and `high` enclose it at `level`."""

    value: float
    low: float
    high: float
    level: float


@dataclass(frozen=True)
class Comparison:
    """A method's figure beside that of a named simple rule; `gain` is positive where the method is better."""

    rule: str
    method: float
    simple: float
    gain: Bounded

    @property
    def is_better(self) -> bool:
        """Whether the method beats the rule beyond doubt: the gain's lower bound is above nothing."""
        return self.gain.low > 0


@dataclass(frozen=True)
class Bin:
    """Rows that were given about the same probability: how many, what was said on average, what came true."""

    rows: int
    said: float
    came: float

    @property
    def is_off(self) -> bool:
        """Whether what was said lies outside the interval (Wilson 1927) of what came true, and not by a trifle."""
        z, n = float(special.ndtri((1 + _EACH_BIN) / 2)), self.rows
        middle = (self.came + z * z / (2 * n)) / (1 + z * z / n)
        away = z / (1 + z * z / n) * float(np.sqrt(self.came * (1 - self.came) / n + z * z / (4 * n * n)))
        return abs(self.said - self.came) > TRIFLE and abs(self.said - middle) > away


@dataclass(frozen=True)
class Calibration:
    """Bins of equal size from the least likely up, the expected calibration error (0–1) and the Brier score."""

    bins: tuple[Bin, ...]
    ece: float
    brier: float

    @property
    def is_off(self) -> bool:
        """Whether percentages so said are not to be taken at their word."""
        return self.ece > MOST_ECE or any(each.is_off for each in self.bins)

    @property
    def worst(self) -> Bin:
        """Where it errs most."""
        return max(self.bins, key=lambda each: abs(each.said - each.came))


@dataclass(frozen=True)
class Lift:
    """By tenth of the rows, best scored first: the share of all outcomes in it and how many times chance that is."""

    rows: tuple[int, ...]
    share: tuple[float, ...]
    lift: tuple[float, ...]

    @property
    def cumulative(self) -> tuple[float, ...]:
        """Share of all outcomes in the best 10 %, 20 %, … 100 % of the rows."""
        return tuple(float(v) for v in np.cumsum(self.share))


def time_split(when: ArrayLike, share: float = 0.7) -> tuple[Yes, Yes]:
    """Which rows to learn from and which to judge by: about the first `share`, and what came strictly later.

    `when` is anything that sorts (days, datetime64). Rows of one moment stay together. NotEnough when all is one moment.
    """
    moments = np.asarray(when)
    if moments.dtype.kind == "f":
        moments = numbers("when", moments)
    elif moments.dtype.kind == "M" and bool(np.isnat(moments).any()):
        raise Invalid.of(msg("Some moments are missing."), "when")
    if not 0 < share < 1:
        raise Invalid.of(msg("A share lies between 0 and 1."), "share")
    require(msgid("rows"), 2, len(moments))
    ordered = np.sort(moments)
    cut = ordered[min(len(ordered) - 1, max(0, int(np.ceil(share * len(ordered))) - 1))]
    if cut == ordered[-1]:
        before = ordered[ordered < cut]
        require(msgid("different moments"), 2, 1 + (before.size > 0))
        cut = before[-1]
    earlier: Yes = moments <= cut
    return earlier, ~earlier


def bootstrap(
    statistic: Callable[[Whole], float],
    rows: int,
    *,
    times: int = TIMES,
    level: float = 0.95,
    seed: int = SEED,
) -> Bounded:
    """`statistic` of all rows, with the interval it has when the rows are drawn again with replacement.

    `statistic` takes indices of rows. A draw for which it is not defined (nan) is left out.
    """
    require(msgid("rows"), 2, rows)
    chance = np.random.default_rng(seed)
    value = statistic(np.arange(rows))
    drawn = np.array([statistic(chance.integers(0, rows, rows)) for _ in range(times)])
    known = drawn[np.isfinite(drawn)]
    if not known.size:
        return Bounded(value, float("-inf"), float("inf"), level)
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return Bounded(value, float(low), float(high), level)


def compare(
    rule: str,
    figure: Callable[[NDArray[np.float64], NDArray[np.float64]], float],
    actual: ArrayLike,
    method: ArrayLike,
    simple: ArrayLike,
    *,
    smaller_is_better: bool = False,
    times: int = TIMES,
    level: float = 0.95,
    seed: int = SEED,
) -> Comparison:
    """The figure of (actual, said) for the method and for the simple rule on the same rows, drawn again in pairs.

    `rule` is a msgid that names the rule. `figure` is for instance `auc` or `mean_error`.
    """
    truth, ours, theirs = numbers("actual", actual), numbers("method", method), numbers("simple", simple)
    same_length(actual=truth, method=ours, simple=theirs)
    sign = -1.0 if smaller_is_better else 1.0

    def gain(rows: Whole) -> float:
        return sign * (figure(truth[rows], ours[rows]) - figure(truth[rows], theirs[rows]))

    gained = bootstrap(gain, len(truth), times=times, level=level, seed=seed)
    return Comparison(rule, figure(truth, ours), figure(truth, theirs), gained)


def auc(outcome: ArrayLike, score: ArrayLike) -> float:
    """Probability that a row with the outcome is scored above one without; ties count half; nan if one kind is missing."""
    truth, scores = outcomes("outcome", outcome), numbers("score", score)
    same_length(outcome=truth, score=scores)
    yes = int(truth.sum())
    no = len(truth) - yes
    if not yes or not no:
        return float("nan")
    order = np.argsort(scores, kind="stable")
    ordered, came = scores[order], truth[order]
    starts, sizes = _runs(ordered)
    ranks = starts + (sizes + 1) / 2
    return float(
        ((np.add.reduceat(came, starts, dtype=np.int64) * ranks).sum() - yes * (yes + 1) / 2) / (yes * no)
    )


def mean_error(actual: ArrayLike, said: ArrayLike) -> float:
    """Mean absolute error, in the units of what was said."""
    truth, guesses = numbers("actual", actual), numbers("said", said)
    same_length(actual=truth, said=guesses)
    return float(np.abs(truth - guesses).mean()) if truth.size else float("nan")


def calibration(outcome: ArrayLike, probability: ArrayLike, *, bins: int = 10) -> Calibration:
    """Whether what is said with 30 % comes true in 30 of 100: bins of equal numbers of rows, ECE and Brier score."""
    truth, said = outcomes("outcome", outcome), numbers("probability", probability, least=0.0)
    same_length(outcome=truth, probability=said)
    if said.size and float(said.max()) > 1:
        raise Invalid.of(msg("A probability lies between 0 and 1."), "probability")
    require(msgid("rows"), bins, len(truth))
    order = np.argsort(said, kind="stable")
    came = _even(said[order], truth[order].astype(np.float64))
    made = tuple(
        Bin(len(part), float(said[order[part]].mean()), float(came[part].mean()))
        for part in np.array_split(np.arange(len(order)), bins)
    )
    ece = sum(b.rows * abs(b.said - b.came) for b in made) / len(truth)
    return Calibration(made, ece, float(((said - truth) ** 2).mean()))


def lift(outcome: ArrayLike, score: ArrayLike, *, parts: int = 10) -> Lift:
    """How many of the outcomes (counts or amounts, none negative) are found in each tenth of the rows, best scores first."""
    gained, scores = numbers("outcome", outcome, least=0.0), numbers("score", score)
    same_length(outcome=gained, score=scores)
    require(msgid("rows"), parts, len(gained))
    total = float(gained.sum())
    order = np.argsort(-scores, kind="stable")
    slices = np.array_split(_even(scores[order], gained[order]), parts)
    share = tuple(float(part.sum() / total) if total else 0.0 for part in slices)
    sizes = tuple(len(part) for part in slices)
    return Lift(sizes, share, tuple(s * len(gained) / n for s, n in zip(share, sizes, strict=True)))


def coverage(actual: ArrayLike, low: ArrayLike, high: ArrayLike) -> float:
    """Share of what happened that lay within the interval it was given (its ends belong to it); nan of nothing."""
    truth = numbers("actual", actual)
    below, above = (np.asarray(v, dtype=np.float64) for v in (low, high))
    same_length(actual=truth, low=below, high=above)
    inside: Numbers = ((truth >= below) & (truth <= above)).astype(np.float64)
    return float(inside.mean()) if truth.size else float("nan")


def _runs(ordered: Numbers) -> tuple[Whole, Whole]:
    """Where each run of equal values begins, and how long it is."""
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    return starts, np.diff(np.r_[starts, len(ordered)])


def _even(ordered: Numbers, values: Numbers) -> Numbers:
    """Each value replaced by the mean of those scored the same: what is tied has no order among itself."""
    if not ordered.size:
        return values
    starts, sizes = _runs(ordered)
    return np.repeat(np.add.reduceat(values, starts) / sizes, sizes)
