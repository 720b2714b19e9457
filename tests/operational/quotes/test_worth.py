"""A deal is worth what its customer accepted, unless somebody said otherwise after the quote was sent; then winning asks."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peyvand.kernel.errors import RuleViolation
from peyvand.operational.quotes.actions import accept_quote, send_quote, take_quote
from peyvand.operational.quotes.models import Quote
from peyvand.operational.quotes.worth import differing, worth_of
from peyvand.operational.sales.public import DEAL, Deal, total, win_deal
from peyvand.platform.actions.context import job_context
from peyvand.platform.events.models import EventRow
from peyvand.platform.objects.records import create_record, update_record


def plain_deal(desk: Any, **values: Any) -> Any:
    return create_record(
        desk.ctx, DEAL, {"name": "Hall", "company": desk.company.id, "amount": 120_000_000, **values}
    )


def accepted(desk: Any, deal: Any, ctx: Any = None, **values: Any) -> Any:
    quote = desk.quote(deal=deal.id, **values)
    send_quote(desk.ctx, quote)
    accept_quote(ctx or desk.ctx, quote)
    return Quote.objects.get(id=quote.id)


def fresh(deal: Any) -> Any:
    return Deal.objects.get(id=deal.id)


def lines_of(deal: Any) -> list[Any]:
    return [
        (item["product"]["id"], Decimal(str(item["quantity"])), item["price"], item["amount"])
        for item in DEAL.field("lines").load([deal.id]).get(deal.id, ())
    ]


def test_an_accepted_quote_gives_its_lines_and_its_amount_before_tax_to_the_deal(
    desk: Any, cast: Any
) -> None:
    deal = plain_deal(desk)
    # The customer accepts on their page: nobody of ours does.
    quote = accepted(desk, deal, job_context(cast.arman), discount="7.5")
    assert quote.tax > 0
    assert fresh(deal).amount == quote.net == 1_665_000_000
    assert lines_of(deal) == [(desk.server.id, 2, 832_500_000, 1_665_000_000)]
    [told] = EventRow.objects.filter(object="deal", object_id=deal.id, wire="objects.record_updated.v1")
    assert (told.data["source"], told.data["changes"]["amount"]) == ("quote", [120_000_000, 1_665_000_000])


def test_a_line_that_is_no_products_leaves_the_prices_open_and_counts_in_the_amount(desk: Any) -> None:
    deal = plain_deal(desk)
    lines = [
        {"product": desk.server.id, "quantity": 1},
        {"description": "Delivery", "quantity": 1, "price": 5_000_000},
    ]
    quote = accepted(desk, deal, lines=lines)
    assert fresh(deal).amount == quote.net == 905_000_000
    assert lines_of(deal) == [(desk.server.id, 1, None, None)]


def test_what_somebody_said_after_it_was_sent_holds_and_so_does_a_later_quote(desk: Any) -> None:
    deal = plain_deal(desk)
    quote = desk.quote(deal=deal.id)
    send_quote(desk.ctx, quote)
    update_record(desk.ctx, DEAL, fresh(deal), {"amount": 50})
    accept_quote(desk.ctx, quote)
    assert fresh(deal).amount == 50
    found = differing(fresh(deal))
    assert found is not None
    assert found.net == quote.net

    other = plain_deal(desk, name="Other")
    [first, second] = [
        desk.quote(deal=other.id, lines=[{"product": desk.server.id, "quantity": n}]) for n in (1, 2)
    ]
    send_quote(desk.ctx, first)
    send_quote(desk.ctx, second)
    accept_quote(desk.ctx, first)
    assert fresh(other).amount == 120_000_000
    accept_quote(desk.ctx, second)
    assert fresh(other).amount == second.net


def test_winning_asks_where_they_differ_and_takes_over_what_is_ticked(
    desk: Any, cast: Any, browse: Any
) -> None:
    deal = plain_deal(desk)
    quote = accepted(desk, deal)
    sara, win = browse(cast.sara), f"/w/arman/deals/{deal.id}/do/win"
    assert "as_sold" not in sara.get(win).content.decode()
    update_record(desk.ctx, DEAL, fresh(deal), {"lines": [], "amount": 10_000_000})
    asked = sara.get(win).content.decode()
    assert f'value="{quote.id}"' in asked
    assert "۱۸۰٬۰۰۰٬۰۰۰" in asked
    done = sara.post(win, {"as_sold": str(quote.id)}, headers={"HX-Request": "true"})
    assert done.status_code == 200
    now = fresh(deal)
    assert (now.status, now.amount) == ("won", quote.net)


def test_whoever_wins_without_ticking_keeps_the_deals_own_amount(desk: Any) -> None:
    deal = plain_deal(desk)
    accepted(desk, deal)
    update_record(desk.ctx, DEAL, fresh(deal), {"lines": [], "amount": 10})
    win_deal(desk.ctx, fresh(deal))
    assert fresh(deal).amount == 10
    take_quote(desk.ctx, fresh(deal))
    assert differing(fresh(deal)) is None
    with pytest.raises(RuleViolation):
        take_quote(desk.ctx, plain_deal(desk, name="Nothing accepted"))


def test_what_was_taken_over_is_put_back_from_the_deals_page(desk: Any, cast: Any, browse: Any) -> None:
    deal = plain_deal(desk)
    accepted(desk, deal)
    sara, page = browse(cast.sara), f"/w/arman/deals/{deal.id}/"
    undo = re.search(r'hx-post="([^"]*/undo/[^"]*)"', sara.get(page).content.decode())
    assert undo is not None
    assert sara.post(undo[1], headers={"HX-Request": "true"}).status_code == 200
    assert (fresh(deal).amount, lines_of(deal)) == (120_000_000, [])
    # Now they differ: the page says so, and offers it.
    assert f'hx-post="{page}do/take_quote"' in sara.get(page).content.decode()
    taken = sara.post(f"{page}do/take_quote", headers={"HX-Request": "true"})
    assert "undo" in json.loads(taken["HX-Trigger"])["toast"]
    assert fresh(deal).amount == 1_800_000_000


LINE = st.fixed_dictionaries({
    "product": st.one_of(st.none(), st.integers(1, 5).map(lambda id: {"id": id, "title": "P"})),
    "description": st.just("x"), "quantity": st.integers(1, 99_999).map(lambda n: str(Decimal(n) / 1000)),
    "price": st.integers(0, 10**10), "discount": st.integers(0, 10_000).map(lambda n: str(Decimal(n) / 100)),
    "net": st.integers(0, 10**12),
})  # fmt: skip


@given(st.lists(LINE, min_size=1, max_size=6))
def test_lines_taken_over_come_to_the_quotes_net_to_the_last_unit(items: list[Any]) -> None:
    net = sum(item["net"] for item in items)
    found = worth_of(items, net, ())
    summed = total(found["lines"])
    assert (net if summed is None else summed) == found["amount"] == net
