"""The kinds and states of orders and subscriptions, and how an order goes from one state to another."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from peyvand.platform.fields.types import Option

KINDS: Final = (Option("sale", _("Sale"), "good"), Option("return", _("Return of goods"), "warn"))
STATES: Final = (
    Option("draft", _("Draft"), "info"),
    Option("placed", _("Placed"), "acc"),
    Option("fulfilled", _("Fulfilled"), "good"),
    Option("cancelled", _("Cancelled"), "bad"),
    Option("returned", _("Returned"), "warn"),
)
COUNTED: Final = ("placed", "fulfilled", "returned")
"""The states of orders that happened. An order of which all came back did happen: what came back is an order of its own."""
STEPS: Final = {
    "draft": ("placed", "fulfilled", "cancelled"),
    "placed": ("fulfilled", "cancelled"),
    "fulfilled": (),
    "cancelled": (),
    "returned": (),
}
"""Where an order may go from each state; returned, and back, follows from what came back."""
STEP_BY: Final = {"placed": "order.place", "fulfilled": "order.fulfil", "cancelled": "order.cancel"}
"""Who brings an order into a state by hand may do what the verb does that leads there."""
PERIODS: Final = (
    Option("month", _("Every month")),
    Option("quarter", _("Every quarter")),
    Option("year", _("Every year")),
)
LIVES: Final = (Option("active", _("Active"), "good"), Option("ended", _("Ended"), "bad"))
