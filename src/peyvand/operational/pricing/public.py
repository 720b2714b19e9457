"""What other slices may use of pricing."""

from peyvand.operational.pricing.hooks import demand_currency
from peyvand.operational.pricing.lines import (
    PricedLines,
    Terms,
    keep_settled,
    put_lines,
    reductions,
    settle_lines,
)
from peyvand.operational.pricing.models import Price, PricedLine, PriceList
from peyvand.operational.pricing.objects import PRICE, PRICE_LIST
from peyvand.operational.pricing.prices import Ask, Priced, prices_for

__all__ = [
    "PRICE",
    "PRICE_LIST",
    "Ask",
    "Price",
    "PriceList",
    "Priced",
    "PricedLine",
    "PricedLines",
    "Terms",
    "demand_currency",
    "keep_settled",
    "prices_for",
    "put_lines",
    "reductions",
    "settle_lines",
]  # fmt: skip
