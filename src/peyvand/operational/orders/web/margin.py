"""The card of what each line of an order leaves, for whoever may see what things cost."""

from __future__ import annotations

from dataclasses import dataclass

from peyvand.kernel.numbers import format_percent
from peyvand.operational.orders.models import OrderLine
from peyvand.operational.orders.objects import ORDER
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Money
from peyvand.web.objects.pages.access import Opened
from peyvand.web.objects.pages.cards import record_card
from peyvand.web.shell.today import Card

_MONEY = Money(key="money", label="")


@dataclass(frozen=True)
class Left:
    """What a line leaves in words; both are empty where its cost is unknown. ``share`` is that of its revenue."""

    name: str
    amount: str
    share: str
    is_loss: bool


@record_card("order", order=20)
def margin(ctx: Context, opened: Opened) -> Card | None:
    """Revenue less cost, line by line."""
    grants = ctx.actor.grants
    if {"cost", "lines"} & set(grants.hides(ORDER.key)) or "cost" in grants.hides("product"):
        return None
    rows = OrderLine.objects.filter(order_id=opened.record.id).order_by("position")
    lines = [_left(ctx, line) for line in rows]
    return Card("orders/margin.html", {"lines": lines}) if any(line.amount for line in lines) else None


def _left(ctx: Context, line: OrderLine) -> Left:
    if line.cost is None:
        return Left(line.description, "", "", False)
    left = line.net - round(line.cost * line.quantity)
    share = format_percent(left / line.net, ctx.reader.language, 0) if line.net else ""
    # What comes back takes its margin along: nothing is lost by that.
    return Left(line.description, _MONEY.show(left, ctx.reader, "short"), share, left * line.quantity < 0)
