"""What each customer leaves: revenue less goods, returns and the cost to serve; and where they stand on the whale curve.

A cost that is not known is not taken off, and that is said: of each customer, and on the card.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from peyvand.analytical.analyses.columns import day_of, numbers, whole
from peyvand.analytical.analyses.contract import Card, Figure, Finding, Inputs
from peyvand.analytical.analyses.customers import Told, by_object
from peyvand.analytical.customers.tiers import bringing
from peyvand.analytical.methods.guards import Numbers, require
from peyvand.analytical.methods.segments import Whale, whale
from peyvand.kernel.errors import Message, msg, msgid
from peyvand.platform.insights.telling import reason

# Shares of all profit that the first customers bring, each with those before; who costs more than they bring is below all.
SHARES: Final = (0.5, 0.8)
KEYS: Final = np.array(["core", "good", "small", "loss"], dtype=object)
_POINTS: Final = 100


def run(given: Inputs) -> Finding:
    """Profit of every buyer, as of the day."""
    sales, work = given.tables["sale"], given.tables["interaction"]
    known = sales.filter(sales.customer.notnull() & (sales.day <= given.as_of))
    by_customer = known.group_by("customer").agg(
        rows=known.count(),
        first=known.day.min(),
        last=known.day.max(),
        sold=known.net.sum(where=known.net > 0).fill_null(0),
        returned=known.net.sum(where=known.net <= 0).fill_null(0),
        goods=known.cost.sum().fill_null(0),
        uncosted=known.net.abs().sum(where=known.cost.isnull()).fill_null(0),
    )
    sums = given.tables.fetch(by_customer.filter(by_customer.sold > 0).order_by("customer"))
    served = work.filter(work.customer.notnull() & work.cost.notnull() & (work.day <= given.as_of))
    spent = given.tables.fetch(served.group_by("customer").agg(cost=served.cost.sum()))
    require(msgid("buyers"), 1, sums.num_rows)
    who = whole(sums, "customer")
    sold, returned, goods, uncosted = (
        numbers(sums, name) for name in ("sold", "returned", "goods", "uncosted")
    )
    service = _placed(who, whole(spent, "customer"), numbers(spent, "cost"))
    profit = sold + returned - goods - service
    curve = whale(profit)
    values = {
        "profit": np.rint(profit).astype(np.int64),
        "profit_top": np.ceil(100 * _ranks(profit) / len(profit)),
        "profit_level": KEYS[np.where(profit < 0, 3, bringing(profit, SHARES))],
    }
    told = {"profit": _told(sold, returned, goods, service, uncosted)}
    costed = 1 - float(uncosted.sum()) / max(1.0, float((sold - returned).sum()))
    card = Card(
        rows=int(numbers(sums, "rows").sum()),
        first=day_of(int(whole(sums, "first").min())),
        last=day_of(int(whole(sums, "last").max())),
        figures=_figures(curve, profit, float(sold.sum() + returned.sum()), costed),
        notes=tuple(_notes(costed, float(service.sum()))),
        watched=("Profit of the best fifth", "Customers who cost more than they bring"),
    )
    called = "profit" if costed > 0 or service.any() else "revenue"
    return Finding(by_object(who, values, told), card, {"called": called, "curve": _points(curve)})


def _placed(who: Any, others: Any, amount: Numbers) -> Numbers:
    """Amounts of others' rows at the places of these customers; 0 where there is none."""
    out = np.zeros(len(who))
    place = np.minimum(np.searchsorted(who, others), len(who) - 1)
    ours = who[place] == others
    out[place[ours]] = amount[ours]
    return out


def _ranks(profit: Numbers) -> Any:
    """1 for the highest profit; equal ones share the best of their ranks."""
    return np.searchsorted(-np.sort(profit)[::-1], -profit, side="left") + 1


def _told(sold: Numbers, returned: Numbers, goods: Numbers, service: Numbers, uncosted: Numbers) -> Told:
    def told(n: int) -> Mapping[str, Any]:
        came, back, bought, worked = (round(float(of[n])) for of in (sold, returned, goods, service))
        reasons = [reason(msg("Sales of %(amount)s", amount={"money": came}), came)]
        if back:
            reasons.append(reason(msg("Returns of %(amount)s", amount={"money": -back}), back))
        if bought:
            reasons.append(reason(msg("Goods that cost %(amount)s", amount={"money": bought}), -bought))
        if worked:
            reasons.append(reason(msg("Work that cost %(amount)s", amount={"money": worked}), -worked))
        if uncosted[n]:
            share = {"percent": round(100 * float(uncosted[n]) / (came - back))}
            reasons.append(
                reason(msg("For %(share)s of the sales the cost of goods is not known", share=share))
            )
        return {"reasons": reasons}

    return told


def _figures(curve: Whale, profit: Numbers, revenue: float, costed: float) -> tuple[Figure, ...]:
    figures = [
        Figure(msgid("Buyers"), len(profit)),
        Figure(msgid("Revenue"), revenue, "money"),
        Figure(msgid("Profit"), curve.total, "money"),
        Figure(msgid("Sales of which the cost is known"), 100 * costed, "percent"),
        Figure(msgid("Customers who cost more than they bring"), float(100 * (profit < 0).mean()), "percent"),
    ]
    if curve.total > 0:
        figures += [
            Figure(msgid("Profit of the best fifth"), 100 * curve.top(0.2), "percent"),
            Figure(msgid("Profit of the best hundredth"), 100 * curve.top(0.01), "percent"),
            Figure(msgid("Height of the whale curve"), 100 * curve.peak, "percent"),
        ]
    return tuple(figures)


def _notes(costed: float, service: float) -> list[Message]:
    notes = []
    if costed <= 0:
        notes.append(
            msg("No cost of goods is known: what is shown is revenue, less what is known of the work.")
        )
    elif costed < 0.995:
        notes.append(
            msg("For %(share)s of the sales no cost of goods is known; it was not taken off.", share={"percent": round(100 - 100 * costed)})
        )  # fmt: skip
    if not service:
        notes.append(msg("No cost to serve is known: none was taken off."))
    return notes


def _points(curve: Whale) -> list[list[float]]:
    """The curve at hundredths of the customers, in percent; empty where there is nothing to share."""
    if curve.total <= 0:
        return []
    many = len(curve.order)
    places = np.unique(np.ceil(np.linspace(1 / _POINTS, 1, _POINTS) * many).astype(np.int64))
    return [[0.0, 0.0], *([100 * int(n) / many, 100 * float(curve.cumulative[n - 1])] for n in places)]
