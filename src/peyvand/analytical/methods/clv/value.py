"""From a fitted model to what people ask: value per customer, intervals, the total, and how right it was before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from peyvand.analytical.methods.backtest import SEED, TIMES, Comparison, Lift, compare, lift, mean_error
from peyvand.analytical.methods.clv.gammagamma import GammaGamma
from peyvand.analytical.methods.clv.purchases import Groups, Purchases, summarise
from peyvand.analytical.methods.guards import (
    NotEnough,
    Numbers,
    Stale,
    Whole,
    numbers,
    require,
    same_length,
    whole,
)
from peyvand.kernel.errors import Invalid, msg, msgid

MONTH: Final = 365.25 / 12
YEAR: Final = 365
# Sums that err by no more than this share of what came are not said to be off.
MOST_AWAY: Final = 0.2
_NORMAL_99: Final = 2.576
# Where in the known time a model is tried on what followed, to learn how far it may stray.
ORIGINS: Final = (1 / 2, 2 / 3, 3 / 4)
_CHUNK: Final = 16384
# A total of more customers than these is drawn from so many of them.
_SAMPLE: Final = 20_000


class OrderModel(Protocol):
    """What BG/NBD and Pareto/NBD have in common."""

    def alive(self, known: Purchases) -> Numbers: ...
    def orders(self, known: Purchases, days: float) -> Numbers: ...
    def drawn(self, draws: int, seed: int) -> NDArray[np.float64]: ...
    def simulated(
        self, parameters: Numbers, groups: Groups, days: float, chance: np.random.Generator
    ) -> Whole: ...


@dataclass(frozen=True)
class Total:
    """Orders of all customers together: `expected`, and at `level` the interval from `low` to `high`.

    `spread` is the model's own relative uncertainty (parameters and chance), `strayed` how far it was off in rehearsals,
    root mean square; `rehearsals` how many there were. With none the interval is the model's word alone. Unless `is_season_known`
    (a year of history), a season ahead may lead out of the interval, and people should be told so.
    """

    expected: float
    low: float
    high: float
    level: float
    spread: float
    strayed: float
    rehearsals: int
    is_season_known: bool


@dataclass(frozen=True)
class Rehearsal:
    """What a model that knew only the time before expected of all customers, and what they did."""

    expected: float
    actual: int

    @property
    def strayed(self) -> float:
        """Logarithm of actual over expected, kept finite where either is nothing."""
        return float(np.log((self.actual + 0.5) / (self.expected + 0.5)))


@dataclass(frozen=True)
class Judged:
    """A model on what came later: totals, correlation by customer, and its error beside that of "they go on at the same rate"."""

    expected: float
    actual: float
    correlation: float
    error: Comparison


def lifetime_value(
    model: OrderModel,
    spend: GammaGamma,
    known: Purchases,
    *,
    months: int = 12,
    margin: float = 1.0,
    yearly_discount: float = 0.1,
) -> Numbers:
    """By customer, what their orders of the next `months` are worth today, in the currency of the amounts.

    Expected orders of each month × expected spend × margin, discounted by month.
    """
    if months < 1 or not np.isfinite(margin) or yearly_discount <= -1:
        raise Invalid.of(msg("Value is asked over one month at least, with a discount above -1."), "months")
    worth, before = np.zeros(len(known)), np.zeros(len(known))
    for month in range(1, months + 1):
        orders = model.orders(known, month * MONTH)
        worth += (orders - before) / (1 + yearly_discount) ** (month / 12)
        before = orders
    return worth * spend.spend(known) * margin


def order_interval(
    model: OrderModel,
    known: Purchases,
    days: float,
    *,
    level: float = 0.8,
    draws: int = TIMES,
    seed: int = SEED,
) -> tuple[Whole, Whole]:
    """By customer, between how many orders they will make within `days`, with the parameters' uncertainty in it."""
    groups, parameters = known.groups, model.drawn(draws, seed)
    chance = np.random.default_rng(seed)
    low, high = np.empty(len(groups.rows), np.int64), np.empty(len(groups.rows), np.int64)
    for start in range(0, len(low), _CHUNK):
        rows = slice(start, start + _CHUNK)
        part = Groups(groups.repeats[rows], groups.last[rows], groups.age[rows], groups.rows[rows])
        made = np.sort([model.simulated(p, part, days, chance) for p in parameters], axis=0)
        low[rows] = made[int(np.floor((1 - level) / 2 * (draws - 1)))]
        high[rows] = made[int(np.ceil((1 + level) / 2 * (draws - 1)))]
    return low[known.group_of], high[known.group_of]


def total_orders(
    model: OrderModel,
    known: Purchases,
    days: float,
    *,
    rehearsals: Sequence[Rehearsal] = (),
    level: float = 0.8,
    draws: int = TIMES,
    seed: int = SEED,
) -> Total:
    """All orders to expect within `days`, with an interval of what the model admits and of how far it strayed before.

    The two are added in squares. That is wide on purpose: what is ahead is longer than any rehearsal was, and a season or a
    campaign moves everybody together, which no model of single customers knows.
    """
    require(msgid("buyers"), 1, len(known))
    expected = float(model.orders(known, days).sum())
    chance = np.random.default_rng(seed)
    part = known
    if len(known) > _SAMPLE:
        part = known.sampled(np.sort(chance.choice(len(known), _SAMPLE, replace=False)))
    everyone = Groups(part.repeats, part.last, part.age, np.ones(len(part), np.int64))
    made = np.array([model.simulated(p, everyone, days, chance).sum() for p in model.drawn(draws, seed)])
    center = float(made.mean())
    spread = float(made.std(ddof=1)) / center if center > 0 else 0.0
    strayed = float(np.sqrt(np.mean([r.strayed**2 for r in rehearsals]))) if rehearsals else 0.0
    away = NormalDist().inv_cdf((1 + level) / 2) * float(np.hypot(spread, strayed))
    return Total(
        expected, expected * float(np.exp(-away)), expected * float(np.exp(away)), level, spread, strayed, len(rehearsals),
        bool(known.age.max() >= YEAR),
    )  # fmt: skip


def rehearse(
    fit: Callable[[Purchases], OrderModel],
    customer: ArrayLike,
    day: ArrayLike,
    as_of: int,
    origins: Sequence[float] = ORIGINS,
) -> tuple[Rehearsal, ...]:
    """Fits at earlier dates, each time with what was known then, and holds what was expected against what followed by `as_of`.

    Dates at which there was too little to fit are left out. `customer` and `day` as in `summarise`.
    """
    who, when = whole("customer", customer), whole("day", day)
    same_length(customer=who, day=when)
    if not when.size:
        return ()
    first, done = int(when.min()), []
    for origin in origins:
        then = first + round((as_of - first) * origin)
        known = summarise(who, when, then)
        try:
            model = fit(known)
        except (NotEnough, Stale):
            continue
        orders, _ = followed(who, when, known, then, as_of)
        done.append(Rehearsal(float(model.orders(known, as_of - then).sum()), int(orders.sum())))
    return tuple(done)


def followed(
    customer: ArrayLike,
    day: ArrayLike,
    known: Purchases,
    after: int,
    until: int,
    amount: ArrayLike | None = None,
) -> tuple[Whole, Numbers]:
    """By known customer, the days with a purchase after `after` up to `until`, and their amounts together."""
    who, when = whole("customer", customer), whole("day", day)
    paid = np.ones(len(who)) if amount is None else numbers("amount", amount)
    same_length(customer=who, day=when, amount=paid)
    inside = (when > after) & (when <= until)
    who, when, paid = who[inside], when[inside], paid[inside]
    place = np.minimum(np.searchsorted(known.customers, who), max(0, len(known) - 1))
    ours = known.customers[place] == who if len(known) else np.zeros(len(who), np.bool_)
    seen = summarise(place[ours], when[ours], until, paid[ours])
    orders = np.zeros(len(known), np.int64)
    orders[seen.customers] = seen.repeats + 1
    if amount is None:
        return orders, np.zeros(len(known))
    return orders, np.bincount(place[ours], paid[ours], len(known)).astype(np.float64)


def judge(
    model: OrderModel,
    known: Purchases,
    days: float,
    orders: ArrayLike,
    *,
    times: int = TIMES,
    seed: int = SEED,
) -> Judged:
    """The model beside the simple rule that customers go on at the rate they had, on the `orders` of the `days` that followed."""
    actual = numbers("orders", orders, least=0.0)
    expected = model.orders(known, days)
    same_length(known=expected, orders=actual)
    error = compare(
        msgid("they go on at the same rate"), mean_error, actual, expected, at_their_rate(known, days),
        smaller_is_better=True, times=times, seed=seed,
    )  # fmt: skip
    varied = float(expected.std() * actual.std())
    together = (
        float(((expected - expected.mean()) * (actual - actual.mean())).mean()) / varied if varied else 0.0
    )
    return Judged(float(expected.sum()), float(actual.sum()), together, error)


@dataclass(frozen=True)
class Sums:
    """What was said of all customers together beside what came, and the deviation that chance gives their difference."""

    said: float
    came: float
    spread: float

    @property
    def is_off(self) -> bool:
        """Whether it erred by more than a fifth of what came, and by more than chance explains with 99 in a hundred."""
        away = abs(self.said - self.came)
        return away > MOST_AWAY * self.came and away > _NORMAL_99 * self.spread


def sums(said: ArrayLike, came: ArrayLike) -> Sums:
    """By customer in, all together out."""
    ours, theirs = numbers("said", said), numbers("came", came)
    same_length(said=ours, came=theirs)
    spread = float(np.std(ours - theirs) * np.sqrt(len(ours))) if ours.size else 0.0
    return Sums(float(ours.sum()), float(theirs.sum()), spread)


def at_their_rate(known: Purchases, days: float) -> Numbers:
    """The simple rule: customers go on at the rate they had."""
    rate: Numbers = known.repeats / np.maximum(known.age, 1) * days
    return rate


def value_lift(value: ArrayLike, revenue: ArrayLike) -> Lift:
    """Which share of the revenue that followed the customers of each tenth brought, most valued first; refunds count as nothing."""
    return lift(np.maximum(numbers("revenue", revenue), 0.0), value)
