"""What a change would bring: the course of the next months as now and with some levers moved, by simulation.

As now: each month ahead is one of the months that are known, drawn anew, around a level that these months leave unsure (a bootstrap
of their mean) and that moves on by as much each month. Where a forecast says more of the months ahead, they are as it says, and those
after it as these are on average. Levers multiply what they act upon; both courses are made of the same draws, so that what differs
between them is the levers alone. What a price does to volume is an assumption: constant elasticity.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Final

import numpy as np

from peyvand.analytical.methods.backtest import SEED
from peyvand.analytical.methods.guards import Numbers, numbers, require, same_length
from peyvand.kernel.errors import Invalid, msg, msgid

LEAST: Final = 6
MONTHS: Final = 12
# New people bring in full what one does now after so many months.
LEARNING: Final = 3
BOUNDS: Final[Mapping[str, tuple[float, float]]] = {
    "leads": (0, 1e7), "conversion": (0, 1), "win_rate": (0, 1), "people": (0, 1e5), "orders": (-1, 10), "size": (-1, 10),
    "price": (-0.95, 10), "elasticity": (-10, 0), "discount": (0, 0.95), "plan": (-1, 10),
}  # fmt: skip
_PATHS: Final = 2_000


@dataclass(frozen=True)
class Part:
    """A product of the plan: its share of the revenue, and of the cost of goods, 0 to 1."""

    share: float
    cost_share: float


@dataclass(frozen=True)
class Band:
    """An expected amount, and the interval that it lies in."""

    expected: float
    low: float
    high: float


@dataclass(frozen=True)
class Start:
    """Where the course begins: revenue of the known months, of deals (`dealt`) and of all else (`other`), oldest first.

    `leads` a month, `conversion` and `win_rate` (0 to 1), `people` who work on deals; None where that is not known and cannot be moved.
    `from_leads`: the share of deals that came of leads. `lag`: months from a deal's beginning until it is won. `discount`: share of
    the full price; `margin`: share of the revenue (None: no cost is known). `ahead`: what a forecast says of the first months ahead, at
    the level that is asked for; empty: there is none.
    """

    dealt: tuple[float, ...]
    other: tuple[float, ...]
    leads: float | None = None
    conversion: float | None = None
    win_rate: float | None = None
    people: float | None = None
    from_leads: float = 0.0
    lag: int = 0
    discount: float = 0.0
    margin: float | None = None
    plan: Mapping[str, Part] = field(default_factory=dict)
    ahead: tuple[Band, ...] = ()


@dataclass(frozen=True)
class Levers:
    """What is changed; None: as now. `leads`, `conversion`, `win_rate`, `people` and `discount` say how it shall be.

    The others are changes, 0.1 for a tenth more: `orders` of those without a deal, `size` of every deal and order, `price`, and by
    product of the plan. `elasticity`: by how many percent the volume falls where the price rises by one, as a negative number.
    """

    leads: float | None = None
    conversion: float | None = None
    win_rate: float | None = None
    people: float | None = None
    orders: float | None = None
    size: float | None = None
    price: float | None = None
    discount: float | None = None
    elasticity: float = -1.0
    plan: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Course:
    """Revenue and margin (None: no cost is known) by month ahead, and of all these months."""

    revenue: tuple[Band, ...]
    margin: tuple[Band, ...] | None
    revenue_total: Band
    margin_total: Band | None


@dataclass(frozen=True)
class Compared:
    """The course as now and with the levers, and what the levers bring in all these months."""

    now: Course
    then: Course
    gain: Band
    margin_gain: Band | None


@dataclass(frozen=True, eq=False)
class _Paths:
    """Simulated amounts, (paths, months)."""

    revenue: Numbers
    margin: Numbers | None


def compared(
    start: Start, levers: Levers, *, months: int = MONTHS, level: float = 0.8, paths: int = _PATHS, seed: int = SEED
) -> Compared:  # fmt: skip
    """The next `months` as now and with the levers, each with an interval at `level`.

    NotEnough below six known months; Invalid at a lever that is out of its bounds or of which nothing is known.
    """
    dealt, other = numbers("dealt", start.dealt), numbers("other", start.other)
    same_length(dealt=dealt, other=other)
    require(msgid("whole months"), LEAST, len(dealt))
    _check(start, levers)
    chance = np.random.default_rng(seed)
    sure = start.ahead[:months]
    around = _as_forecast(_around(np.stack([dealt, other]), months, paths, chance), sure, level)
    now, then = (_paths(start, moved, around, months) for moved in (Levers(), levers))
    gain = _band((then.revenue - now.revenue).sum(axis=1), level)
    margin_gain = None
    if now.margin is not None and then.margin is not None:
        margin_gain = _band((then.margin - now.margin).sum(axis=1), level)
    return Compared(_course(now, level, sure), _course(then, level, sure), gain, margin_gain)


def _check(start: Start, levers: Levers) -> None:
    asked = {f.name: getattr(levers, f.name) for f in fields(levers) if f.name != "plan"}
    for name, value in (*asked.items(), *(("plan", change) for change in levers.plan.values())):
        low, high = BOUNDS[name]
        if value is not None and not low <= value <= high:
            raise Invalid.of(msg("This is more or less than can be calculated with."), name)
    for name in ("leads", "conversion", "win_rate", "people"):
        if asked[name] is not None and not getattr(start, name):
            raise Invalid.of(msg("What it is now is not known."), name)
    if levers.plan.keys() - start.plan.keys():
        raise Invalid.of(msg("What it is now is not known."), "plan")


def _around(known: Numbers, months: int, paths: int, chance: np.random.Generator) -> Numbers:
    """Of deals and of all else, simulated months whose mean is exactly the known one: (2, paths, months)."""
    many = known.shape[1]
    level = known[:, chance.integers(0, many, (paths, many))].mean(axis=2)
    total = known.sum(axis=0)
    mean = float(total.mean())
    step = float(total.std()) / mean / np.sqrt(many) if mean > 0 else 0.0
    moved = np.exp(np.cumsum(chance.normal(0.0, step, (paths, months)), axis=1))
    drawn = known[:, chance.integers(0, many, (paths, months))] * level[:, :, None] * moved
    usual, mean_of = drawn.mean(axis=1, keepdims=True), known.mean(axis=1)[:, None, None]
    # Where hardly a month has any, none may have been drawn.
    scaled = drawn * np.divide(mean_of, usual, out=np.zeros_like(usual), where=usual > 0)
    return np.asarray(np.where(usual > 0, scaled, mean_of))


def _as_forecast(around: Numbers, sure: tuple[Band, ...], level: float) -> Numbers:
    """The simulated months with the mean and the spread that a forecast gives them; those after it with its mean month."""
    if not sure:
        return around
    total = around.sum(axis=0)
    mean = total.mean(axis=0)
    low, high = np.quantile(total, [(1 - level) / 2, (1 + level) / 2], axis=0)
    after = float(np.mean([band.expected for band in sure]))
    wanted = total * np.divide(after, mean, out=np.zeros_like(mean), where=mean > 0)
    for k, band in enumerate(sure):
        spread = (band.high - band.low) / (high[k] - low[k]) if high[k] > low[k] else 1.0
        month = np.maximum(band.expected + (total[:, k] - mean[k]) * spread, 0.0)
        wanted[:, k] = month * (band.expected / month.mean() if month.mean() > 0 else 0.0)
    # A month of nothing is shared out as all months together are.
    share = around.sum(axis=(1, 2)) / max(float(total.sum()), 1e-12)
    parts = np.divide(
        around, total, out=np.broadcast_to(share[:, None, None], around.shape).copy(), where=total > 0
    )
    return np.asarray(parts * wanted)


def _paths(start: Start, levers: Levers, around: Numbers, months: int) -> _Paths:
    plan = 1 + sum(start.plan[key].share * change for key, change in levers.plan.items())
    plan_cost = 1 + sum(start.plan[key].cost_share * change for key, change in levers.plan.items())
    discount = start.discount if levers.discount is None else levers.discount
    price = (1 + (levers.price or 0.0)) * (1 - discount) / (1 - start.discount)
    volume = price**levers.elasticity * (1 + (levers.size or 0.0))
    sold = around[0] * _deals(start, levers, months) + around[1] * (1 + (levers.orders or 0.0))
    revenue = sold * volume * price * plan
    if start.margin is None:
        return _Paths(revenue, None)
    return _Paths(revenue, revenue - sold * volume * (1 - start.margin) * plan_cost)


def _deals(start: Start, levers: Levers, months: int) -> Numbers:
    """By month ahead, how many times as many deals are won as now."""
    ahead = np.arange(1, months + 1)
    leads = _ratio(levers.leads, start.leads) * _ratio(levers.conversion, start.conversion)
    people = _ratio(levers.people, start.people)
    # Who leaves is missed at once; who comes has to learn.
    learned = np.minimum(1.0, ahead / LEARNING) if people > 1 else np.ones(months)
    by_people = 1 + (people - 1) * learned
    begun = start.from_leads * leads + (1 - start.from_leads) * by_people
    # What begins in a month is won so many months later.
    come = np.concatenate([np.ones(start.lag), begun])[:months]
    return np.asarray(come * _ratio(levers.win_rate, start.win_rate))


def _ratio(wanted: float | None, now: float | None) -> float:
    return wanted / now if wanted is not None and now else 1.0


def _course(paths: _Paths, level: float, sure: tuple[Band, ...]) -> Course:
    revenue, margin = paths.revenue, paths.margin
    return Course(
        _bands(revenue, level, sure),
        None if margin is None else _bands(margin, level),
        _band(revenue.sum(axis=1), level),
        None if margin is None else _band(margin.sum(axis=1), level),
    )


def _bands(paths: Numbers, level: float, sure: tuple[Band, ...] = ()) -> tuple[Band, ...]:
    """By month: as unsure as a forecast says, as far as it goes. What is further away is never surer, which so few paths alone would
    not say of every month."""
    expected = paths.mean(axis=0)
    low, high = np.quantile(paths, [(1 - level) / 2, (1 + level) / 2], axis=0)
    scale = np.maximum(np.abs(expected), 1e-12)
    below, above = np.maximum(expected - low, 0) / scale, np.maximum(high - expected, 0) / scale
    for k, band in enumerate(sure):
        usual = max(abs(band.expected), 1e-12)
        below[k], above[k] = (band.expected - band.low) / usual, (band.high - band.expected) / usual
    of = slice(len(sure), None)
    below[of], above[of] = (np.maximum.accumulate(side)[of] for side in (below, above))
    below, above = below * scale, above * scale
    return tuple(
        Band(*map(float, one)) for one in zip(expected, expected - below, expected + above, strict=True)
    )


def _band(amounts: Numbers, level: float) -> Band:
    low, high = np.quantile(amounts, [(1 - level) / 2, (1 + level) / 2])
    return Band(float(amounts.mean()), float(low), float(high))
