"""Who will not buy again within some time: learned from what customers did, or from their pace, whichever tells it better.

Both are tried on the newest stretch of that length, beside the rule "the longer they were silent". Where neither is surely
better, the risk is the rule's. Probabilities are corrected by what came true there.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

import numpy as np
from scipy import special

from peyvand.analytical.analyses.columns import day_of, iso
from peyvand.analytical.analyses.contract import Beside, Card, Figure, Finding, Inputs
from peyvand.analytical.analyses.customers import Told, by_object
from peyvand.analytical.analyses.judged import calibrated, word_of
from peyvand.analytical.customers.history import History, read
from peyvand.analytical.methods import encoding, logistic
from peyvand.analytical.methods.backtest import (
    SEED,
    Bounded,
    Calibration,
    Comparison,
    auc,
    bootstrap,
    calibration,
    compare,
    lift,
)
from peyvand.analytical.methods.clv import bgnbd
from peyvand.analytical.methods.clv.bgnbd import BgNbd
from peyvand.analytical.methods.clv.purchases import Purchases, purchases
from peyvand.analytical.methods.clv.value import YEAR, followed
from peyvand.analytical.methods.correcting import Correction, correction
from peyvand.analytical.methods.encoding import Table
from peyvand.analytical.methods.guards import NoSignal, NotEnough, Numbers, Stale, Yes, require, require_fresh
from peyvand.analytical.methods.logistic import Logistic
from peyvand.analytical.methods.scoring import EACH, LEAST_AUC
from peyvand.kernel.errors import msg, msgid
from peyvand.platform.insights.telling import reason

MEDIUM, HIGH = 34, 67
LEVELS: Final = np.array(["low", "medium", "high"], dtype=object)
_LEARNED: Final = 60_000
_JUDGED: Final = 20_000
_AT_A_TIME: Final = 50_000
_DRAWS: Final = 40
_NORMAL_95: Final = 1.96
_THEN: Final = {"buyers": 100, "repeaters": 40}
FIELDS: Final = {
    "orders": msgid("Days with an order"),
    "silent": msgid("Time since the last order"),
    "known": msgid("Time since the first order"),
    "gap": msgid("Usual time between orders"),
    "late": msgid("Silence in usual times between orders"),
    "amount": msgid("Amount bought on such a day"),
    "lately": msgid("Bought lately"),
}


@dataclass(frozen=True, eq=False)
class Seen:
    """The buyers as they were known on a day, and what tells about them (columns by key of FIELDS)."""

    known: Purchases
    of: Table


class Way(Protocol):
    """A way to tell who will not buy: the logit of each customer, and how unsure that is, if it is known."""

    @property
    def name(self) -> str: ...
    def logit(self, seen: Seen) -> Numbers: ...
    def spread(self, seen: Seen) -> Numbers | None: ...


@dataclass(frozen=True, eq=False)
class Silence:
    """The simple rule."""

    name: str = msgid("the longer since the last order")

    def logit(self, seen: Seen) -> Numbers:
        return np.log1p(seen.known.silent.astype(np.float64))

    def spread(self, seen: Seen) -> Numbers | None:
        return None


@dataclass(frozen=True, eq=False)
class Pace:
    """By BG/NBD: no order within the days ahead, because they left or because they buy seldom."""

    model: BgNbd
    days: int
    name: str = msgid("the pace of each customer (BG/NBD)")

    def logit(self, seen: Seen) -> Numbers:
        return _logit(1 - self.model.chance_of_order(seen.known, self.days))

    def spread(self, seen: Seen) -> Numbers | None:
        groups = seen.known.groups
        few = purchases(groups.repeats, groups.last, groups.age)
        drawn = [
            _logit(1 - replace(self.model, r=r, alpha=alpha, a=a, b=b).chance_of_order(few, self.days))
            for r, alpha, a, b in self.model.drawn(_DRAWS, SEED)
        ]
        deviation: Numbers = np.std(drawn, axis=0)
        return deviation[few.group_of][seen.known.group_of] if len(few) else deviation


@dataclass(frozen=True, eq=False)
class Learned:
    """Learned from who bought again before."""

    model: Logistic
    name: str = msgid("learned from who bought again before")

    def logit(self, seen: Seen) -> Numbers:
        return np.concatenate([self.model.logit(part) for part in _pieces(seen.of)])

    def spread(self, seen: Seen) -> Numbers | None:
        return np.concatenate(
            [self.model.spread(self.model.encoding.matrix(part)) for part in _pieces(seen.of)]
        )


@dataclass(frozen=True, eq=False)
class Tried:
    """How the ways did on the newest stretch: their areas under the curve, the best one, and the one that is used."""

    aucs: Mapping[str, float]
    beside: Comparison | None
    used: Way
    surely: Bounded
    correction: Correction
    calibrated: Calibration
    # As the way says it by itself; None where it says no probability.
    uncorrected: Calibration | None
    lift: tuple[float, ...]


def run(given: Inputs) -> Finding:
    """Risk of every buyer, as of the day."""
    history, horizon = read(given), int(given.settings["horizon_days"])
    now = _seen(history, history.as_of, horizon)
    require(msgid("buyers"), 2 * EACH, len(now.known))
    require_fresh(int(now.known.silent.min()), int(now.known.age.max()))
    require(msgid("days of history"), 2 * horizon, history.as_of - history.first)
    tried = _tried(history, horizon)
    ways = {type(way): way for way in _ways(history, history.as_of, horizon, now)}
    way = ways.get(type(tried.used), tried.used)
    logit = way.logit(now)
    risk = np.rint(100 * tried.correction.probability(logit))
    spread = way.spread(now)
    if spread is None:
        low = high = None
    else:
        away = _NORMAL_95 * spread
        ends = [np.rint(100 * tried.correction.probability(logit + side)) for side in (-away, away)]
        low, high = np.minimum(*ends), np.maximum(*ends)
    level = np.searchsorted((MEDIUM, HIGH), risk, side="right")
    values = {"churn_risk": risk, "churn_level": LEVELS[level]}
    told = {
        "churn_risk": _interval(low, high),
        "churn_level": _told(now.known, history.as_of, risk),
    }
    card = _card(history, now, tried, way, risk, horizon)
    return Finding(by_object(now.known.customers, values, told), card)


def _seen(history: History, by: int, horizon: int) -> Seen:
    known = history.known(by)
    lately, _ = followed(history.customer, history.day, known, by - horizon, by, np.maximum(history.net, 0))
    silent, gap = known.silent.astype(np.float64), known.gap
    of = {
        "orders": known.repeats + 1.0,
        "silent": np.log1p(silent),
        "known": known.age.astype(np.float64),
        "gap": gap,
        "late": silent / np.maximum(gap, 1),
        "amount": np.where(known.spend > 0, np.log1p(known.spend), np.nan),
        "lately": lately.astype(np.float64),
    }
    return Seen(known, encoding.table(of))


def _stayed_away(history: History, seen: Seen, after: int, horizon: int) -> Yes:
    """Whether the customers known then did not buy within the days that followed."""
    orders, _ = followed(history.customer, history.day, seen.known, after, after + horizon, history.net)
    away: Yes = orders == 0
    return away


def _ways(history: History, by: int, horizon: int, seen: Seen) -> list[Way]:
    """The ways as they could be known on a day, the simple rule first."""
    ways: list[Way] = [Silence()]
    with suppress(NotEnough, Stale):
        ways.append(Pace(bgnbd.fit(seen.known, **_THEN), horizon))
    learned = _learned(history, by, horizon)
    return ways if learned is None else [*ways, learned]


def _learned(history: History, by: int, horizon: int) -> Learned | None:
    """From up to three stretches before the day; None where too few stayed away or bought."""
    tables: list[Table] = []
    outcomes: list[Yes] = []
    for stretch in range(1, 4):
        then = by - stretch * horizon
        if then - history.first < horizon:
            break
        seen = _seen(history, then, horizon)
        away = _stayed_away(history, seen, then, horizon)
        chance = np.random.default_rng(SEED + stretch)
        rows = chance.permutation(len(away))[: _LEARNED // 3]
        tables.append(encoding.rows(seen.of, rows))
        outcomes.append(away[rows])
    if not tables:
        return None
    came = np.concatenate(outcomes)
    if min(int(came.sum()), int((~came).sum())) < EACH:
        return None
    of = {key: np.concatenate([table[key] for table in tables]) for key in FIELDS}
    return Learned(logistic.fit(of, came, 1.0))


def _tried(history: History, horizon: int) -> Tried:
    """All ways on the newest stretch, with what was known before it.

    NotEnough below 40 who bought or stayed away; NoSignal where the best way hardly tells them apart.
    """
    then = history.as_of - horizon
    seen = _seen(history, then, horizon)
    away = _stayed_away(history, seen, then, horizon)
    require(msgid("customers who did not buy again"), EACH, int(away.sum()))
    require(msgid("customers who bought again"), EACH, int((~away).sum()))
    said = {way: way.logit(seen) for way in _ways(history, then, horizon, seen)}
    rule, *others = said
    best = max(others, key=lambda way: auc(away, said[way]), default=None)
    chance = np.random.default_rng(SEED)
    drawn = np.sort(chance.permutation(len(away))[:_JUDGED])
    beside = (
        None
        if best is None
        else compare(rule.name, auc, away[drawn].astype(np.float64), said[best][drawn], said[rule][drawn])
    )
    used = best if best is not None and beside is not None and beside.is_better else rule
    surely = bootstrap(lambda rows: auc(away[drawn[rows]], said[used][drawn[rows]]), len(drawn))
    if surely.low < LEAST_AUC:
        raise NoSignal(msgid("the share of pairs ranked correctly"), surely.low, LEAST_AUC)
    return Tried(
        {way.name: auc(away, logit) for way, logit in said.items()},
        beside,
        used,
        surely,
        correction(said[used], away),
        calibration(away, _corrected(history, horizon, used, said[used], away)),
        None if used is rule else calibration(away, special.expit(said[used])),
        lift(away.astype(np.float64), said[used]).cumulative,
    )


def _corrected(history: History, horizon: int, used: Way, logit: Numbers, away: Yes) -> Numbers:
    """The probabilities of the newest stretch, corrected by the stretch before it, as those of today are by the newest; each half
    by the other where too little was known before."""
    then = history.as_of - 2 * horizon
    if then - history.first >= horizon:
        seen = _seen(history, then, horizon)
        came = _stayed_away(history, seen, then, horizon)
        if min(int(came.sum()), int((~came).sum())) >= EACH:
            ways = {type(way): way for way in _ways(history, then, horizon, seen)}
            if (way := ways.get(type(used))) is not None:
                return correction(way.logit(seen), came).probability(logit)
    half = np.random.default_rng(SEED).permutation(len(away)) % 2 == 0
    said = np.empty(len(away))
    for part in (half, ~half):
        said[~part] = correction(logit[part], away[part]).probability(logit[~part])
    return said


def _interval(low: Numbers | None, high: Numbers | None) -> Told:
    if low is None or high is None:
        return lambda n: None
    return lambda n: {"low": int(low[n]), "high": int(high[n])}


def _told(known: Purchases, as_of: int, risk: Numbers) -> Told:
    """Why, by the customer's own rhythm; days, not how long ago they were, so that a reason stays until it is another."""

    silent = known.silent

    def told(n: int) -> Mapping[str, Any]:
        last, repeats, effect = as_of - int(silent[n]), int(known.repeats[n]), float(risk[n]) - 50
        day = {"day": iso(last)}
        if not repeats:
            return {"reasons": [reason(msg("Bought on one day so far: %(day)s", day=day), effect)]}
        if repeats == 1:
            return {"reasons": [reason(msg("Bought on two days so far, last on %(day)s", day=day), effect)]}
        gap = max(1, round(int(known.last[n]) / repeats))
        if int(silent[n]) > 2 * gap:
            said = msg(
                "Usually buys every %(days)s days, but has not bought since %(day)s", days=gap, day=day
            )
        else:
            said = msg("Usually buys every %(days)s days; the last order was on %(day)s", days=gap, day=day)
        return {"reasons": [reason(said, effect)]}

    return told


def _card(history: History, now: Seen, tried: Tried, way: Way, risk: Numbers, horizon: int) -> Card:
    beside = tried.beside
    notes = history.left_out(now.known)
    if beside is None:
        notes.append(
            msg("There is too little history to test it on later data; the simple rule is shown instead.")
        )
    if isinstance(way, Pace) and not way.model.is_dropout_measured:
        notes.append(
            msg(
                "These data do not tell customers who left from those who are waiting: the risk only reflects the wait."
            )
        )
    if history.as_of - history.first < 2 * YEAR:
        notes.append(msg("Less than two years of history: seasonal effects cannot be told."))
    return Card(
        rows=history.sales,
        first=day_of(history.first),
        last=day_of(history.last),
        figures=(
            Figure(msgid("Buyers"), len(now.known), "count"),
            Figure(msgid("Days ahead"), horizon, "days"),
            Figure(msgid("Customers at high risk"), float(100 * (risk >= HIGH).mean()), "percent"),
            Figure(
                msgid("Pairs ranked correctly"), 100 * tried.surely.value, "percent",
                100 * tried.surely.low, 100 * tried.surely.high,
            ),
            *calibrated(tried.calibrated, tried.uncorrected),
            *(Figure(name, 100 * value, "percent") for name, value in tried.aucs.items()),
        ),
        beside=None if beside is None else Beside(
            beside.rule, msgid("Share of pairs ranked correctly"), beside.method, beside.simple,
            beside.gain.value, beside.gain.low, beside.gain.high, "share", msgid("The result shown is that of the simple rule."),
        ),
        bins=tuple((b.said, b.came, b.rows) for b in tried.calibrated.bins),
        lift=tried.lift,
        weights=_weights(way, now),
        notes=tuple(notes),
        caution=word_of(tried.calibrated),
        ahead=horizon,
        watched=("Customers at high risk", "Pairs ranked correctly"),
    )  # fmt: skip


def _weights(way: Way, seen: Seen) -> tuple[tuple[str, float], ...]:
    """How much what is looked at moves the logit, as a deviation, the strongest first."""
    if not isinstance(way, Learned):
        return ()
    part = next(iter(_pieces(seen.of)))
    moved = way.model.effects(way.model.encoding.matrix(part)).std(axis=0)
    named = [(FIELDS[name], float(by)) for name, by in zip(way.model.encoding.names, moved, strict=True)]
    return tuple(sorted(named, key=lambda one: -one[1]))


def _pieces(of: Table) -> list[Table]:
    rows = len(next(iter(of.values())))
    return [encoding.rows(of, np.arange(at, min(rows, at + _AT_A_TIME))) for at in range(0, rows, _AT_A_TIME)]


def _logit(chance: Numbers) -> Numbers:
    return np.asarray(special.logit(np.clip(chance, 1e-9, 1 - 1e-9)), np.float64)
