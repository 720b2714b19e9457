"""Orders: what they come to and cost, their states, what comes back, and the invoice that is the same sale."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.operational.orders.conftest import Shop, refused

from peyvand.kernel.errors import Invalid, NotAllowed, RuleViolation
from peyvand.operational.billing.public import Invoice
from peyvand.operational.contacts.public import COMPANY
from peyvand.operational.orders.actions import (
    cancel_order,
    fulfil_order,
    invoice_order,
    place_order,
    take_back,
    take_in,
)
from peyvand.operational.orders.models import Order, OrderLine
from peyvand.operational.orders.objects import ORDER
from peyvand.operational.orders.reactions import renew
from peyvand.platform.actions.action import action_named
from peyvand.platform.events.facts import RecordDeleted, RecordRestored
from peyvand.platform.events.models import EventRow
from peyvand.platform.events.reactions import Cause
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import Role
from peyvand.platform.objects.records import create_record, delete_records, restore_records, update_record


def test_an_order_has_a_number_sums_and_a_cost_with_its_source(shop: Shop) -> None:
    order = shop.order(
        {"product": shop.kettle.id, "quantity": 3, "discount": 10},
        {"product": shop.cup.id, "quantity": "1.5", "price": "1000", "cost": "400", "tax": 9},
        {"description": "بسته‌بندی", "price": "250"},
    )
    assert order.number == "O-1405-00001"
    assert order.ordered_at == datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    assert (order.kind, order.status, order.currency, order.rate) == ("sale", "draft", "IRR", 1)
    # What is typed is in tomans, what is kept in rials.
    assert (order.gross, order.discount, order.net) == (3_017_500, 300_000, 2_717_500)
    assert (order.tax, order.total, order.cost) == (1_350, 2_718_850, None)
    rows = OrderLine.objects.filter(order=order).order_by("position")
    assert list(rows.values_list("cost", "cost_from")) == [(600_000, "product"), (4_000, "line"), (None, "")]
    known = shop.order(
        {"product": shop.kettle.id, "quantity": 2}, {"product": shop.cup.id, "price": "10", "cost": "4"}
    )
    assert known.cost == 1_200_040


def test_a_line_sent_back_as_it_is_keeps_what_it_came_to_and_cost(shop: Shop) -> None:
    order = shop.order({"product": shop.cup.id, "quantity": 3, "amount": "100", "cost": "7"})
    # A third of 1,000 rials is no whole number: the line says what it comes to, not the price.
    assert (order.gross, order.total, order.cost) == (1_000, 1_000, 210)
    [item] = ORDER.field("lines").load([order.id])[order.id]  # type: ignore[attr-defined]
    assert (item["price"], "cost" in item) == (333, False)
    form = {"product": shop.cup.id, "quantity": 3, "price": 333, "discount": 0, "tax": 0}
    update_record(
        shop.ctx, ORDER, order, {"lines": [form, {"description": "حمل", "price": "5"}], "note": "تلفنی"}
    )
    now = shop.now(order)
    assert (now.total, now.cost, now.note) == (1_050, None, "تلفنی")
    assert list(OrderLine.objects.filter(order=order).order_by("position").values_list("cost", "cost_from")) == [
        (70, "line"), (None, "")
    ]  # fmt: skip


def test_from_draft_to_fulfilled_each_step_is_told_once(shop: Shop) -> None:
    order = shop.order()
    place_order(shop.ctx, order)
    fulfil_order(shop.ctx, shop.now(order))
    assert shop.now(order).status == "fulfilled"
    wires = (
        EventRow.objects.filter(object="order", object_id=order.id)
        .order_by("id")
        .values_list("wire", flat=True)
    )
    assert [w for w in wires if w.startswith("orders.")] == [
        "orders.order_placed.v1",
        "orders.order_fulfilled.v1",
    ]
    with refused(RuleViolation):
        cancel_order(shop.ctx, shop.now(order), reason="دیر شد")
    with refused(RuleViolation):
        place_order(shop.ctx, create_record(shop.ctx, ORDER, {"company": shop.company.id}))
    # A shop's own program may say the state at once; that all came back it may not.
    assert shop.placed().status == "placed"
    with refused(RuleViolation):
        shop.order(status="returned")
    with refused(RuleViolation):
        update_record(shop.ctx, ORDER, shop.now(order), {"status": "draft"})


def test_what_came_back_is_an_order_of_its_own_and_never_more_than_went_out(shop: Shop) -> None:
    order = shop.placed({"product": shop.kettle.id, "quantity": 3}, {"description": "حمل", "price": "50"})
    back = shop.now(take_back(shop.ctx, order))
    assert (back.kind, back.status, back.company_id, back.total) == (
        "return",
        "draft",
        order.company_id,
        -order.total,
    )
    # One of three stays with the customer.
    some = [{"product": shop.kettle.id, "quantity": -2, "price": 1_000_000}]
    update_record(shop.ctx, ORDER, back, {"lines": some})
    place_order(shop.ctx, shop.now(back))
    assert shop.now(order).status == "placed"
    with refused(RuleViolation) as error:
        shop.placed({"product": shop.kettle.id, "quantity": -2}, original=order.id)
    assert "came back" in str(error.value) or "come back" in str(error.value)
    with refused(RuleViolation):
        shop.placed({"product": shop.kettle.id, "quantity": 1}, original=order.id)
    rest = take_back(shop.ctx, shop.now(order))
    assert rest.total == -1_000_500
    assert shop.now(order).status == "placed"
    place_order(shop.ctx, shop.now(rest))
    assert shop.now(order).status == "returned"
    with refused(RuleViolation):
        take_back(shop.ctx, shop.now(order))
    with refused(RuleViolation):
        update_record(shop.ctx, ORDER, shop.placed(), {"original": order.id})
    cancel_order(shop.ctx, shop.now(rest))
    assert shop.now(order).status == "fulfilled"


def test_a_return_in_the_bin_takes_nothing_back_until_it_comes_out_of_it(shop: Shop) -> None:
    order = shop.placed({"product": shop.kettle.id, "quantity": 2})
    back = take_back(shop.ctx, order)
    # What a draft of a return offers is to record that return.
    assert [
        a.key for a in (action_named("order.place"), action_named("order.take_in")) if a and a.offered(back)
    ] == ["order.take_in"]
    take_in(shop.ctx, shop.now(back))
    assert shop.now(order).status == "returned"
    cause = Cause(shop.ctx.tenant, 1, 1)
    about = {"object": "order", "object_id": back.id, "title": back.number, "subjects": ()}
    delete_records(shop.ctx, ORDER, [shop.now(back)])
    renew(cause, [RecordDeleted(**about)])
    assert shop.now(order).status == "fulfilled"
    restore_records(shop.ctx, ORDER, [shop.now(back)])
    renew(cause, [RecordRestored(**about)])
    assert shop.now(order).status == "returned"


def test_an_order_and_its_invoice_are_one_sale(shop: Shop) -> None:
    order = shop.placed({"product": shop.kettle.id, "quantity": 2, "discount": 5, "tax": 10})
    invoice = invoice_order(shop.ctx, order)
    assert Invoice.objects.get(id=invoice.id).total == order.total
    assert shop.now(order).invoice_id == invoice.id
    with refused(RuleViolation):
        invoice_order(shop.ctx, shop.now(order))
    with refused(RuleViolation):
        delete_records(shop.ctx, ORDER, [shop.now(order)])

    with refused(Invalid):
        shop.placed(invoice=invoice.id)
    other = create_record(shop.ctx, COMPANY, {"name": "دیگری"})
    lone = shop.placed(company=other.id)
    theirs = invoice_order(shop.ctx, lone)
    update_record(shop.ctx, ORDER, shop.now(lone), {"invoice": None})
    with refused(Invalid):
        shop.placed(invoice=theirs.id)


def test_of_what_came_back_nothing_is_taken_away(shop: Shop) -> None:
    order = shop.placed({"product": shop.kettle.id, "quantity": 5})
    back = shop.placed({"product": shop.kettle.id, "quantity": -3}, original=order.id)
    other = create_record(shop.ctx, COMPANY, {"name": "دیگری"})
    for change in (
        {"lines": [{"product": shop.kettle.id, "quantity": 2}]},
        {"company": other.id},
        {"status": "cancelled"},
    ):
        with refused(RuleViolation):
            update_record(shop.ctx, ORDER, shop.now(order), change)
    with refused(RuleViolation):
        delete_records(shop.ctx, ORDER, [shop.now(order)])
    update_record(
        shop.ctx,
        ORDER,
        shop.now(order),
        {"lines": [{"product": shop.kettle.id, "quantity": 3}], "note": "کم شد"},
    )
    delete_records(shop.ctx, ORDER, [shop.now(order), shop.now(back)])
    assert not Order.objects.filter(deleted_at=None).exists()


def test_a_state_and_a_cost_are_written_by_who_may(shop: Shop, cast: Any, acting: Any) -> None:
    draft = shop.order()
    cast.babak.role = Role.objects.create(
        key="clerk", name="Clerk", fields={"order.cost": "hidden"},
        grants={"company.view": "all", "product.view": "all", "order.view": "all", "order.update": "all", "order.create": "all"},
    )  # fmt: skip
    cast.babak.save()
    access_changed(cast.arman.id)
    clerk = acting(cast.babak)
    for status in ("placed", "fulfilled", "cancelled"):
        with refused(NotAllowed):
            update_record(clerk, ORDER, shop.now(draft), {"status": status})
        with refused(NotAllowed):
            create_record(clerk, ORDER, {"status": status, "lines": [{"product": shop.kettle.id}]})
    made = create_record(
        clerk, ORDER, {"lines": [{"product": shop.kettle.id, "cost": "1", "unit": "a\x00b"}]}
    )
    assert shop.now(made).cost == 600_000
    for lines in ((), {}):
        with refused(RuleViolation, Invalid):
            create_record(shop.ctx, ORDER, {"status": "placed", "lines": lines})


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ({"quantity": 0, "price": "1"}, "lines.0.quantity"),
        ({"quantity": "1.2345", "price": "1"}, "lines.0.quantity"),
        ({"quantity": "many", "price": "1"}, "lines.0.quantity"),
        ({"price": "dear"}, "lines.0.price"),
        ({}, "lines.0.price"),
        ({"price": "1", "discount": 101}, "lines.0.discount"),
        ({"price": "1", "currency": "EUR"}, "lines.0.price"),
        ({"price": "1", "currency": "ZZZ"}, "lines.0.currency"),
        ({"price": 10**15, "quantity": 10**9}, "lines.0.price"),
    ],
)
def test_a_wrong_line_is_named(shop: Shop, line: dict[str, Any], field: str) -> None:
    with refused(Invalid) as error:
        shop.order({"product": shop.cup.id, **line})
    assert error.value.problems[0].field == field


def test_free_goods_and_amounts_below_zero_are_kept(shop: Shop) -> None:
    gift = shop.placed({"product": shop.cup.id, "price": "0"}, {"description": "تعدیل", "price": "-25"})
    assert (gift.kind, gift.gross, gift.total) == ("sale", -250, -250)


def test_another_currency_asks_for_its_rate_and_is_kept_in_our_money(shop: Shop) -> None:
    with refused(Invalid) as error:
        shop.order({"product": shop.cup.id, "price": "12.50", "currency": "USD"}, currency="USD")
    assert error.value.problems[0].field == "rate"
    order = shop.order(
        {"product": shop.cup.id, "price": "12.50", "currency": "USD"}, currency="usd", rate="600000"
    )
    assert (order.currency, order.rate, order.total) == ("USD", 600_000, 7_500_000)
    with refused(RuleViolation):
        update_record(shop.ctx, ORDER, order, {"rate": "700000"})
    again = [{"product": shop.cup.id, "price": "12.50", "currency": "USD"}]
    update_record(shop.ctx, ORDER, shop.now(order), {"rate": "700000", "lines": again})
    assert shop.now(order).total == 8_750_000


def test_a_local_time_is_the_workspace_s_and_an_order_of_tomorrow_is_kept_and_pointed_out(
    cast: Any, browse: Any, shop: Shop
) -> None:
    order = shop.placed(ordered_at="2026-11-25 10:30")
    # Tehran is three and a half hours ahead.
    assert order.ordered_at == datetime(2026, 11, 25, 7, 0, tzinfo=UTC)
    today = shop.placed(number="of-today")
    page = browse(cast.sara).get("/w/arman/orders/?view=later").content.decode()
    assert order.number in page
    assert today.number not in page


def test_a_number_is_one_order_s(shop: Shop) -> None:
    shop.order(number=" A 17 ")
    with refused(Invalid) as error:
        shop.order(number="A 17")
    assert error.value.problems[0].field == "number"
    assert Order.objects.filter(number="A 17").count() == 1


def test_an_order_has_its_page_its_form_and_a_place_with_its_customer(
    cast: Any, browse: Any, shop: Shop
) -> None:
    order = shop.placed(
        {"product": shop.kettle.id, "quantity": 2}, {"description": "بسته‌بندی", "price": "250"}
    )
    back = take_back(shop.ctx, order)
    sara = browse(cast.sara)
    page = sara.get(f"/w/arman/orders/{order.id}/").content.decode()
    assert "بسته‌بندی" in page
    assert back.number in page
    assert order.number in sara.get(f"/w/arman/companies/{shop.company.id}/").content.decode()
    assert "بسته‌بندی" in sara.get(f"/w/arman/orders/{order.id}/edit").content.decode()


def test_the_margin_of_lines_is_for_whoever_may_see_costs(shop: Shop, cast: Any, browse: Any) -> None:
    order = shop.placed(
        {"product": shop.kettle.id, "quantity": 2, "discount": 50}, {"description": "حمل", "price": "250"}
    )
    address = f"/w/arman/orders/{order.id}/"
    page = browse(cast.sara).get(address).content.decode()
    # Sold for half its price of 1,000,000 rials, it costs 600,000.
    assert "سود هر ردیف" in page
    assert "tbad" in page
    cast.babak.role = Role.objects.create(
        key="clerk", name="Clerk", fields={"product.cost": "hidden"}, grants={"*": "all"}
    )
    cast.babak.save()
    access_changed(cast.arman.id)
    seen = browse(cast.babak).get(address).content.decode()
    assert order.number in seen
    assert "سود هر ردیف" not in seen
