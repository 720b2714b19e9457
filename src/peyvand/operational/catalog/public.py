"""What other slices may use of the catalogue."""

from peyvand.operational.catalog.lines import ProductLines, amount_of, quantity_of, read_lines
from peyvand.operational.catalog.models import Product, Tax, TaxRate
from peyvand.operational.catalog.objects import PRODUCT, TAX, TAX_RATE
from peyvand.operational.catalog.taxes import rates_on

__all__ = [
    "PRODUCT", "TAX", "TAX_RATE", "Product", "ProductLines", "Tax", "TaxRate", "amount_of", "quantity_of", "rates_on", "read_lines",
]  # fmt: skip
