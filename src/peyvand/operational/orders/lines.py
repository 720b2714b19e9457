"""Lines of orders in sets: priced, taxed, brought into the workspace's money, reckoned, and what they cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from peyvand.kernel import money
from peyvand.kernel.errors import Invalid, Problem, Refusals, msg
from peyvand.operational.catalog.public import Product, rates_on
from peyvand.operational.orders.arithmetic import converted, part, thousandths
from peyvand.operational.orders.fields import FIGURES, Line, OrderLines, reckon
from peyvand.operational.orders.models import Order, OrderLine
from peyvand.operational.pricing.public import Ask, prices_for
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.spec import object_named

Values = Mapping[str, Any]
Given = list[tuple[Order, list[Line]]]


def lines_field() -> OrderLines:
    return object_named("order").field("lines", OrderLines)


def settle_lines(ctx: Context, orders: Sequence[Order], values: Sequence[Values]) -> None:
    """Complete the lines given in ``values``, which is where whoever stores them reads them, and sum them up.

    A line that is given as it is stored keeps what it came to and cost.

    Raises:
        Invalid: nobody knows its price, it is in another currency than the order, or it comes to too much.
    """
    field = lines_field()
    given: Given = [
        (order, [item if isinstance(item, Line) else Line(item) for item in v[field.key]])
        for order, v in zip(orders, values, strict=True)
        if field.key in v
    ]
    hidden = ctx.actor.grants.hides("order") | ctx.actor.grants.hides("product")
    if "cost" in hidden:
        # Who does not learn what things cost does not say it either.
        for item in (item for _, items in given for item in items):
            item.cost, item.cost_from = None, ""
    kept = _stored([order.id for order, _ in given if not order._state.adding])
    for order, items in given:
        for n, item in enumerate(items):
            _keep(item, kept.get((order.id, n)))
    _price(ctx, given)
    _tax(ctx, given)
    _cost(given)
    refusals = Refusals()
    for order, items in given:
        with refusals.of(None if order._state.adding else order.id):
            _convert(ctx, order, items)
            _sum(order, items)
    refusals.settle()
    settled = {id(order): tuple(items) for order, items in given}
    for order, v in zip(orders, values, strict=True):
        if id(order) in settled:
            assert isinstance(v, dict), "only an order with values of its own was given lines"
            v[field.key] = settled[id(order)]


def _stored(ids: Sequence[int]) -> dict[tuple[int, int], tuple[dict[str, Any], int | None, str]]:
    """The stored lines of these orders by their places, with what one unit costs and where that is from."""
    if not ids:
        return {}
    items = lines_field().load(ids)
    rows = OrderLine.objects.filter(order_id__in=ids).order_by("order_id", "position")
    found, places = {}, defaultdict[int, int](int)
    for order, cost, cost_from in rows.values_list("order_id", "cost", "cost_from"):
        n = places[order]
        places[order] += 1
        found[order, n] = (items[order][n], cost, cost_from)
    return found


def _keep(item: Line, stored: tuple[dict[str, Any], int | None, str] | None) -> None:
    if stored is None:
        return
    old, cost, cost_from = stored
    same_product = (item["product"] or {}).get("id") == (old["product"] or {}).get("id")
    if item.cost is None and same_product:
        item.cost, item.cost_from = cost, cost_from
    same = ("quantity", "price", "discount", "tax")
    if same_product and all(item[key] == old[key] for key in same) and "currency" not in item:
        item.update({key: old[key] for key in FIGURES})


def _price(ctx: Context, given: Given) -> None:
    """Where no price is given, that of the price lists on the order's day."""
    asks = [
        (item, Ask(item["product"]["id"], order.company_id, order.ordered_at.astimezone(ctx.tenant.tz).date(),
                   abs(Decimal(str(item["quantity"])))))
        for order, items in given
        for item in items
        if item["price"] is None and item["product"]
    ]  # fmt: skip
    found = prices_for((ask for _, ask in asks), ctx.tenant.currency) if asks else {}
    for item, ask in asks:
        item["price"] = found[ask].price
        item.pop("currency", None)


def _tax(ctx: Context, given: Given) -> None:
    """Where no tax is given, that of the product on the order's day."""
    asked = [
        (item, order.ordered_at.astimezone(ctx.tenant.tz).date())
        for order, items in given
        for item in items
        if item["tax"] is None
    ]
    products = {item["product"]["id"] for item, _ in asked if item["product"]}
    taxes = dict(Product.objects.filter(id__in=products).values_list("id", "tax_id")) if products else {}
    rates = rates_on((tax, day) for _, day in asked for tax in set(taxes.values())) if taxes else {}
    for item, day in asked:
        rate = rates.get((taxes.get((item["product"] or {}).get("id")), day), Decimal(0))
        item["tax"] = float(rate) if rate % 1 else int(rate)


def _cost(given: Given) -> None:
    """What one unit costs: as the line says, else as the product does."""
    wanted = [item for _, items in given for item in items if item.cost is None and item["product"]]
    products = {item["product"]["id"] for item in wanted}
    costs = dict(Product.objects.filter(id__in=products).values_list("id", "cost")) if products else {}
    for item in wanted:
        cost = costs.get(item["product"]["id"])
        item.cost, item.cost_from = cost, "" if cost is None else "product"


def _convert(ctx: Context, order: Order, items: Sequence[Line]) -> None:
    """What is in the order's currency becomes the workspace's money, by the order's rate."""
    of, into = money.currency(order.currency), money.currency(ctx.tenant.currency)
    problems = []
    for n, item in enumerate(items):
        spoken = item.pop("currency", "")
        if not spoken:
            continue
        if spoken != order.currency:
            sentence = msg(
                "This is in %(one)s, the order in %(other)s; two currencies do not go together.",
                one=spoken, other=order.currency,
            )  # fmt: skip
            problems.append(Problem(f"lines.{n}.price", sentence, "mixed_currencies"))
            continue
        for key in ("price", "gross"):
            if item[key] is not None:
                item[key] = converted(item[key], order.rate, of, into)
    if problems:
        raise Invalid(problems)


def _sum(order: Order, items: Sequence[Line]) -> None:
    gross = discount = net = tax = total = cost = 0
    unknown = False
    for n, item in enumerate(items):
        if item["price"] is None:
            raise Invalid.of(
                msg("No list knows a price of this product; write one."), f"lines.{n}.price", "required"
            )
        line = reckon(item, item["gross"])
        if max(abs(item["price"]), abs(line.gross), abs(line.total)) > money.MOST:
            raise Invalid.of(msg("This amount is too large."), f"lines.{n}.price", "too_large")
        gross, discount, net = gross + line.gross, discount + line.discount, net + line.net
        tax, total = tax + line.tax, total + line.total
        if item.cost is None:
            unknown = True
        else:
            cost += part(item.cost * thousandths(item["quantity"]), 1000)
    if max(abs(gross), abs(total), abs(cost)) > money.MOST:
        raise Invalid.of(msg("This amount is too large."), "lines", "too_large")
    order.gross, order.discount, order.net, order.tax, order.total = gross, discount, net, tax, total
    order.cost = None if unknown or not items else cost
    back = bool(items) and gross < 0 and all(item["quantity"] < 0 for item in items)
    order.kind = "return" if back or order.original_id else "sale"
