"""What is sold: baskets, products beside each other and beside an earlier span, what is bought together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import ibis

from peyvand.analytical.measures.asking import ask
from peyvand.analytical.measures.spans import ALWAYS, Compared, Span
from peyvand.analytical.warehouse.tables import Tables
from peyvand.kernel.conditions import EvalContext

if TYPE_CHECKING:
    import ibis.expr.types as ir

_OF_PRODUCTS: Final = (
    "revenue",
    "items",
    "buyers",
    "returns_rate",
    "margin_rate",
    "price_realisation",
    "average_price",
)


def baskets(tables: Tables, span: Span = ALWAYS, *, context: EvalContext) -> ir.Table:
    """``sale`` and ``product``, each pair once: what was bought (not returned) of the list, as ``methods.rules`` takes it."""
    lines = tables["sale_line"]
    known = span.known(context.today)
    kept = lines.filter(
        lines["product"].notnull()
        & ~lines.is_return
        & (lines.quantity > 0)
        & (lines.day < ibis.date(known.until))
    )
    if known.since is not None:
        kept = kept.filter(kept.day >= ibis.date(known.since))
    return kept.select("sale", "product").distinct()


def bought_with(baskets: ir.Table, product: int, *, fewest: int = 5) -> ir.Table:
    """What else was in the sales with this product, in at least so many: ``product``, ``together``, ``confidence`` (share of the
    product's sales), ``lift`` (how many times more often than in all sales)."""
    with_it = baskets.filter(baskets["product"] == product).select("sale").distinct()
    beside = baskets.semi_join(with_it, "sale")
    beside = beside.filter(beside["product"] != product)
    together = beside.group_by("product").agg(together=beside.count())
    popular = baskets.group_by("product").agg(sales=baskets.count())
    totals = baskets.agg(of_all=baskets.sale.nunique()).cross_join(with_it.agg(of_it=with_it.count()))
    told = together.filter(together.together >= fewest).inner_join(popular, "product").cross_join(totals)
    confidence = told.together.cast("float64") / told.of_it
    return told.select(
        "product", "together", confidence=confidence, lift=confidence * told.of_all / told.sales
    )


def products(tables: Tables, span: Span, compare: Compared = "year", *, context: EvalContext) -> ir.Table:
    """Each product sold in the span or the one it is compared with: revenue, ``share`` of all and ``growth`` (both in percent;
    growth is NULL where nothing was sold before), pieces, buyers, returns, margin and price, each also ``__before``."""
    told = ask(tables, _OF_PRODUCTS, ("product",), span=span, compare=compare, context=context)
    everything = told.revenue.sum().over(ibis.window())
    was = ibis.ifelse(told.revenue__before > 0, told.revenue__before, ibis.null("int64"))
    return told.mutate(
        share=told.revenue.cast("float64") * 100 / everything.nullif(0),
        growth=(told.revenue - told.revenue__before).cast("float64") * 100 / was,
    )
