"""Verbs of orders and subscriptions."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, RuleViolation, msg
from peyvand.operational.billing.public import INVOICE, Invoice
from peyvand.operational.orders.choices import COUNTED, STEPS
from peyvand.operational.orders.fields import line
from peyvand.operational.orders.lines import lines_field
from peyvand.operational.orders.models import Order, Subscription
from peyvand.operational.orders.objects import ORDER, SUBSCRIPTION
from peyvand.operational.orders.returning import key_of, still_out
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Day, Text
from peyvand.platform.objects.records import create_records, update_records

_REASON = Text(key="reason", label=_("Reason"), max_length=300)


def _can(status: str) -> Any:
    return lambda order: status in STEPS[order.status]


@action(
    "order.place",
    label=_("Place the order"),
    icon="check",
    tone="good",
    offered=lambda order: order.status == "draft" and order.kind == "sale",
    is_next=lambda order: True,
    final=True,
)
def place_order(ctx: Context, order: Order) -> None:
    """Say that an order happened: from now on it counts.

    Raises:
        RuleViolation: it is no draft, or has no lines.
    """
    if not lines_field().load([order.id]):
        raise RuleViolation(msg("There is nothing on this order."), "lines")
    update_records(ctx, ORDER, [order], [{"status": "placed"}])


@action(
    "order.take_in",
    label=_("Record the return"),
    icon="check",
    tone="good",
    offered=lambda order: order.status == "draft" and order.kind == "return",
    is_next=lambda order: True,
    final=True,
)
def take_in(ctx: Context, order: Order) -> None:
    """Say that goods came back: from now on the return counts.

    Raises:
        RuleViolation: it is no draft, or has no lines.
    """
    place_order(ctx, order)


@action(
    "order.fulfil",
    label=_("Delivered"),
    icon="bag",
    tone="good",
    offered=lambda order: order.status == "placed",
    is_next=lambda order: order.status == "placed",
    final=True,
)
def fulfil_order(ctx: Context, order: Order) -> None:
    """Say that all of an order was delivered, or that what came back has arrived."""
    update_records(ctx, ORDER, [order], [{"status": "fulfilled"}])


@action(
    "order.cancel",
    label=_("Cancel the order"),
    icon="xc",
    tone="danger",
    inputs=(_REASON,),
    offered=_can("cancelled"),
    final=True,
)
def cancel_order(ctx: Context, order: Order, *, reason: str = "") -> None:
    """Say that an order does not happen after all; it counts no more."""
    update_records(ctx, ORDER, [order], [{"status": "cancelled", "reason": reason}])


@action(
    "order.take_back",
    label=_("Take back"),
    icon="undo",
    offered=lambda order: order.kind == "sale" and order.status in ("placed", "fulfilled"),
    opens=True,
    aside=True,
)
def take_back(ctx: Context, order: Order) -> Order:
    """Begin a return of all that did not come back yet; whoever records it takes off it what stays with the customer.

    Raises:
        RuleViolation: it was never placed, or all of it came back.
    """
    if order.kind != "sale" or order.status not in COUNTED:
        raise RuleViolation(msg("Only an order that was placed is taken back."), "status")
    left = still_out([order.id])[order.id]
    items = []
    for item in lines_field().load([order.id]).get(order.id, ()):
        key = key_of(item["product"]["id"] if item["product"] else None, item["description"])
        quantity = min(left[key], type(left[key])(str(item["quantity"])))
        if quantity > 0:
            left[key] -= quantity
            number = float(quantity) if quantity % 1 else int(quantity)
            items.append(line(
                item["product"], -number, item["price"], description=item["description"], unit=item["unit"],
                discount=item["discount"], tax=item["tax"], gross=-item["gross"] if number == item["quantity"] else None,
            ))  # fmt: skip
    if not items:
        raise RuleViolation(msg("All of this order came back."), "status")
    row = {"original": order.id, "owner": order.owner_id or ctx.actor.user_id, "lines": tuple(items)}
    made: Order = create_records(ctx, ORDER, [row])[0]
    return made


@action(
    "order.invoice",
    label=_("Make an invoice"),
    icon="money",
    offered=lambda order: (
        order.kind == "sale" and order.status in ("placed", "fulfilled") and order.invoice_id is None
    ),
    opens=True,
)
def invoice_order(ctx: Context, order: Order) -> Invoice:
    """Write the draft of an invoice over what was ordered, at its prices. The order names it: both are one sale.

    Raises:
        RuleViolation: it has an invoice, did not happen, or takes something back.
    """
    if order.invoice_id is not None or order.kind != "sale" or order.status not in COUNTED:
        raise RuleViolation(msg("An invoice is made once, of an order that was placed."), "status")
    items = lines_field().load([order.id]).get(order.id, ())
    if any(item["quantity"] <= 0 or item["price"] < 0 for item in items):
        raise RuleViolation(msg("This order takes something back; an invoice cannot."), "lines")
    lines = tuple(
        {key: item[key] for key in ("product", "description", "unit", "quantity", "price", "discount", "tax")}
        | {"tax_by_hand": True, "priced_by": ""}
        for item in items
    )
    row = {
        "company": order.company_id, "person": order.person_id, "deal": order.deal_id, "kind": "invoice",
        "owner": order.owner_id or ctx.actor.user_id, "lines": lines, "terms_days": 0,
    }  # fmt: skip
    made: Invoice = create_records(ctx, INVOICE, [row])[0]
    update_records(ctx, ORDER, [order], [{"invoice": made.id}])
    return made


@action(
    "subscription.end",
    label=_("End"),
    icon="xc",
    tone="danger",
    inputs=(Day(key="on", label=_("Ended on"), help=_("Default: today.")), _REASON),
    offered=lambda one: one.state == "active",
)
def end_subscription(
    ctx: Context, subscription: Subscription, *, on: date | None = None, reason: str = ""
) -> None:
    """End a subscription: ``on`` is the first day without it.

    Raises:
        RuleViolation: it ended already, or ends before it began or in the future.
    """
    if subscription.state != "active":
        raise RuleViolation(msg("This subscription ended already."), "state")
    ended = {"ended_on": on or clock.today(ctx.tenant.tz), "ended_reason": reason}
    update_records(ctx, SUBSCRIPTION, [subscription], [ended])


@action(
    "subscription.resume",
    label=_("Resume"),
    icon="refresh",
    tone="good",
    offered=lambda one: one.state == "ended",
)
def resume_subscription(ctx: Context, subscription: Subscription) -> None:
    """Let a subscription that ended go on, as if it had not.

    Raises:
        Invalid: it did not end.
    """
    if subscription.state != "ended":
        raise Invalid.of(msg("This subscription did not end."), "state")
    update_records(ctx, SUBSCRIPTION, [subscription], [{"ended_on": None, "ended_reason": ""}])
