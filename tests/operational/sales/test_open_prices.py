"""A line whose price is open stays so, whoever sends it back, and nobody is asked about it who did not touch it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest

from peyvand.operational.catalog.public import PRODUCT
from peyvand.operational.sales.public import DEAL, Deal
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.cleaning import understood
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
