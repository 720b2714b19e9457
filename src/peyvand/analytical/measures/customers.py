"""What customers did, one row for each: orders rolled up, and on them RFM, cohorts, the whale curve and what lifetime models need.

The rules are those of ``methods/segments`` and ``methods/clv/purchases``, and tests hold the two equal: an order is a sale of an
amount above 0, a return only lessens amounts, what is dated after ``as_of`` is not known yet, sales of nobody count for nobody.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final, Literal

import ibis

from peyvand.analytical.methods.segments import RULES, Segment
from peyvand.analytical.warehouse.tables import Tables
from peyvand.kernel.persian.calendar import Calendar

if TYPE_CHECKING:
    import ibis.expr.types as ir


def orders(tables: Tables, as_of: date, *, of: Literal["sale", "sale_line"] = "sale") -> ir.Table:
    """Sales and returns of known customers: ``customer, sale, day, net, margin`` (NULL: costs are not known).

    ``of="sale_line"`` rolls up the lines, which a filter on products needs, and leaves out sales without any.
    """
    rows = tables[of]
    known = rows.filter(rows.customer.notnull() & (rows.day <= ibis.date(as_of)))
    if of == "sale":
        return known.select("customer", "sale", "day", "net", margin=known.net - known.cost)
    return known.group_by("sale").agg(
        customer=known.customer.max(),
        day=known.day.max(),
        net=known.net.sum(),
        margin=ibis.ifelse(
            known.cost.count() == known.count(), (known.net - known.cost).sum(), ibis.null("int64")
        ),
    )


def buyers(orders: ir.Table) -> ir.Table:
    """Of each customer who ever ordered: ``first`` and ``last`` day of an order, ``orders``, ``revenue`` with returns taken
    off, ``margin`` and ``costed``, the revenue of the sales whose cost is known."""
    bought = orders.net > 0
    rolled = orders.group_by("customer").agg(
        first=orders.day.min(where=bought),
        last=orders.day.max(where=bought),
        orders=orders.count(where=bought),
        revenue=orders.net.sum(),
        margin=orders.margin.sum(),
        costed=orders.net.sum(where=orders.margin.notnull()).fill_null(0),
    )
    return rolled.filter(rolled.orders > 0)


_SEGMENTS: Final = {
    segment: [
        r * 5 + across for r, row in enumerate(RULES) for across, each in enumerate(row) if each is segment
    ]
    for segment in Segment
}


def rfm(buyers: ir.Table, as_of: date) -> ir.Table:
    """``recency`` in days, ``frequency``, ``amount``; their fifths ``r``, ``f``, ``m`` from 1 (worst) to 5; ``segment``."""
    told = buyers.select(
        "customer",
        recency=ibis.date(as_of).epoch_days() - buyers.last.epoch_days(),
        frequency=buyers.orders,
        amount=buyers.revenue,
        r=_fifth(buyers.last),
        f=_fifth(buyers.orders),
        m=_fifth(buyers.revenue),
    )
    cell = (told.r - 1) * 5 + (told.f + told.m + 1) // 2 - 1
    names = [(cell.isin(cells), segment.value) for segment, cells in _SEGMENTS.items()]
    return told.mutate(segment=ibis.cases(*names))


def _fifth(value: Any) -> Any:
    """1 to 5 by rank, the lowest first; equal values are in the same fifth."""
    rank = ibis.rank().over(order_by=value)
    return rank * 5 // value.count().over(ibis.window()) + 1


def migration(before: ir.Table, after: ir.Table) -> ir.Table:
    """How many ``customers`` were in segment ``was`` of one RFM and are in ``now`` of another; NULL: no buyers then."""
    none = ibis.null("string")
    both = ibis.union(
        before.select("customer", was=before.segment, now=none),
        after.select("customer", was=none, now=after.segment),
    )
    of = both.group_by("customer").agg(was=both.was.max(), now=both.now.max())
    return of.group_by("was", "now").agg(customers=of.count())


def purchases(orders: ir.Table, as_of: date) -> ir.Table:
    """What models of lifetime value know of a customer, as ``methods.clv.purchases.Purchases`` says: ``repeats``, ``last`` and
    ``age`` in days, ``spend`` (mean amount of a repeated day). All that is bought on one day is one purchase."""
    days = orders.group_by("customer", "day").agg(net=orders.net.sum())
    days = days.filter(days.net > 0)
    of = days.group_by("customer").agg(
        count=days.count(),
        first=days.day.min(),
        latest=days.day.max(),
        net=days.net.sum(),
        begun=days.net.argmin(days.day),
    )
    first = of.first.epoch_days()
    return of.select(
        "customer",
        repeats=of["count"] - 1,
        last=of.latest.epoch_days() - first,
        age=ibis.date(as_of).epoch_days() - first,
        spend=ibis.ifelse(
            of["count"] > 1, (of.net - of.begun).cast("float64") / (of["count"] - 1).nullif(0), 0.0
        ),
    )


def cohorts(tables: Tables, orders: ir.Table, buyers: ir.Table, calendar: Calendar) -> ir.Table:
    """By month of the first order (``cohort``, its first day) and months since (``age``): ``customers`` who ordered, their ``amount``.

    Months in which nobody of a cohort came have no row. Returns lessen amounts, from the first order's month on.
    """
    days = tables["calendar_day"]
    jalali = calendar == "jalali"
    months = days.select(
        "day",
        start=days.jalali_month_start if jalali else days.month_start,
        month=(days.jalali_year if jalali else days.year) * 12
        + (days.jalali_month if jalali else days.month),
    )
    began = buyers.inner_join(months, buyers["first"] == months.day)
    first = began.select("customer", begun=began.month, cohort=began.start)
    since = orders.inner_join(months.drop("start"), "day").inner_join(first, "customer")
    inside = since.filter(since.month >= since.begun)
    told = inside.group_by("cohort", "begun", "month").agg(
        customers=inside.customer.nunique(where=inside.net > 0), amount=inside.net.sum()
    )
    return told.select("cohort", "customers", "amount", age=told.month - told.begun)


def whale(worth: ir.Table, column: str) -> ir.Table:
    """The whale curve of one amount for each customer: ``place`` from 1 (brings the most), ``of`` how many there are,
    ``cumulative``: the share of the total that the customers up to here bring; NULL where the total is nothing or less."""
    known = worth.filter(worth[column].notnull())
    order = [known[column].desc(), known.customer]
    everybody = ibis.window()
    told = known.select(
        "customer",
        worth=known[column],
        place=ibis.row_number().over(order_by=order) + 1,
        of=known.count().over(everybody),
        summed=known[column].sum().over(ibis.cumulative_window(order_by=order)),
        total=known[column].sum().over(everybody),
    )
    share = ibis.ifelse(
        told.total > 0, told.summed.cast("float64") / told.total.nullif(0), ibis.null("float64")
    )
    return told.select("customer", "worth", "place", "of", cumulative=share)


def brought_by(whale: ir.Table, share: float) -> ir.Table:
    """One row, ``share``: what the best so many of the customers (.2: a fifth, in whole customers) bring of the total."""
    return whale.agg(
        share=whale.cumulative.max(where=whale.place == (whale.of * share + 1e-9).floor()).fill_null(0.0)
    )
