"""What came back: never more than went out, and what an order is once all of it did."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from peyvand.kernel.errors import Message, Refusals, RuleViolation, msg
from peyvand.operational.orders.choices import COUNTED
from peyvand.operational.orders.models import Order, OrderLine
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.records import update_records
from peyvand.platform.objects.spec import object_named

Key = tuple[int | None, str]
"""What tells goods apart: the product, or the words of a line without one."""


def demand_possible(
    orders: Sequence[Order], values: Sequence[Mapping[str, Any]], originals: Mapping[int, Order]
) -> None:
    """Refuse returns of what is no sale, of another customer's, and of more than is still out."""
    given = [
        (order, v) for order, v in zip(orders, values, strict=True) if order.original_id and order.status != "cancelled"
    ]  # fmt: skip
    if not given:
        return
    mine = [order.id for order, _ in given]
    left = still_out([order.original_id or 0 for order, _ in given], but=mine)
    refusals = Refusals()
    for order, v in given:
        with refusals.of(None if order._state.adding else order.id):
            original = originals.get(order.original_id or 0)
            if original is None or original.kind != "sale" or original.status not in COUNTED:
                raise RuleViolation(msg("Only an order that was placed is taken back."), "original")
            if (order.company_id, order.person_id) != (original.company_id, original.person_id):
                raise RuleViolation(msg("This order is another customer's."), "original")
            if "lines" not in v:
                continue
            out = left[original.id]
            for item in v["lines"]:
                if item["quantity"] > 0:
                    raise RuleViolation(msg("What comes back has a quantity below zero."), "lines")
                key = key_of(item["product"]["id"] if item["product"] else None, item["description"])
                out[key] += Decimal(str(item["quantity"]))
                if out[key] < 0:
                    sentence = msg(
                        "No more of “%(name)s” can come back than went out.", name=item["description"]
                    )
                    raise RuleViolation(sentence, "lines")
    refusals.settle()


def demand_kept(
    orders: Sequence[Order], values: Sequence[Mapping[str, Any]], before: Mapping[int, Order]
) -> None:
    """Refuse to take away from an order what came back of it, its customer, or that it happened."""
    given = [(order, v) for order, v in zip(orders, values, strict=True) if order.id in before]
    changed = [(order, v) for order, v in given if "lines" in v or _is_other(order, before[order.id])]
    came = came_back([order.id for order, _ in changed]) if changed else {}
    refusals = Refusals()
    for order, v in changed:
        if not (left := came[order.id]):
            continue
        with refusals.of(order.id):
            for item in v.get("lines", ()):
                key = key_of(item["product"]["id"] if item["product"] else None, item["description"])
                left[key] += Decimal(str(item["quantity"]))
            if _is_other(order, before[order.id]) or ("lines" in v and any(n < 0 for n in left.values())):
                raise RuleViolation(_stays(order))
    refusals.settle()


def _is_other(order: Order, old: Order) -> bool:
    return (order.company_id, order.person_id) != (old.company_id, old.person_id) or (
        order.status == "cancelled" != old.status
    )


def keep_originals(ctx: Context, orders: Sequence[Order]) -> None:
    """Refuse to delete orders of which something came back, unless that goes too."""
    came = came_back([order.id for order in orders], but=[order.id for order in orders])
    refusals = Refusals()
    for order in orders:
        if came[order.id]:
            with refusals.of(order.id):
                raise RuleViolation(_stays(order))
    refusals.settle()


def _stays(order: Order) -> Message:
    return msg("A return takes back what was sold by “%(name)s”; that stays.", name=order.number)


def still_out(ids: Sequence[int], *, but: Sequence[int] = ()) -> dict[int, dict[Key, Decimal]]:
    """How much of what went out with these orders did not come back; ``but``: returns that are not counted."""
    out: dict[int, dict[Key, Decimal]] = {id: defaultdict(Decimal) for id in ids}
    lines = OrderLine.objects.order_by()
    for id, product, description, n in (
        lines.filter(order_id__in=out).values_list("order_id", "product_id", "description").annotate(n=Sum("quantity"))
    ):  # fmt: skip
        out[id][key_of(product, description)] += n
    for id, counts in came_back(list(out), but=but).items():
        for key, n in counts.items():
            out[id][key] += n
    return out


def came_back(ids: Sequence[int], *, but: Sequence[int] = ()) -> dict[int, dict[Key, Decimal]]:
    """How much came back of these orders, below zero; ``but``: returns that are not counted."""
    found: dict[int, dict[Key, Decimal]] = {id: defaultdict(Decimal) for id in ids}
    rows = Order.objects.filter(original_id__in=list(found), deleted_at__isnull=True).exclude(
        status="cancelled"
    )
    # By themselves first: one statement over both tables would be slow where the database does not know yet how full they are.
    left_out = set(but)
    returns = {id: original for id, original in rows.values_list("id", "original_id") if id not in left_out}
    lines = OrderLine.objects.order_by().filter(order_id__in=returns) if returns else OrderLine.objects.none()
    for id, product, description, n in lines.values_list("order_id", "product_id", "description").annotate(
        n=Sum("quantity")
    ):
        found[returns[id]][key_of(product, description)] += n
    return found


def key_of(product: int | None, description: str) -> Key:
    return (product, "" if product else description)


def renew_originals(ctx: Context, orders: Sequence[Order]) -> None:
    """Let orders be returned once all of them came back, and fulfilled again where that is taken back."""
    asked = {order.original_id for order in orders if order.original_id}
    there = Order.objects.filter(id__in=asked, status__in=COUNTED, deleted_at__isnull=True)
    found = list(there.order_by("id")) if asked else []
    if not found:
        return
    drafts = Order.objects.filter(original_id__in=asked, status="draft").values_list("id", flat=True)
    left = still_out([order.id for order in found], but=list(drafts))
    changed: list[tuple[Order, str]] = []
    for order in found:
        status = "fulfilled" if any(n > 0 for n in left[order.id].values()) else "returned"
        if status != order.status and "returned" in (status, order.status):
            order.is_settling = True
            changed.append((order, status))
    if changed:
        spec = object_named("order")
        update_records(
            ctx, spec, [order for order, _ in changed], [{"status": status} for _, status in changed]
        )
