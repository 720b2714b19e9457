"""What the warehouse knows of a customer before a day: the fields by which a campaign's answer is looked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from peyvand.analytical.analyses.columns import numbers, words
from peyvand.analytical.measures.sources import is_ordered
from peyvand.analytical.warehouse.public import Tables
from peyvand.kernel.errors import msgid

if TYPE_CHECKING:
    import ibis.expr.types as ir

Fields = Mapping[str, Any]
LABELS: Final = {
    "orders": msgid("Orders before"),
    "amount": msgid("Amount bought before"),
    "last": msgid("Days since the last order"),
    "first": msgid("Days since the first order"),
    "exchanges": msgid("Calls, meetings and messages in the 90 days before"),
    "object": msgid("Person or company"),
    "province": msgid("Province"),
}
_WORDS: Final = ("object", "province")
_LATELY: Final = 90


def known_before(tables: Tables, rows: ir.Table) -> ir.Table:
    """``rows`` (row, customer, day) with the fields as they were before each one's day. Of nobody, nothing is known."""
    sales, work, people = tables["sale"], tables["interaction"], tables["customer"]
    sold = sales.select(buyer="customer", sold="day", is_return="is_return", net="net")
    bought = rows.inner_join(sold, [rows.customer == sold.buyer, sold.sold < rows.day])
    bought = bought.mutate(ago=bought.day.epoch_days() - bought.sold.epoch_days())
    orders = bought.group_by("row").agg(
        orders=bought.count(where=is_ordered(bought)),
        amount=bought.net.sum(),
        last=bought.ago.min(),
        first=bought.ago.max(),
    )
    met = work.select(who="customer", met="day")
    worked = rows.inner_join(met, [rows.customer == met.who, met.met < rows.day])
    worked = worked.filter(worked.day.epoch_days() - worked.met.epoch_days() <= _LATELY)
    exchanges = worked.group_by("row").agg(exchanges=worked.count())
    who = people.select("customer", "object", "province")
    told = rows.left_join(orders, "row").drop("row_right")
    told = told.left_join(exchanges, "row").drop("row_right")
    told = told.left_join(who, "customer").drop("customer_right")
    known = told.customer.notnull()
    return told.select(
        "row",
        "last",
        "first",
        **{name: known.ifelse(told[name].fill_null(0), None) for name in ("orders", "amount", "exchanges")},
        **{name: told[name].fill_null("") for name in _WORDS},
    )


def read(rows: Any) -> Fields:
    """The rows of ``known_before`` as columns, in their order; nan and "" where nothing is known."""
    return {name: words(rows, name) if name in _WORDS else numbers(rows, name) for name in LABELS}
