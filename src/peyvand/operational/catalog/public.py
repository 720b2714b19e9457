"""What other slices may use of the catalogue."""

from peyvand.operational.catalog.models import Product
from peyvand.operational.catalog.objects import PRODUCT

__all__ = ["PRODUCT", "Product"]
