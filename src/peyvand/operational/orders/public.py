"""What other slices may use of orders."""

from peyvand.operational.orders.actions import (
    cancel_order,
    end_subscription,
    fulfil_order,
    invoice_order,
    place_order,
    take_back,
)
from peyvand.operational.orders.choices import COUNTED
from peyvand.operational.orders.fields import Line, line
from peyvand.operational.orders.models import Order, OrderLine, Subscription
from peyvand.operational.orders.objects import ORDER, SUBSCRIPTION

__all__ = [
    "COUNTED", "ORDER", "SUBSCRIPTION", "Line", "Order", "OrderLine", "Subscription", "cancel_order", "end_subscription", "fulfil_order",
    "invoice_order", "line", "place_order", "take_back",
]  # fmt: skip
