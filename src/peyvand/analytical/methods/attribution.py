"""Which channels the conversions are owed to: first, last and linear touch, Markov removal effect and Shapley value.

The Markov chain (Anderl, Becker, von Wangenheim & Schumann 2016) goes from one touch to the next as often as the paths do.
A channel's removal effect is the share of conversions lost when every step to it leads nowhere. Nothing is simulated:
who starts reaches channel c with probability h(c) and converts from there with x(c), so the share is h(c) x(c) / x(start).
The Shapley value (1953) shares out the same chain's conversions by what each channel adds to every set of the others.

All of these describe who was there, not what would have happened otherwise: only a random control group tells that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from math import factorial
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from peyvand.analytical.methods.backtest import SEED, TIMES
from peyvand.analytical.methods.guards import NotEnough, Numbers, Whole, numbers, require, same_length, whole
from peyvand.kernel.errors import Invalid, RuleViolation, msg, msgid

CONVERSIONS: Final = 300
CHANNELS: Final = 2
# Every set of channels is looked at: 16,384 sets of 14.
SHAPLEY_CHANNELS: Final = 14
_SETS_AT_A_TIME: Final = 2048
_CHANNELS: Final = 500

Stack: TypeAlias = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Paths:
    """Paths of touches: path p is `touches[starts[p]:starts[p + 1]]`, channels by their number from 0, first touch first.

    `converted` and `lost` count how often the path was gone to its end with and without a conversion, `value` is what the
    conversions brought (0 where nobody asks). `channels` is how many there are.
    """

    touches: Whole
    starts: Whole
    converted: Numbers
    lost: Numbers
    value: Numbers
    channels: int


@dataclass(frozen=True, eq=False)
class Attribution:
    """What each channel is owed: conversions and value, each adding up to the total, and the conversions' interval."""

    conversions: Numbers
    value: Numbers
    low: Numbers
    high: Numbers


@dataclass(frozen=True, eq=False)
class Removal:
    """The chain's probability of a conversion, and by channel the share of it that is lost without the channel (0–1)."""

    conversion: float
    effect: Numbers


def paths(
    touches: ArrayLike,
    lengths: ArrayLike,
    converted: ArrayLike,
    lost: ArrayLike | None = None,
    value: ArrayLike | None = None,
) -> Paths:
    """Paths from all their touches one after another (channels numbered from 0) and how many each path has.

    A path of no touches counts for no channel and is left out. Invalid when the arrays do not fit each other.
    """
    steps, sizes = whole("touches", touches, least=0), whole("lengths", lengths, least=0)
    good = numbers("converted", converted, least=0.0)
    bad = np.zeros(len(good)) if lost is None else numbers("lost", lost, least=0.0)
    worth = np.zeros(len(good)) if value is None else numbers("value", value)
    same_length(lengths=sizes, converted=good, lost=bad, value=worth)
    if int(sizes.sum()) != len(steps):
        raise Invalid.of(
            msg(
                "The paths have %(said)s touches, but %(has)s are given.",
                said=int(sizes.sum()),
                has=len(steps),
            ),
            "lengths",
        )
    kept = sizes > 0
    starts = np.concatenate(([0], np.cumsum(sizes[kept])))
    channels = int(steps.max()) + 1 if len(steps) else 0
    if channels > _CHANNELS:
        raise Invalid.of(msg("At most %(most)s channels are compared.", most=_CHANNELS), "touches")
    return Paths(steps, starts, good[kept], bad[kept], worth[kept], channels)


def first_touch(of: Paths, *, seed: int = SEED) -> Attribution:
    """All of a conversion to the channel its path began with."""
    _require(of)
    return _shared(of, _credit(of, of.touches[of.starts[:-1]], np.arange(len(of.converted))), seed)


def last_touch(of: Paths, *, seed: int = SEED) -> Attribution:
    """All of a conversion to the channel its path ended with."""
    _require(of)
    return _shared(of, _credit(of, of.touches[of.starts[1:] - 1], np.arange(len(of.converted))), seed)


def linear(of: Paths, *, seed: int = SEED) -> Attribution:
    """An equal part of a conversion to each touch on its path."""
    _require(of)
    return _shared(
        of, _credit(of, of.touches, np.repeat(np.arange(len(of.converted)), np.diff(of.starts))), seed
    )


def removal(of: Paths) -> Removal:
    """The removal effects of the first-order chain, exact to the precision of floats."""
    _require(of)
    weights = np.concatenate((of.converted, of.lost))
    return _removal((_steps(of) @ weights).reshape(of.channels + 1, of.channels + 2))


def markov(of: Paths, *, seed: int = SEED) -> Attribution:
    """Conversions and value in proportion to the removal effects. The interval draws the travellers again."""
    _require(of)
    return _by_effect(of, lambda steps: _removal(steps).effect, TIMES, seed)


def shapley(of: Paths, *, seed: int = SEED) -> Attribution:
    """Each channel's average addition to the chain's conversions, over all orders in which channels could be added.

    RuleViolation with more than 14 channels. The interval draws the travellers again, with fewer draws when channels are many.
    """
    _require(of)
    if of.channels > SHAPLEY_CHANNELS:
        raise RuleViolation(
            msg(
                "At most %(most)s channels can be shared out so; there are %(has)s.",
                most=SHAPLEY_CHANNELS,
                has=of.channels,
            ),
            "touches",
        )
    return _by_effect(of, _shapley, min(TIMES, max(20, (TIMES << 8) >> of.channels)), seed)


def _require(of: Paths) -> None:
    require(msgid("conversions"), CONVERSIONS, int(of.converted.sum()))
    channels = len(np.unique(of.touches))
    if channels < CHANNELS:
        raise NotEnough(msgid("channels"), CHANNELS, channels)


def _credit(of: Paths, channel: Whole, path: Whole) -> sparse.csr_array:
    """Channels × paths: the part of each path that a channel is owed when every touch named counts the same."""
    part = 1 / np.bincount(path, minlength=len(of.converted))[path]
    return sparse.coo_array((part, (channel, path)), shape=(of.channels, len(of.converted))).tocsr()


def _shared(of: Paths, credit: sparse.csr_array, seed: int) -> Attribution:
    chance = np.random.default_rng(seed)
    drawn = (credit @ chance.poisson(of.converted, (TIMES, len(of.converted))).T.astype(np.float64)).T
    low, high = np.quantile(drawn, (0.025, 0.975), axis=0)
    return Attribution(credit @ of.converted, credit @ of.value, low, high)


def _by_effect(of: Paths, effect: Callable[[Numbers], Numbers], times: int, seed: int) -> Attribution:
    """All conversions in proportion to an effect that the chain's steps have."""
    steps, chance = _steps(of), np.random.default_rng(seed)
    weights = np.concatenate((of.converted, of.lost))
    shape = (of.channels + 1, of.channels + 2)
    share = _normed(effect((steps @ weights).reshape(shape)))
    drawn = np.empty((times, of.channels))
    for time in range(times):
        again = chance.poisson(weights).astype(np.float64)
        drawn[time] = _normed(effect((steps @ again).reshape(shape))) * again[: len(of.converted)].sum()
    low, high = np.quantile(drawn, (0.025, 0.975), axis=0)
    return Attribution(share * of.converted.sum(), share * of.value.sum(), low, high)


def _normed(effect: Numbers) -> Numbers:
    total = effect.sum()
    return effect / total if total > 0 else np.full(len(effect), 1 / len(effect))


def _steps(of: Paths) -> sparse.csr_array:
    """From paths gone to a conversion, then paths gone in vain, to steps counted.

    A step is a cell of a table: rows are the channels and at last the start; columns the channels, conversion, loss.
    """
    channels, many = of.channels, len(of.converted)
    path = np.repeat(np.arange(many), np.diff(of.starts))
    is_first = np.zeros(len(of.touches), np.bool_)
    is_first[of.starts[:-1]] = True
    before = np.where(is_first, channels, np.roll(of.touches, 1))
    between = before * (channels + 2) + of.touches
    ends = of.touches[of.starts[1:] - 1] * (channels + 2) + channels
    every = np.arange(many)
    cell = np.concatenate((between, ends, between, ends + 1))
    column = np.concatenate((path, every, path + many, every + many))
    shape = ((channels + 1) * (channels + 2), 2 * many)
    return sparse.coo_array((np.ones(len(cell)), (cell, column)), shape=shape).tocsr()


def _chances(steps: Numbers) -> Numbers:
    """Each row as chances; a row of no steps stays nothing: it is never reached."""
    total = steps.sum(axis=1, keepdims=True)
    chances: Numbers = np.divide(steps, total, out=np.zeros_like(steps), where=total > 0)
    return chances


def _removal(steps: Numbers) -> Removal:
    """h(c) is how often c is visited from the start over how often it is visited once it has been reached."""
    chances = _chances(steps)
    channels = len(chances) - 1
    visits = np.linalg.inv(np.eye(channels) - chances[:channels, :channels])
    converts = visits @ chances[:channels, channels]
    reached = chances[channels, :channels] @ visits / np.diag(visits)
    conversion = float(chances[channels, :channels] @ converts)
    effect = reached * converts / conversion if conversion > 0 else np.zeros(channels)
    return Removal(conversion, effect)


def _shapley(steps: Numbers) -> Numbers:
    worth = _worth_of_sets(steps)
    channels = len(steps) - 1
    members = np.arange(len(worth))
    sizes = np.bitwise_count(members).astype(np.int64)
    orders = np.array([factorial(n) * factorial(channels - n - 1) for n in range(channels)]) / factorial(
        channels
    )
    value = np.empty(channels)
    for channel in range(channels):
        without = members[members >> channel & 1 == 0]
        value[channel] = orders[sizes[without]] @ (worth[without | 1 << channel] - worth[without])
    return value


def _worth_of_sets(steps: Numbers) -> Numbers:
    """The chain's probability of a conversion with each set of channels alone; bit c of the index is channel c."""
    chances = _chances(steps)
    channels = len(chances) - 1
    worth = np.zeros(1 << channels)
    for low in range(0, len(worth), _SETS_AT_A_TIME):
        sets = np.arange(low, min(len(worth), low + _SETS_AT_A_TIME))
        member = (sets[:, None] >> np.arange(channels) & 1).astype(np.float64)
        among: Stack = np.eye(channels) - chances[:channels, :channels] * member[:, None, :]
        converts = np.linalg.solve(
            among, np.broadcast_to(chances[:channels, channels, None], (len(sets), channels, 1))
        )
        worth[sets] = (member * converts[:, :, 0]) @ chances[channels, :channels]
    return worth


def numbered(rows: list[list[str]]) -> tuple[Whole, Whole, tuple[str, ...]]:
    """Paths by names of channels as touches and lengths for `paths`, and the names in the order of their numbers."""
    names = tuple(sorted(set(chain.from_iterable(rows))))
    number = {name: n for n, name in enumerate(names)}
    touches = np.array([number[name] for row in rows for name in row], np.int64)
    return touches, np.array([len(row) for row in rows], np.int64), names
