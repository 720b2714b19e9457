"""The board of products: what sells against before, at which price, with which margin, together with what, against whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from peyvand.analytical.analyses.public import standing_of
from peyvand.analytical.analyses.rights import closed
from peyvand.analytical.measures.catalogue import MEASURES
from peyvand.analytical.reports.answering import EARLIER, Found, answer
from peyvand.analytical.reports.drawing import Cell, cell
from peyvand.analytical.reports.question import LAST_MONTHS, Question
from peyvand.analytical.reports.web.cards import Board, Card, asking, tile
from peyvand.kernel import numbers
from peyvand.operational.catalog.public import PRODUCT
from peyvand.platform.actions.context import Context
from peyvand.web.objects.pages.answers import page_url

_SOLD: Final = Question(("revenue",), ("product",), span=LAST_MONTHS, compare="before", chart="table")
# Products that rose, and as many that fell.
_MOST: Final = 6
# Rules of what is bought together.
_RULES: Final = 10


@dataclass(frozen=True)
class Moved:
    """A product that sold more, or less, than in the twelve months before."""

    name: str
    url: str
    now: Cell


@dataclass(frozen=True)
class Rule:
    """Who buys the one buys the other too: in words how often, and how many times more often than others."""

    first: tuple[str, str]
    then: tuple[str, str]
    share: str
    together: str
    lift: str


def _most_moved(rows: list[Found]) -> list[Found]:
    """Of all products, those that rose the most and those that fell the most; whoever has most revenue need not be among them."""
    known = sorted((row for row in rows if row["product"] is not None), key=_change, reverse=True)
    return known[:_MOST] + known[max(_MOST, len(known) - _MOST) :]


def _change(row: Found) -> float:
    return float(row["revenue"] or 0) - float(row[f"revenue{EARLIER}"] or 0)


def moved(ctx: Context, given: Mapping[str, str]) -> Mapping[str, Any]:
    """The products that grew and shrank the most, in money."""
    found = answer(ctx, _SOLD, _most_moved)
    (measure,) = found.measures
    lines = []
    # Beside a time of which little is known everything would have grown.
    for row in found.named if found.began is None else ():
        now, before = row.figures[measure.key] or 0, row.before.get(measure.key) or 0
        if now != before:
            told = Moved(row.names[0], page_url(ctx, PRODUCT, row.values[0]), cell(ctx, found, measure, row))
            lines.append((now - before, told))
    lines.sort(key=lambda line: -line[0])
    return {
        "template": "reports/_moved.html", "at": found.at, "began": found.began,
        "rose": [told for change, told in lines if change > 0][:_MOST],
        "fell": [told for change, told in reversed(lines) if change < 0][:_MOST],
    }  # fmt: skip


def together(ctx: Context, given: Mapping[str, str]) -> Mapping[str, Any]:
    """What is bought together in one order, the surest first."""
    told_of = standing_of(ctx, "offers")

    def told(number: float) -> str:
        return numbers.format_number(round(number, 1), ctx.reader.language, 1)

    def named(item: Mapping[str, Any]) -> tuple[str, str]:
        return str(item["name"]), page_url(ctx, PRODUCT, int(item["id"]))

    rules = [
        Rule(named(rule["items"][0]), named(rule["then"]), numbers.format_percent(round(rule["confidence"], 2), ctx.reader.language, 0),
             numbers.format_number(rule["together"], ctx.reader.language), told(rule["lift"]))
        for rule in told_of.more.get("rules", [])[:_RULES]
    ]  # fmt: skip
    return {"template": "reports/_together.html", "rules": rules, "as_of": told_of.as_of, "how": told_of}


def _sees_sales(ctx: Context) -> bool:
    revenue = MEASURES["revenue"]
    return closed(ctx.actor, (*revenue.objects, PRODUCT.key), revenue.fields) is None


_AGAINST: Final = {"and": [{"field": "competitor", "op": "filled"}]}

PRODUCTS: Final = Board("products", _("Products"), "insights/products", (
    tile("items", _("Items sold"), "items"),
    tile("price-realisation", _("Price realisation"), "price_realisation"),
    tile("discount-rate", _("Discount rate"), "discount_rate"),
    tile("product-margin", _("Margin rate"), "margin_rate"),
    tile("returns-rate", _("Return rate"), "returns_rate"),
    asking("sold-before", _("Product sales, compared with the year before"), "revenue", by=("product",), chart="bars", compare="before", most=10),
    Card("moved", _("Growing and declining products"), draw=moved, opens=_sees_sales, says=_("the last 12 months compared with the 12 before")),
    asking("product-months", _("Products by month"), "revenue", by=("month", "product"), chart="columns"),
    asking("together-margin", _("Margin by product"), "margin", "margin_rate", by=("product",), chart="bars", most=10),
    asking("realised-product", _("Price realisation by product"), "price_realisation", by=("product",), chart="bars", most=12),
    asking("realised-seller", _("Price realisation by seller"), "price_realisation", by=("member",), chart="bars", most=12),
    asking("gap-seller", _("Below list price, by seller"), "price_gap", by=("member",), chart="bars", most=10),
    asking("discount-months", _("Discount rate by month"), "discount_rate", by=("month",), chart="lines"),
    asking("returned-product", _("Returned items"), "returned", "returns_rate", by=("product",), chart="bars", most=10),
    Card("together", _("Bought together"), draw=together, opens=_sees_sales, says=_("in one order")),
    asking("rivals", _("Against competitors"), "deals_won", "deals_lost", "win_rate", by=("competitor",), filters=_AGAINST, most=10,
           says=_("of deals that name a competitor; won ones often name none")),
    asking("lost-why", _("Why deals are lost"), "deals_lost", by=("lost_reason",), chart="bars", most=10, some=True),
), needs=("revenue",))  # fmt: skip
