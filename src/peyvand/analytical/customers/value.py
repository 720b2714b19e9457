"""What customers will bring: who is still one, how many times they will buy, what that is worth and when they do so next.

What is bought on one day is one purchase, of one order or of several. BG/NBD for purchases, Gamma-Gamma for their amounts. Both are
tried on what came later, beside the rule that customers go on at the rate they had; where they are not surely better, what is said is
the rule's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from scipy import stats

from peyvand.analytical.analyses.columns import day_of, days, iso
from peyvand.analytical.analyses.contract import Beside, Card, Figure, Finding, Inputs
from peyvand.analytical.analyses.customers import Told, by_object
from peyvand.analytical.customers.history import History, read
from peyvand.analytical.customers.tiers import bringing
from peyvand.analytical.methods.backtest import Lift, mean_error
from peyvand.analytical.methods.clv import bgnbd, gammagamma, paretonbd
from peyvand.analytical.methods.clv.bgnbd import BgNbd
from peyvand.analytical.methods.clv.gammagamma import GammaGamma
from peyvand.analytical.methods.clv.paretonbd import ParetoNbd
from peyvand.analytical.methods.clv.purchases import Purchases
from peyvand.analytical.methods.clv.value import (
    YEAR,
    Judged,
    Rehearsal,
    Sums,
    at_their_rate,
    followed,
    judge,
    order_interval,
    rehearse,
    sums,
    total_orders,
    value_lift,
)
from peyvand.analytical.methods.guards import NotEnough, Numbers, Stale
from peyvand.kernel.errors import Message, msg, msgid
from peyvand.platform.insights.telling import reason

# Shares of all value that the customers of tiers A, B and C bring, each with those before.
TIERS: Final = (0.5, 0.8, 0.95)
KEYS: Final = np.array(["a", "b", "c", "d"], dtype=object)
# In a rehearsal fewer were known than now.
_THEN: Final = {"buyers": 100, "repeaters": 40}
_LEVEL: Final = 0.8
# Intervals are of so many lives drawn of each different customer; of fewer where there are many of these.
_DRAWS, _FEW, _MANY = 200, 60, 50_000
# Half of the next orders come between these.
_WINDOW: Final = (0.25, 0.75)
_FARTHEST: Final = 2 * YEAR


@dataclass(frozen=True, eq=False)
class Tried:
    """The models on what followed an earlier day: purchases judged, revenue found, and Pareto/NBD's error beside them."""

    judged: Judged
    # Of what is used: the model, or the rule where that does as well.
    sums: Sums
    ours: Lift
    past: Lift
    bins: tuple[tuple[float, float, int], ...]
    pareto: float
    days: int


@dataclass(frozen=True, eq=False)
class Expected:
    """By customer, purchases and value of the days ahead, each with the interval in which four of five come to lie."""

    orders: Numbers
    fewest: Numbers
    most: Numbers
    value: Numbers
    low: Numbers
    high: Numbers


def run(given: Inputs) -> Finding:
    """Value of every buyer over the horizon, as of the day."""
    history, horizon = read(given), int(given.settings["horizon_days"])
    known = history.known(history.as_of)
    model, pareto, spend = bgnbd.fit(known), paretonbd.fit(known), gammagamma.fit(known)
    amount = _amounts(spend, known) * int(given.settings.get("margin", 100)) / 100
    tried = _tried(history, horizon)
    is_better = tried is not None and tried.judged.error.is_better
    expected = _by_model(model, known, amount, horizon) if is_better else _by_rule(known, amount, horizon)
    alive = _alive(model, pareto, known)
    begin, end = _window(model, known, alive, history.as_of)
    value = _about(expected.value)
    values = {
        "expected_value": value,
        "alive": alive,
        "expected_orders": np.round(expected.orders, 1),
        "value_tier": KEYS[bringing(expected.value, TIERS)],
        "next_from": days(begin),
        "next_until": days(end),
    }
    told = {
        "expected_value": _told(
            known, history.usual(known), history.as_of, _interval(value, _about(expected.low), _about(expected.high))
        ),
        "expected_orders": lambda n: {
            "low": round(float(expected.fewest[n]), 1), "high": round(float(expected.most[n]), 1)
        },
    }  # fmt: skip
    card = _card(history, known, model, pareto, spend, alive, tried, horizon)
    return Finding(by_object(known.customers, values, told), card)


def _amounts(spend: GammaGamma, known: Purchases) -> Numbers:
    """What the next order is worth; where the tail is too heavy to have a mean, what orders were worth so far."""
    amount = spend.spend(known)
    usual = float(known.spend[known.spend > 0].mean())
    return np.where(np.isfinite(amount), amount, np.where(known.spend > 0, known.spend, usual))


def _by_model(model: BgNbd, known: Purchases, amount: Numbers, horizon: int) -> Expected:
    orders = model.orders(known, horizon)
    draws = _DRAWS if len(known.groups.rows) <= _MANY else _FEW
    low, high = order_interval(model, known, horizon, level=_LEVEL, draws=draws)
    return _expected(orders, low.astype(np.float64), high.astype(np.float64), amount)


def _by_rule(known: Purchases, amount: Numbers, horizon: int) -> Expected:
    """As often as so far, for as much as so far. Orders that come by chance at a rate known from so few: by Poisson and Gamma (Jeffreys'
    prior) those ahead are negative binomial."""
    orders = at_their_rate(known, horizon)
    share = np.maximum(known.age, 1) / (np.maximum(known.age, 1) + horizon)
    fewest, most = (
        stats.nbinom.ppf(end, known.repeats + 0.5, share) for end in ((1 - _LEVEL) / 2, (1 + _LEVEL) / 2)
    )
    return _expected(orders, fewest, most, np.where(known.spend > 0, known.spend, amount))


def _expected(orders: Numbers, fewest: Numbers, most: Numbers, amount: Numbers) -> Expected:
    """Of who hardly buys, the mean may lie above what four in five will do: the interval is drawn to hold it."""
    low, high = np.minimum(fewest, orders), np.maximum(most, orders)
    return Expected(orders, low, high, orders * amount, low * amount, high * amount)


def _alive(model: BgNbd, pareto: ParetoNbd, known: Purchases) -> Numbers:
    """In percent; nan where leaving cannot be measured. By Pareto/NBD: to BG/NBD nobody leaves before a second order."""
    if model.is_dropout_measured and pareto.is_dropout_measured:
        return np.rint(100 * pareto.alive(known))
    return np.full(len(known), np.nan)


def _about(amount: Numbers) -> Numbers:
    """To two digits: more would be noise, and change every night."""
    scale = 10.0 ** np.maximum(np.floor(np.log10(np.maximum(np.abs(amount), 1))) - 1, 0)
    rounded: Numbers = np.rint(amount / scale) * scale
    return rounded


def _window(model: BgNbd, known: Purchases, alive: Numbers, as_of: int) -> tuple[Numbers, Numbers]:
    """Between which days the next order is to be looked for, reckoned from the last one: it stays until they buy again.

    For who bought once, is likelier gone than not, is overdue or buys too seldom there is none.
    """
    at_last = replace(known, age=known.last)
    ahead = model.next_order(at_last, _WINDOW).days
    last = as_of - known.silent
    begin, end = last + np.floor(ahead[:, 0]), last + np.ceil(ahead[:, 1])
    shown = (known.repeats > 0) & ~(alive < 50) & (end >= as_of) & (end <= as_of + _FARTHEST)
    return np.where(shown, begin, np.nan), np.where(shown, end, np.nan)


def _tried(history: History, horizon: int) -> Tried | None:
    """The models as they would have been some time ago, on what followed; None where too little was known then."""
    ahead = min(horizon, (history.as_of - history.first) // 2)
    then = history.as_of - ahead
    known = history.known(then)
    try:
        model, spend = bgnbd.fit(known, **_THEN), gammagamma.fit(known, repeaters=_THEN["repeaters"])
        pareto = paretonbd.fit(known, **_THEN)
    except (NotEnough, Stale):
        return None
    came, revenue = followed(history.customer, history.day, known, then, history.as_of, history.net)
    said = model.orders(known, ahead)
    order = np.argsort(said, kind="stable")
    bins = tuple(
        (float(said[part].mean()), float(came[part].mean()), len(part)) for part in np.array_split(order, 10)
    )
    spent = history.spent(known, history.first - 1, then)
    judged = judge(model, known, ahead, came)
    return Tried(
        judged,
        sums(said if judged.error.is_better else at_their_rate(known, ahead), came),
        value_lift(said * _amounts(spend, known), revenue),
        value_lift(spent, revenue),
        bins,
        mean_error(came, pareto.orders(known, ahead)),
        ahead,
    )


def _interval(value: Numbers, low: Numbers, high: Numbers) -> Told:
    return lambda n: {"low": int(min(low[n], value[n])), "high": int(max(high[n], value[n]))}


def _told(known: Purchases, usual: Numbers, as_of: int, interval: Told) -> Told:
    """The rhythm that a value follows from, in days that stay as they are until somebody buys."""

    last_days = as_of - known.silent

    def told(n: int) -> Mapping[str, Any]:
        last, repeats = iso(last_days[n]), int(known.repeats[n])
        if not repeats:
            reasons = [reason(msg("Bought on one day so far: %(day)s", day={"day": last}))]
        else:
            reasons = [
                reason(msg("Bought on %(days)s days, last on %(day)s", days=repeats + 1, day={"day": last})),
                reason(msg("%(amount)s on such a day on average", amount={"money": round(float(usual[n]))})),
            ]
        if repeats > 1:
            days = max(1, round(int(known.last[n]) / repeats))
            reasons.insert(1, reason(msg("Usually buys every %(days)s days", days=days)))
        return {"reasons": reasons, **(interval(n) or {})}

    return told


def _card(
    history: History,
    known: Purchases,
    model: BgNbd,
    pareto: ParetoNbd,
    spend: GammaGamma,
    alive: Numbers,
    tried: Tried | None,
    horizon: int,
) -> Card:
    rehearsals: tuple[Rehearsal, ...] = rehearse(
        lambda then: bgnbd.fit(then, **_THEN), history.customer[history.net > 0], history.day[history.net > 0], history.as_of
    )  # fmt: skip
    total = total_orders(model, known, horizon, rehearsals=rehearsals, level=_LEVEL)
    is_measured = bool(np.isfinite(alive).all())
    figures = [
        Figure(msgid("Buyers"), len(known), "count"),
        Figure(msgid("Days ahead"), horizon, "days"),
        Figure(msgid("Purchases to expect of all"), total.expected, "count", total.low, total.high),
        Figure(msgid("Log-likelihood of BG/NBD"), model.log_likelihood, "count"),
        Figure(msgid("Log-likelihood of Pareto/NBD"), pareto.log_likelihood, "count"),
    ]
    if is_measured:
        figures.insert(1, Figure(msgid("Still customers"), float(alive.mean()), "percent"))
    if tried is not None:
        judged = tried.judged
        figures += [
            Figure(msgid("Days it was tested on"), tried.days, "days"),
            Figure(msgid("Purchases it predicted"), tried.sums.said, "count"),
            Figure(msgid("Actual purchases"), tried.sums.came, "count"),
            Figure(msgid("Correlation with what happened"), judged.correlation),
            Figure(msgid("Mean error of Pareto/NBD"), tried.pareto),
            Figure(msgid("Revenue that the best tenth brought"), 100 * tried.ours.share[0], "percent"),
            Figure(
                msgid("Revenue that the tenth of the highest past sales brought"),
                100 * tried.past.share[0], "percent",
            ),
        ]  # fmt: skip
    return Card(
        rows=history.sales,
        first=day_of(history.first),
        last=day_of(history.last),
        figures=tuple(figures),
        beside=None if tried is None else _beside(tried.judged),
        bins=() if tried is None else tried.bins,
        bins_unit="number",
        lift=() if tried is None else tried.ours.cumulative,
        parameters={
            **dict(zip(("r", "alpha", "a", "b"), model.parameters, strict=True)),
            "p": spend.p, "q": spend.q, "v": spend.v,
            **{f"Pareto/NBD {n}": v for n, v in zip(("r", "alpha", "s", "beta"), pareto.parameters, strict=True)},
        },
        notes=(
            *history.left_out(known),
            *_notes(spend, tried, is_measured=is_measured, is_season_known=int(known.age.max()) >= 2 * YEAR),
        ),
        caution=None if tried is None else _caution(tried),
        ahead=horizon,
        watched=("Still customers", "Correlation with what happened"),
    )  # fmt: skip


def _caution(tried: Tried) -> Message | None:
    """The warning that amounts and purchases are not to be taken at their word, where that is so."""
    found = tried.sums
    if not found.is_off:
        return None
    told = {"days": tried.days, "said": round(found.said), "came": round(found.came)}
    if found.said > found.came:
        return msg(
            "What it says is likely too high: of %(days)s days it was tested on it predicted %(said)s purchases, and %(came)s came. Who stands "
            "above whom is more certain than by how much.",
            **told,
        )
    return msg(
        "What it says is likely too low: of %(days)s days it was tested on it predicted %(said)s purchases, and %(came)s came. Who stands "
        "above whom is more certain than by how much.",
        **told,
    )


def _beside(judged: Judged) -> Beside:
    error = judged.error
    return Beside(
        error.rule, msgid("Mean error of the purchases of a customer"), error.method, error.simple,
        error.gain.value, error.gain.low, error.gain.high, "number", msgid("The result shown is that of the simple rule."),
    )  # fmt: skip


def _notes(
    spend: GammaGamma, tried: Tried | None, *, is_measured: bool, is_season_known: bool
) -> list[Message]:
    notes = []
    if tried is None:
        notes.append(
            msg("There is too little history to test it on later data; the simple rule is shown instead.")
        )
    if not is_measured:
        notes.append(
            msg(
                "These data do not tell customers who left from those who are waiting: no probability of being a customer is given."
            )
        )
    if not is_season_known:
        notes.append(msg("Less than two years of history: seasonal effects cannot be told."))
    if not spend.is_independent:
        notes.append(
            msg(
                "Who buys more often also spends differently on an order: values of frequent buyers are less sure."
            )
        )
    if not spend.is_measured or not np.isfinite(spend.mean):
        notes.append(
            msg("Amounts of orders are too alike or too uneven for their distribution to be measured.")
        )
    return notes
