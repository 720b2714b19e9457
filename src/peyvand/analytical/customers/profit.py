"""What each customer leaves: revenue less goods, returns and the cost to serve; and where they stand on the whale curve.

Nothing is guessed. Sales whose cost is not known leave nothing that could be told: they are not counted, as in the measure of that
name. A customer of whom too few are known has no profit, and where too few are known of all, nobody has.
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
from peyvand.kernel.errors import Message, RuleViolation, msg, msgid
from peyvand.platform.insights.telling import reason

# Shares of all profit that the first customers bring, each with those before; who costs more than they bring is below all.
SHARES: Final = (0.5, 0.8)
KEYS: Final = np.array(["core", "good", "small", "loss"], dtype=object)
_POINTS: Final = 100
# Of this share of what was sold and came back the cost must be known: of all, and of each customer who is to have a profit.
KNOWN: Final = 0.8


class CostsUnknown(RuleViolation):
    """Costs are known of too few sales: what is left of them would be revenue under another name."""

    code = "costs_unknown"

    def __init__(self, known: float) -> None:
        super().__init__(
            msg(
                "The cost of goods must be known for %(needs)s of sales; it is known for %(has)s. It stands with products and on the lines "
                "of orders.",
                needs={"percent": round(100 * KNOWN)}, has={"percent": int(100 * known)},
            )
        )  # fmt: skip
        self.known = known


def run(given: Inputs) -> Finding:
    """Profit of the buyers of whom the costs are known, as of the day."""
    sales, work = given.tables["sale"], given.tables["interaction"]
    of = sales.filter(sales.customer.notnull() & (sales.day <= given.as_of))
    is_known = of.cost.notnull()
    by_customer = of.group_by("customer").agg(
        rows=of.count(),
        first=of.day.min(),
        last=of.day.max(),
        bought=of.net.sum(where=of.net > 0).fill_null(0),
        sold=of.net.sum(where=is_known & (of.net > 0)).fill_null(0),
        returned=of.net.sum(where=is_known & (of.net <= 0)).fill_null(0),
        goods=of.cost.sum().fill_null(0),
        uncosted=of.net.abs().sum(where=~is_known).fill_null(0),
    )
    sums = given.tables.fetch(by_customer.filter(by_customer.bought > 0).order_by("customer"))
    require(msgid("buyers"), 1, sums.num_rows)
    turned = numbers(sums, "sold") - numbers(sums, "returned") + numbers(sums, "uncosted")
    share = 1 - numbers(sums, "uncosted") / np.maximum(turned, 1)
    known = 1 - float(numbers(sums, "uncosted").sum()) / max(1.0, float(turned.sum()))
    if known < KNOWN:
        raise CostsUnknown(known)
    told_of = np.flatnonzero(share >= KNOWN)
    who = whole(sums, "customer")[told_of]
    served = work.filter(work.customer.notnull() & work.cost.notnull() & (work.day <= given.as_of))
    spent = given.tables.fetch(served.group_by("customer").agg(cost=served.cost.sum()))
    sold, returned, goods, uncosted = (
        numbers(sums, name)[told_of] for name in ("sold", "returned", "goods", "uncosted")
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
    card = Card(
        rows=int(numbers(sums, "rows").sum()),
        first=day_of(int(whole(sums, "first").min())),
        last=day_of(int(whole(sums, "last").max())),
        figures=_figures(curve, profit, float(sold.sum() + returned.sum()), known),
        notes=tuple(_notes(known, sums.num_rows - len(who), is_served=bool(service.any()))),
        watched=("Profit of the best fifth", "Customers who cost more than they bring"),
    )
    return Finding(by_object(who, values, told), card, {"curve": _points(curve)})


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
        if away := round(float(uncosted[n])):
            reasons.append(
                reason(
                    msg(
                        "Left out, because their cost is not known: sales of %(amount)s",
                        amount={"money": away},
                    )
                )
            )
        return {"reasons": reasons}

    return told


def _figures(curve: Whale, profit: Numbers, revenue: float, known: float) -> tuple[Figure, ...]:
    figures = [
        Figure(msgid("Buyers whose costs are known"), len(profit), "count"),
        Figure(msgid("Revenue whose cost is known"), revenue, "money"),
        Figure(msgid("Profit"), curve.total, "money"),
        Figure(msgid("Sales of which the cost is known"), 100 * known, "percent"),
        Figure(msgid("Customers who cost more than they bring"), float(100 * (profit < 0).mean()), "percent"),
    ]
    if curve.total > 0:
        figures += [
            Figure(msgid("Profit of the best fifth"), 100 * curve.top(0.2), "percent"),
            Figure(msgid("Profit of the best hundredth"), 100 * curve.top(0.01), "percent"),
            Figure(msgid("Height of the whale curve"), 100 * curve.peak, "percent"),
        ]
    return tuple(figures)


def _notes(known: float, left_out: int, *, is_served: bool) -> list[Message]:
    notes = []
    if known < 0.995:
        notes.append(
            msg("For %(share)s of the sales no cost of goods is known; they are not counted.", share={"percent": round(100 - 100 * known)})
        )  # fmt: skip
    if left_out:
        notes.append(
            msg(
                "Buyers without a profit, because the cost of too few of their sales is known: %(n)s",
                n=left_out,
            )
        )
    if not is_served:
        notes.append(msg("No cost to serve is known: none was taken off."))
    return notes


def _points(curve: Whale) -> list[list[float]]:
    """The curve at hundredths of the customers, in percent; empty where there is nothing to share."""
    if curve.total <= 0:
        return []
    many = len(curve.order)
    places = np.unique(np.ceil(np.linspace(1 / _POINTS, 1, _POINTS) * many).astype(np.int64))
    return [[0.0, 0.0], *([100 * int(n) / many, 100 * float(curve.cumulative[n - 1])] for n in places)]
