"""What happens when orders and subscriptions are written, by whichever path: form, import, API or action."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from peyvand.kernel import clock, money
from peyvand.kernel.errors import Invalid, Message, Refusals, RuleViolation, msg
from peyvand.operational.billing.public import Invoice
from peyvand.operational.numbering.public import next_numbers
from peyvand.operational.orders.choices import COUNTED, STEP_BY, STEPS
from peyvand.operational.orders.events import OrderCancelled, OrderFulfilled, OrderPlaced, SubscriptionEnded
from peyvand.operational.orders.lines import lines_field, settle_lines
from peyvand.operational.orders.models import Order, Subscription
from peyvand.operational.orders.returning import demand_kept, demand_possible, renew_originals
from peyvand.platform.access.decisions import demand, demand_each
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.references import subjects_of
from peyvand.platform.objects.spec import object_named

Values = Mapping[str, Any]


def prepare_orders(ctx: Context, orders: Sequence[Order], values: Sequence[Values]) -> None:
    """Complete and reckon orders about to be saved.

    Raises:
        Invalid: a line is wrong, the rate of another currency is missing, or the number or invoice is another order's.
        RuleViolation: it goes from one state to another as no order does, happens with nothing on it, or more comes back
            than went out.
        NotAllowed: the actor may not bring it into its state.
    """
    before = {o.id: o for o in Order.objects.filter(id__in=[o.id for o in orders if not o._state.adding])}
    originals = _originals(orders)
    refusals = Refusals()
    for order, given in zip(orders, values, strict=True):
        with refusals.of(None if order._state.adding else order.id):
            _complete(ctx, order, originals.get(order.original_id or 0))
            _demand_currency(ctx, order, before.get(order.id), given)
            _demand_step(order, old := before.get(order.id))
            if old is not None and old.original_id != order.original_id:
                raise RuleViolation(msg("What a return takes back is said when it is begun."), "original")
            order.was = before[order.id].status if order.id in before else ""
    refusals.settle()
    _demand_rights(ctx, orders, before)
    _demand_own_invoice(orders, before)
    fresh = [order for order in orders if not order.number]
    days = [order.ordered_at.astimezone(ctx.tenant.tz).date() for order in fresh]
    for order, number in zip(fresh, next_numbers("order", days), strict=True):
        order.number = number
    _demand_single(orders, before)
    settle_lines(ctx, orders, values)
    _demand_lines(orders, values, before)
    demand_possible(orders, values, originals)
    demand_kept(orders, values, before)


def after_orders(ctx: Context, orders: Sequence[Order], values: Sequence[Values], created: bool) -> None:
    """Tell what happened, and say of the orders taken back what came back of them."""
    renew_originals(ctx, orders)
    told: list[tuple[Order, type[OrderPlaced] | type[OrderFulfilled] | type[OrderCancelled]]] = []
    for order in orders:
        if order.status in COUNTED and order.was not in COUNTED:
            told.append((order, OrderPlaced))
        if order.status != order.was and order.status in ("fulfilled", "cancelled") and order.was in STEPS:
            told.append((order, OrderFulfilled if order.status == "fulfilled" else OrderCancelled))
    now = clock.now()
    whose = subjects_of(object_named("order"), [order for order, _ in told])
    for (order, kind), subjects in zip(told, whose, strict=True):
        said: dict[str, Any] = {
            "object": "order", "object_id": order.id, "title": order.number, "subjects": subjects
        }  # fmt: skip
        if kind is OrderPlaced:
            # What was written down afterwards stands on timelines where it happened.
            said["at"] = order.ordered_at if not order.was and order.ordered_at < now else None
            said |= {"kind": order.kind, "amount": order.total, "ordered_at": order.ordered_at.isoformat()}
        elif kind is OrderCancelled:
            said |= {"reason": order.reason}
        ctx.record(kind(**said))


def why_order_stays(order: Order) -> Message | None:
    """An order that became an invoice is half of one sale."""
    if order.invoice_id is None:
        return None
    return msg("An invoice was made of “%(name)s”; it stays.", name=order.number)


def _originals(orders: Sequence[Order]) -> dict[int, Order]:
    asked = {order.original_id for order in orders if order.original_id}
    return {order.id: order for order in Order.objects.filter(id__in=asked)} if asked else {}


def _complete(ctx: Context, order: Order, original: Order | None) -> None:
    """What is never empty; a return has of its original what nobody said."""
    order.ordered_at = order.ordered_at or clock.now()
    order.status = order.status or "draft"
    order.number = " ".join((order.number or "").split())
    if original is not None and order._state.adding:
        if order.company_id is None and order.person_id is None:
            order.company_id, order.person_id = original.company_id, original.person_id
        order.deal_id = order.deal_id or original.deal_id
        order.channel = order.channel or original.channel


def _demand_currency(ctx: Context, order: Order, old: Order | None, given: Values) -> None:
    own = ctx.tenant.currency
    try:
        order.currency = money.currency(order.currency or own).code
    except Invalid as error:
        raise error.at("currency") from None
    order.rate = Decimal(1) if order.currency == own else order.rate or Decimal(1)
    is_other = old is None or old.currency != order.currency
    if order.currency != own and is_other and given.get("rate") is None:
        sentence = msg(
            "Say how much of %(own)s one %(currency)s is: amounts in two currencies are never added as if they were one.",
            own=own, currency=order.currency,
        )  # fmt: skip
        raise Invalid.of(sentence, "rate", "rate_required")
    if old is not None and (is_other or old.rate != order.rate):
        items = given.get("lines", ())
        if not items or not all("currency" in item for item in items):
            sentence = msg("Lines are kept in %(own)s: with another rate, give them anew in %(currency)s.",
                           own=own, currency=order.currency)  # fmt: skip
            raise RuleViolation(sentence, "rate")


def _demand_step(order: Order, old: Order | None) -> None:
    if old is None:
        if order.status == "returned":
            raise RuleViolation(_FOLLOWS, "status")
    elif order.status != old.status and not order.is_settling:
        if "returned" in (order.status, old.status):
            raise RuleViolation(_FOLLOWS, "status")
        if order.status not in STEPS[old.status]:
            raise RuleViolation(msg("An order cannot go from this state to that one."), "status")


def _demand_rights(ctx: Context, orders: Sequence[Order], before: Mapping[int, Order]) -> None:
    for status, verb in STEP_BY.items():
        moved = [o for o in orders if o.status == status and not o.is_settling]
        if any(o.id not in before for o in moved):
            demand(ctx.actor, verb)
        if there := [o for o in moved if o.id in before and before[o.id].status != status]:
            demand_each(ctx.actor, verb, there)


def _demand_own_invoice(orders: Sequence[Order], before: Mapping[int, Order]) -> None:
    """Refuse an invoice that another order became, or that is another customer's."""
    asked = [
        o for o in orders if o.invoice_id and (o.id not in before or before[o.id].invoice_id != o.invoice_id)
    ]
    if not asked:
        return
    ids = [order.invoice_id for order in asked]
    others = Order.objects.filter(invoice_id__in=ids, deleted_at__isnull=True).exclude(
        id__in=[order.id for order in asked if order.id in before]
    )
    taken = Counter([*ids, *others.values_list("invoice_id", flat=True)])
    invoices = Invoice.objects.in_bulk(ids)
    refusals = Refusals()
    for order in asked:
        with refusals.of(order.id if order.id in before else None):
            invoice = invoices[order.invoice_id or 0]
            if taken[order.invoice_id] > 1:
                raise Invalid.of(msg("Another order became this invoice."), "invoice", "taken")
            if (order.company_id, order.person_id) != (invoice.company_id, invoice.person_id):
                raise Invalid.of(msg("This invoice is another customer's."), "invoice")
    refusals.settle()


def _demand_lines(orders: Sequence[Order], values: Sequence[Values], before: Mapping[int, Order]) -> None:
    """Refuse that an order happens with nothing on it."""
    begun = [
        (o, v) for o, v in zip(orders, values, strict=True)
        if o.status in COUNTED and ("lines" in v or o.id not in before or before[o.id].status not in COUNTED)
    ]  # fmt: skip
    silent = [order.id for order, v in begun if order.id in before and "lines" not in v]
    stored = lines_field().load(silent) if silent else {}
    refusals = Refusals()
    for order, v in begun:
        with refusals.of(order.id if order.id in before else None):
            if not (v["lines"] if "lines" in v else stored.get(order.id)):
                raise RuleViolation(msg("There is nothing on this order."), "lines")
    refusals.settle()


_FOLLOWS = msg("That an order was returned follows from the returns that name it.")


def _demand_single(orders: Sequence[Order], before: Mapping[int, Order]) -> None:
    """Refuse the number of another order that is there."""
    asked = [o for o in orders if o.id not in before or before[o.id].number != o.number]
    if not asked:
        return
    there: dict[str, set[int]] = defaultdict(set)
    rows = Order.objects.filter(number__in={o.number for o in asked}, deleted_at__isnull=True)
    for number, id in (*rows.values_list("number", "id"), *((o.number, o.id) for o in asked)):
        there[number].add(id)
    refusals = Refusals()
    for order in asked:
        with refusals.of(None if order._state.adding else order.id):
            if there[order.number] != {order.id}:
                raise Invalid.of(msg("An order with this number is there already."), "number", "taken")
    refusals.settle()


def prepare_subscriptions(
    ctx: Context, subscriptions: Sequence[Subscription], values: Sequence[Values]
) -> None:
    """Complete subscriptions about to be saved; whether one has ended follows from its last day.

    Raises:
        Invalid: an amount below zero.
        RuleViolation: it ends before it began, or in the future.
    """
    today, refusals = clock.today(ctx.tenant.tz), Refusals()
    rows = Subscription.objects.filter(id__in=[s.id for s in subscriptions if not s._state.adding])
    before = dict(rows.values_list("id", "state"))
    for one in subscriptions:
        with refusals.of(None if one._state.adding else one.id):
            one.started_on = one.started_on or today
            if one.amount is not None and one.amount < 0:
                raise Invalid.of(msg("This must not be below zero."), "amount")
            if one.ended_on is not None and one.ended_on < one.started_on:
                raise RuleViolation(msg("The end lies before the beginning."), "ended_on")
            if one.ended_on is not None and one.ended_on > today:
                raise RuleViolation(msg("An end is recorded once its day has come."), "ended_on")
            one.state = "active" if one.ended_on is None else "ended"
            one.was = before.get(one.id, "")
    refusals.settle()


def tell_subscriptions(
    ctx: Context, subscriptions: Sequence[Subscription], values: Sequence[Values], created: bool
) -> None:
    """Tell of those that ended."""
    ended = [s for s in subscriptions if s.state == "ended" and s.was == "active"]
    for one, subjects in zip(ended, subjects_of(object_named("subscription"), ended), strict=True):
        ctx.record(SubscriptionEnded(
            object="subscription", object_id=one.id, title=one.name, subjects=subjects,
            ended_on=one.ended_on.isoformat() if one.ended_on else "", reason=one.ended_reason,
        ))  # fmt: skip
