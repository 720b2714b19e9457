"""Facts about orders and subscriptions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from peyvand.kernel.errors import Message, msg
from peyvand.platform.events.facts import Event, fact


@fact("orders.order_placed.v1", label=msg("An order was placed"), icon="bag")
class OrderPlaced(Event):
    """An order happened, or goods came back (``kind`` return: the amount is below zero)."""

    tells: ClassVar[Mapping[str, str]] = {"amount": "total"}

    kind: str = "sale"
    amount: int = 0
    ordered_at: str = ""

    def describe(self) -> Message:
        if self.kind == "return":
            return msg("recorded the return %(title)s", title=self.title)
        return msg("placed the order %(title)s", title=self.title)


@fact("orders.order_fulfilled.v1", label=msg("An order was fulfilled"), icon="check")
class OrderFulfilled(Event):
    implies: ClassVar[tuple[str, ...]] = ("status",)

    def describe(self) -> Message:
        return msg("fulfilled the order %(title)s", title=self.title)


@fact("orders.order_cancelled.v1", label=msg("An order was cancelled"), icon="xc")
class OrderCancelled(Event):
    implies: ClassVar[tuple[str, ...]] = ("status",)

    reason: str = ""

    def describe(self) -> Message:
        if self.reason:
            return msg("cancelled the order %(title)s (%(reason)s)", title=self.title, reason=self.reason)
        return msg("cancelled the order %(title)s", title=self.title)


@fact("orders.subscription_ended.v1", label=msg("A subscription ended"), icon="xc")
class SubscriptionEnded(Event):
    implies: ClassVar[tuple[str, ...]] = ("state",)

    ended_on: str = ""
    reason: str = ""

    def describe(self) -> Message:
        return msg("ended the subscription %(title)s", title=self.title)
