"""Which contracts and subscriptions will end within some time: learned from those that went on and those that did not.

A customer's risk is that of the one of theirs that is likeliest to end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from peyvand.analytical.analyses.columns import day_of, days, iso, number_of, own_columns, own_value
from peyvand.analytical.analyses.contract import Card, Figure, Finding, Inputs, OwnField
from peyvand.analytical.analyses.customers import Told, by_object
from peyvand.analytical.analyses.judged import interval, judged_card, learned, reasons
from peyvand.analytical.customers.churn import HIGH, LEVELS, MEDIUM
from peyvand.analytical.methods import scoring
from peyvand.analytical.methods.guards import Numbers, Yes, require
from peyvand.analytical.methods.scoring import EACH, ScoreModel, Scores
from peyvand.analytical.methods.twins import twin_of
from peyvand.kernel.errors import Message, msg, msgid
from peyvand.platform.insights.telling import reason

_STRETCHES: Final = 4
FIELDS: Final = {
    "kind": msgid("Kind"),
    "product": msgid("Product"),
    "amount": msgid("Monthly value"),
    "running": msgid("Running since"),
    "left": msgid("Agreed until"),
    "industry": msgid("Line of business"),
    "province": msgid("Province"),
}


@dataclass(frozen=True, eq=False)
class Contracts:
    """One row for each contract or subscription; days are numbers, nan where there is none."""

    customer: NDArray[np.int64]
    kind: NDArray[Any]
    product: NDArray[Any]
    industry: NDArray[Any]
    province: NDArray[Any]
    amount: Numbers
    started: Numbers
    ends: Numbers
    ended: Numbers
    own: Mapping[OwnField, NDArray[Any]]

    @property
    def words(self) -> dict[str, str]:
        """What the fields are called, by key."""
        return {**FIELDS, **{one.column: one.label for one in self.own}}

    def running(self, on: int) -> Yes:
        """Those that had begun and not ended by the end of a day."""
        return (self.started <= on) & ~(self.ended <= on)

    def seen(self, rows: Any, on: int) -> dict[str, Any]:
        """What was known of these on a day."""
        return {
            "kind": self.kind[rows],
            "product": self.product[rows],
            "amount": self.amount[rows],
            "running": on - self.started[rows],
            "left": self.ends[rows] - on,
            "industry": self.industry[rows],
            "province": self.province[rows],
            **{one.column: column[rows] for one, column in self.own.items()},
        }


def run(given: Inputs) -> Finding:
    """Risk of everybody who has a contract or subscription, as of the day."""
    horizon, as_of = int(given.settings["horizon_days"]), number_of(given.as_of)
    all_of, twins = _without_twins(_read(given), as_of)
    rows = np.flatnonzero(all_of.running(as_of))
    require(msgid("running contracts"), 1, len(rows))
    of, came, when = _learned_from(all_of, as_of, horizon)
    tried, model = learned(of, came, when)
    scores = scoring.score(model, all_of.seen(rows, as_of))
    risk = np.rint(100 * scores.probability)
    worst = _worst(all_of.customer[rows], scores.probability)
    values = {
        "lapse_risk": risk[worst],
        "lapse_level": LEVELS[np.searchsorted((MEDIUM, HIGH), risk[worst], side="right")],
        "agreed_until": days(all_of.ends[rows][worst]),
    }
    told = {
        "lapse_risk": lambda n: interval(scores, int(worst[n])),
        "lapse_level": _told(all_of, rows, scores, model, worst, float(came.mean())),
    }
    card = _card(all_of, tried, model, came, risk[worst], horizon, twins)
    return Finding(by_object(all_of.customer[rows][worst], values, told), card)


def _without_twins(of: Contracts, as_of: int) -> tuple[Contracts, tuple[Message, ...]]:
    """Without the fields of the workspace's own that say the same as one of ours, and what is said of them."""
    rows = np.arange(len(of.customer))
    ours = replace(of, own={}).seen(rows, as_of)
    twins = {one: twin for one, column in of.own.items() if (twin := twin_of(column, ours))}
    said = tuple(
        msg("%(field)s says the same as %(other)s, and was left out.", field=one.label, other=Message(FIELDS[twin]))
        for one, twin in twins.items()
    )  # fmt: skip
    return replace(of, own={one: column for one, column in of.own.items() if one not in twins}), said


def _read(given: Inputs) -> Contracts:
    tables = given.tables
    of, customers, products = tables["subscription"], tables["customer"], tables["product"]
    of = of.filter(of.customer.notnull() & of.started.notnull() & (of.started <= given.as_of))
    named = products.select(product_key=products["product"], product_name=products["name"])
    who = customers.select("industry", "province", "own", who=customers.customer)
    of = of.left_join(named, of["product"] == named.product_key)
    of = of.left_join(who, of.customer == who.who)
    chosen = (
        "subscription",
        "customer",
        "kind",
        "product_name",
        "industry",
        "province",
        "own",
        "amount",
        "started",
        "ends",
        "ended",
    )
    rows = tables.fetch(of.select(*chosen).order_by("subscription"))

    def text(name: str) -> NDArray[Any]:
        return np.array([v or "" for v in rows[name].to_pylist()], np.str_)

    def day(name: str) -> Numbers:
        column: Numbers = rows[name].cast("int32").cast("double").to_numpy(zero_copy_only=False)
        return column

    customer = rows["customer"].to_numpy(zero_copy_only=False)
    amount: Numbers = rows["amount"].cast("double").to_numpy(zero_copy_only=False)
    return Contracts(
        customer, text("kind"), text("product_name"), text("industry"),
        text("province"), amount, day("started"), day("ends"), day("ended"),
        own_columns(given.own, customer, rows["own"].to_pylist()),
    )  # fmt: skip


def _learned_from(
    of: Contracts, as_of: int, horizon: int
) -> tuple[dict[str, Any], Yes, NDArray[np.int64] | None]:
    """Contracts on earlier days, whether each ended within the days that followed, and on which day it was seen.

    Where too few ended before the newest stretch, that one is all, or if it has too few itself, all are, and no day is given:
    there is no time to hold out. NotEnough below 40 of either kind.
    """
    seen = []
    for stretch in range(_STRETCHES, 0, -1):
        then = as_of - stretch * horizon
        rows = np.random.default_rng(stretch).permutation(np.flatnonzero(of.running(then)))
        seen.append((of.seen(rows, then), of.ended[rows] <= then + horizon, np.full(len(rows), then)))
    has_newest, has_earlier = _has_each([seen[-1][1]]), _has_each([came for _, came, _ in seen[:-1]])
    if has_newest and not has_earlier:
        seen = seen[-1:]
    columns = {key: np.concatenate([table[key] for table, *_ in seen]) for key in of.words}
    came = np.concatenate([outcome for _, outcome, _ in seen])
    require(msgid("contracts that ended"), EACH, int(came.sum()))
    require(msgid("contracts that went on"), EACH, int((~came).sum()))
    return columns, came, np.concatenate([when for *_, when in seen]) if has_newest and has_earlier else None


def _has_each(outcomes: list[Yes]) -> bool:
    came = np.concatenate(outcomes)
    return min(int(came.sum()), int((~came).sum())) >= EACH


def _worst(customer: NDArray[np.int64], probability: Numbers) -> NDArray[np.int64]:
    """For each customer the place of their contract that is likeliest to end."""
    order = np.lexsort((-probability, customer))
    ordered = customer[order]
    return order[np.r_[True, ordered[1:] != ordered[:-1]]] if len(order) else order


def _told(
    of: Contracts,
    rows: NDArray[np.int64],
    scores: Scores,
    model: ScoreModel,
    worst: NDArray[np.int64],
    rate: float,
) -> Told:
    words, own = of.words, {one.column: one for one in of.own}
    keys = {one.column: one.key for one in of.own}

    usual = reason(
        msg("Of all that ran, %(share)s ended within as many days", share={"percent": round(100 * rate)})
    )

    def told(n: int) -> Mapping[str, Any]:
        row = int(worst[n])
        found = reasons(scores, row, model, words, lambda field: _value(of, own, int(rows[row]), field), keys)
        return {"reasons": [*found["reasons"], usual]}

    return told


def _value(of: Contracts, own: Mapping[str, OwnField], row: int, field: str) -> dict[str, Any] | int | None:
    """A field of a contract as a reason holds it; None where it is empty."""
    if field in own:
        return own_value(own[field], of.own[own[field]][row])
    match field:
        case "amount":
            return None if np.isnan(of.amount[row]) else {"money": int(of.amount[row])}
        case "running":
            return {"day": iso(int(of.started[row]))}
        case "left":
            return None if np.isnan(of.ends[row]) else {"day": iso(int(of.ends[row]))}
    return {"name": text} if (text := str(getattr(of, field)[row])) else None


def _card(
    of: Contracts,
    tried: ScoreModel,
    model: ScoreModel,
    came: Yes,
    risk: Numbers,
    horizon: int,
    twins: tuple[Message, ...],
) -> Card:
    """Of what was tried; ``model`` is what is used of it."""
    apart = msg(
        "It was tested on five parts of the same period, not on a later one: too few contracts had ended before."
    )
    as_now = msg(
        "Of the fields that the workspace added only the values of today are known; they are taken to have been so then."
    )
    card = Card(
        rows=len(came),
        first=day_of(int(of.started.min())),
        last=day_of(int(np.nanmax(np.r_[of.started, of.ended]))),
        figures=(
            Figure(msgid("Running contracts"), int(of.running(10**7).sum())),
            Figure(msgid("Customers with a contract"), len(risk)),
            Figure(msgid("Days ahead"), horizon, "days"),
            Figure(msgid("Customers at high risk"), float(100 * (risk >= HIGH).mean()), "percent"),
        ),
        notes=(
            *(() if tried.judged.in_time else (apart,)),
            *twins,
            *((as_now,) if any(one.column in model.fields for one in of.own) else ()),
        ),
        watched=("Customers at high risk",),
        ahead=horizon,
    )
    return judged_card(card, tried, model, of.words, {one.column for one in of.own})
