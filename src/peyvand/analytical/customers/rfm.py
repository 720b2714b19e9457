"""RFM: the segment of every buyer, with the three facts that it follows from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from peyvand.analytical.analyses.columns import day_of, days, iso, number_of, whole
from peyvand.analytical.analyses.contract import Card, Figure, Finding, Inputs
from peyvand.analytical.analyses.customers import Told, by_object
from peyvand.analytical.measures.customers import orders
from peyvand.analytical.methods.guards import NotEnough, require_fresh
from peyvand.analytical.methods.segments import Rfm, Segment, migration, rfm
from peyvand.kernel.errors import Message, msg, msgid
from peyvand.platform.insights.telling import reason

# How long before the day the segments are that customers are shown to have come from.
BEFORE: Final = 30


# Fifths by rank, from the worst up.
_PLACES: Final = (
    msgid("in the lowest fifth of buyers"),
    msgid("below the middle of buyers"),
    msgid("in the middle of buyers"),
    msgid("above the middle of buyers"),
    msgid("in the best fifth of buyers"),
)
# The codes of those beside whose names a high risk of churn astonishes.
_BEST: Final = frozenset(list(Segment).index(one) for one in (Segment.CHAMPIONS, Segment.LOYAL))


def run(given: Inputs) -> Finding:
    """Segments as of the day, for everybody who ever bought."""
    rows = given.tables.fetch(orders(given.tables, given.as_of).select("customer", "sale", "day", "net"))
    who, when, paid = whole(rows, "customer"), whole(rows, "day"), whole(rows, "net")
    as_of = number_of(given.as_of)
    found = rfm(who, when, paid, as_of)
    require_fresh(int(found.recency.min()), as_of - int(when.min()))
    segments = np.array([segment.value for segment in Segment], dtype=object)
    last = as_of - found.recency
    values = {
        "rfm_segment": segments[found.code],
        "order_count": found.frequency,
        "bought_amount": np.rint(found.amount).astype(np.int64),
        "last_order": days(last),
        "first_order": days(_first(who, when, paid, found.customers)),
    }
    counts = dict(zip(Segment, np.bincount(found.code, minlength=len(Segment)).tolist(), strict=True))
    buyers = len(found.customers)
    card = Card(
        rows=rows.num_rows,
        first=day_of(int(when.min())),
        last=day_of(int(when.max())),
        figures=(
            Figure(msgid("Buyers"), buyers),
            Figure(msgid("Median orders"), float(np.median(found.frequency))),
            Figure(msgid("Share of champions"), 100 * counts[Segment.CHAMPIONS] / buyers, "percent"),
            Figure(
                msgid("Share at risk or lost"),
                100 * sum(counts[s] for s in (Segment.AT_RISK, Segment.CANNOT_LOSE, Segment.LOST)) / buyers,
                "percent",
            ),
        ),
        notes=_left_out(who, found),
        watched=("Share of champions", "Share at risk or lost"),
    )  # fmt: skip
    more: dict[str, Any] = {"segments": {s.value: count for s, count in counts.items()}}
    try:
        before = rfm(who, when, paid, as_of - BEFORE)
    except NotEnough:
        pass  # nobody can have moved from where nobody was
    else:
        moved = migration(before, found)
        # Rows are where they were, columns where they are; the last of either: no buyer.
        more["migration"] = {"since": iso(as_of - BEFORE), "counts": [list(row) for row in moved.counts]}
    return Finding(
        by_object(
            found.customers,
            values,
            {"rfm_segment": _told(found, last, *_others(who, whole(rows, "sale"), paid, found.customers))},
        ),
        card,
        more,
    )


def _left_out(who: Any, found: Rfm) -> tuple[Message, ...]:
    without = len(np.unique(who)) - len(found.customers)
    return (
        (msg("Not counted: customers who have paid for nothing so far: %(n)s", n=without),) if without else ()
    )


def _first(who: Any, days: Any, paid: Any, customers: Any) -> Any:
    """The day of each customer's first order."""
    bought = paid > 0
    place = np.minimum(np.searchsorted(customers, who[bought]), len(customers) - 1)
    first = np.full(len(customers), np.iinfo(np.int64).max)
    np.minimum.at(first, place, days[bought])
    return first


def _others(who: Any, sale: Any, paid: Any, customers: Any) -> tuple[Any, Any]:
    """By customer, why orders are not as many as their list has: what came back or cost nothing, and invoices without an order."""
    place = np.minimum(np.searchsorted(customers, who), len(customers) - 1)
    ours = customers[place] == who

    def count(rows: Any) -> Any:
        return np.bincount(place[rows & ours], minlength=len(customers))

    return count(paid <= 0), count((paid > 0) & (sale % 2 == 1))


def _place(fifth: int) -> Mapping[str, str]:
    return {"text": _PLACES[fifth - 1]}


def _told(found: Rfm, last: Any, returns: Any, invoices: Any) -> Told:
    def told(n: int) -> Mapping[str, Any]:
        r, f, m = int(found.r[n]), int(found.f[n]), int(found.m[n])
        said = [
            reason(msg("Last order on %(day)s: %(place)s", day={"day": iso(last[n])}, place=_place(r)), r - 3),
            reason(msg("%(orders)s orders: %(place)s", orders=int(found.frequency[n]), place=_place(f)), f - 3),
            reason(msg("%(amount)s in all: %(place)s", amount={"money": round(float(found.amount[n]))}, place=_place(m)), m - 3),
        ]  # fmt: skip
        if billed := int(invoices[n]):
            said.append(reason(msg("Invoices without an order are counted as orders too: %(n)s", n=billed)))
        if back := int(returns[n]):
            said.append(
                reason(msg("Returns, and what cost nothing, are not counted as orders: %(n)s", n=back))
            )
        if int(found.code[n]) in _BEST:
            # Beside it there may stand a high risk: neither is wrong.
            said.append(
                reason(msg("The segment is of all orders so far; the risk of churn is of the days ahead"), 0)
            )
        return {"reasons": said}

    return told
