"""A line whose price is open stays so, whoever sends it back, and nobody is asked about it who did not touch it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.db import transaction

from peyvand.kernel.errors import RuleViolation
from peyvand.operational.catalog.public import PRODUCT
from peyvand.operational.sales.public import DEAL, Deal
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.cleaning import understood
from peyvand.platform.objects.history import latest_change, take_back
from peyvand.platform.objects.records import create_record, update_record, update_records
from peyvand.platform.workspaces.scope import workspace_scope


@pytest.fixture
def ctx(cast: Any, acting: Any) -> Iterator[Context]:
    with workspace_scope(cast.arman.id):
        yield acting(cast.sara)


def prices(deal: Deal) -> list[int | None]:
    return [item["price"] for item in DEAL.field("lines").load([deal.id])[deal.id]]


def test_a_form_that_left_an_open_price_alone_takes_nothing_of_a_colleagues(
    ctx: Context, cast: Any, browse: Any
) -> None:
    router = create_record(ctx, PRODUCT, {"name": "Router", "price": 900})
    open_line = {"product": router.id, "price": None}
    deal = create_record(ctx, DEAL, {"name": "Hall", "amount": 5_000, "lines": [open_line]})
    page, at = browse(cast.sara), f"/w/arman/deals/{deal.id}/edit"
    found = re.search(r'name="was" value="([^"]*)"', page.get(at).content.decode())
    assert found
    more = [open_line, {"product": router.id, "price": 100}]
    update_record(ctx, DEAL, Deal.objects.get(id=deal.id), {"lines": more})
    sent = {
        "was": unescape(found[1]), "name": "Great hall", "lines-count": "1", "lines-0-product": str(router.id),
        "lines-0-quantity": "۱", "lines-0-price": "", "lines-0-discount": "",
    }  # fmt: skip
    answer = page.post(at, sent)
    assert answer.status_code == 302, "nobody is asked whose lines stay"
    assert Deal.objects.get(id=deal.id).name == "Great hall"
    assert prices(deal) == [None, 100]


def test_the_same_values_for_many_deals_are_settled_for_each(ctx: Context) -> None:
    router = create_record(ctx, PRODUCT, {"name": "Router", "price": 900})
    line = {"product": router.id}
    deals = [
        create_record(ctx, DEAL, {"name": name, "lines": [{**line, **price}]})
        for name, price in (("Open", {"price": None}), ("Priced", {"price": 700}))
    ]
    values, _ = understood(ctx, DEAL, {"lines": [line]}, True)
    before = dict(values)
    update_records(ctx, DEAL, [Deal.objects.get(id=deal.id) for deal in deals], [values] * 2)
    assert [prices(deal) for deal in deals] == [[None], [900]]
    assert values == before, "what was given is the caller's"


def test_an_amount_beside_products_is_their_sum_or_refused_at_its_field(ctx: Context) -> None:
    router = create_record(ctx, PRODUCT, {"name": "Router", "price": 900})

    def typed(price: Any, quantity: int = 1) -> list[dict[str, Any]]:
        return [{"product": router.id, "price": price, "quantity": quantity}]

    deal = create_record(ctx, DEAL, {"name": "Hall", "amount": 500})
    for begin in (
        lambda: create_record(ctx, DEAL, {"name": "New", "amount": 5_000, "lines": typed(700)}),
        lambda: update_record(
            ctx, DEAL, Deal.objects.get(id=deal.id), {"amount": 5_000, "lines": typed(700)}
        ),
    ):
        with pytest.raises(RuleViolation) as caught, transaction.atomic():
            begin()
        assert caught.value.field == "amount"
    # What stood there before is nobody's wish, and the sum itself is none against it.
    for amount, price in ((500, 700), (1_200, 1_200), (None, 300)):
        update_record(ctx, DEAL, Deal.objects.get(id=deal.id), {"amount": amount, "lines": typed(price)})
        assert Deal.objects.get(id=deal.id).amount == price
    # Three for a thousand: no price of one says so to the unit.
    update_record(ctx, DEAL, Deal.objects.get(id=deal.id), {"amount": 1_000, "lines": typed(333, 3)})
    assert Deal.objects.get(id=deal.id).amount == 1_000
    # Putting back what stood there before is held by the same rule.
    version = Deal.objects.get(id=deal.id).version
    update_record(ctx, DEAL, Deal.objects.get(id=deal.id), {"lines": typed(50)})
    take_back(ctx, DEAL, Deal.objects.get(id=deal.id), latest_change(ctx, DEAL, deal.id), version + 1)
    assert Deal.objects.get(id=deal.id).amount == 1_000


def test_products_without_prices_leave_an_amount_that_was_said_alone(ctx: Context) -> None:
    router = create_record(ctx, PRODUCT, {"name": "Router", "price": 900})
    deal = create_record(ctx, DEAL, {"name": "Listed", "amount": 5_000, "lines": [{"product": router.id}]})
    assert (Deal.objects.get(id=deal.id).amount, prices(deal)) == (5_000, [None])
    deal = create_record(ctx, DEAL, {"name": "Same", "amount": 900, "lines": [{"product": router.id}]})
    assert (Deal.objects.get(id=deal.id).amount, prices(deal)) == (900, [900])


def test_the_form_says_it_at_the_amount(ctx: Context, cast: Any, browse: Any) -> None:
    router = create_record(ctx, PRODUCT, {"name": "Router", "price": 900})
    sent = {
        "name": "Hall", "amount": "۵۰۰۰", "lines-count": "1", "lines-0-product": str(router.id),
        "lines-0-quantity": "۱", "lines-0-price": "۷۰۰", "lines-0-discount": "",
    }  # fmt: skip
    answer = browse(cast.sara).post("/w/arman/deals/new", sent)
    assert answer.status_code == 422
    place = answer.content.decode().partition('name="amount"')[2]
    assert "مبلغ دیگری" in place[: place.index('class="field')]
