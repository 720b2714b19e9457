"""What other slices may use of pricing."""

from peyvand.operational.catalog.public import rates_on
from peyvand.operational.pricing.hooks import demand_currency
from peyvand.operational.pricing.lines import (
    PricedLines,
    Terms,
    figures,
    keep_settled,
    reductions,
    settle_lines,
)
from peyvand.operational.pricing.models import Price, PricedLine, PriceList
from peyvand.operational.pricing.objects import PRICE, PRICE_LIST
from peyvand.operational.pricing.prices import Ask, Priced, price_for, prices_for

__all__ = [
    "PRICE", "PRICE_LIST", "Ask", "Price", "PriceList", "Priced", "PricedLine", "PricedLines", "Terms", "demand_currency",
    "figures", "keep_settled", "price_for", "prices_for", "rates_on", "reductions", "settle_lines",
]  # fmt: skip
