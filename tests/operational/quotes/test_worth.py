"""A deal is worth what its customer accepted, unless somebody said otherwise after the quote was sent; then winning asks."""

from __future__ import annotations

import json
import re
import threading
import time
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, connections, transaction
from hypothesis import given
from hypothesis import strategies as st

from peyvand.kernel.errors import PeyvandError, RuleViolation
from peyvand.operational.catalog.public import PRODUCT
from peyvand.operational.contacts.public import PERSON
from peyvand.operational.quotes.actions import accept_quote, send_quote, take_quote
from peyvand.operational.quotes.events import QuoteAccepted
from peyvand.operational.quotes.models import Quote
from peyvand.operational.quotes.public import QUOTE
from peyvand.operational.quotes.worth import differing, worth_of
from peyvand.operational.sales.public import DEAL, Deal, Stage, total, win_deal, win_deals
from peyvand.platform.actions.context import Context, job_context
from peyvand.platform.events.models import EventRow
from peyvand.platform.fields.reader import PROGRAM
from peyvand.platform.identity.actor import access_changed, user_actor
from peyvand.platform.identity.models import RecordShare, Role
from peyvand.platform.objects.records import create_record, update_record
from peyvand.platform.workspaces.scope import workspace_scope


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
    found = differing(desk.ctx, [fresh(deal)]).get(deal.id)
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
    assert differing(desk.ctx, [fresh(deal)]) == {}
    with pytest.raises(RuleViolation):
        take_quote(desk.ctx, plain_deal(desk, name="Nothing accepted"))


def test_the_board_asks_as_winning_does_and_keeps_the_choice_while_more_is_missing(
    desk: Any, cast: Any, browse: Any
) -> None:
    stage = Stage.objects.filter(kind="won").get()
    Stage.objects.filter(id=stage.id).update(required=["expected_on"])
    deal = plain_deal(desk)
    quote = accepted(desk, deal)
    update_record(desk.ctx, DEAL, fresh(deal), {"lines": [], "amount": 90_000_000})
    board, card = browse(cast.sara), {"card": deal.id, "stage": "won", "from": fresh(deal).stage_id}
    at = "/w/arman/deals/board/move"
    asked = board.post(at, card)
    html = asked.content.decode()
    assert asked.status_code == 422
    assert f'value="{quote.id}"' in html
    assert 'name="expected_on"' in html, "all that is missing is asked for at once"
    assert "۹٬۰۰۰٬۰۰۰" in html, "both figures are told"
    assert fresh(deal).status == "open"
    # Ticked, with what else is missing left open: the dialog comes again with the tick in it.
    again = board.post(at, card | {"asked": "1", "as_sold": str(quote.id), "expected_on": ""})
    assert again.status_code == 422
    assert re.search(rf'value="{quote.id}"[^>]*checked', again.content.decode())
    Stage.objects.filter(id=stage.id).update(required=[])
    plain = board.post(at, card)
    assert (plain.status_code, fresh(deal).status) == (422, "open"), "where nothing else is missing too"
    done = board.post(at, card | {"asked": "1", "as_sold": str(quote.id)})
    assert done.status_code == 200
    assert (fresh(deal).status, fresh(deal).amount) == ("won", quote.net)


def test_many_are_won_as_they_were_sold_or_as_they_are(desk: Any) -> None:
    deals = [plain_deal(desk) for _ in range(4)]
    nets = [accepted(desk, deal).net for deal in deals[:3]]
    for deal in deals:
        update_record(desk.ctx, DEAL, fresh(deal), {"lines": [], "amount": 90_000_000})
    win_deals(desk.ctx, [fresh(deals[0])])
    assert fresh(deals[0]).amount == 90_000_000
    win_deals(desk.ctx, [fresh(deal) for deal in deals[1:]], as_sold=True)
    assert [fresh(deal).amount for deal in deals] == [90_000_000, *nets[1:], 90_000_000]
    assert {fresh(deal).status for deal in deals} == {"won"}


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


def test_a_quote_that_one_may_not_see_is_neither_named_nor_taken_over(
    desk: Any, cast: Any, acting: Any, browse: Any
) -> None:
    deal = plain_deal(desk)
    quote = accepted(desk, deal, name="Hidden offer")
    update_record(desk.ctx, DEAL, fresh(deal), {"lines": [], "amount": 10})
    babak, win = browse(cast.babak), f"/w/arman/deals/{deal.id}/do/win"
    rows = Role.objects.filter(key="member")
    assert "Hidden offer" in browse(cast.sara).get(win).content.decode()
    for rights in (
        {"grants": {**rows.get().grants, "quote.view": "own"}},
        {"grants": rows.get().grants, "fields": {"quote.net": "hidden"}},
    ):
        rows.update(**rights)
        access_changed(cast.arman.id)
        update_record(desk.ctx, DEAL, fresh(deal), {"owner": cast.babak.id})
        asked = babak.get(win)
        assert asked.status_code == 200
        assert "Hidden offer" not in asked.content.decode()
        assert f'value="{quote.id}"' not in asked.content.decode()
        with pytest.raises(RuleViolation), transaction.atomic():
            take_quote(acting(cast.babak), fresh(deal))
    done = babak.post(win, {"as_sold": str(quote.id)}, headers={"HX-Request": "true"})
    assert done.status_code == 200
    assert (fresh(deal).status, fresh(deal).amount) == ("won", 10)


def test_a_product_that_stands_twice_comes_again_line_by_line(desk: Any) -> None:
    id = desk.support.id
    rent = {"product": id, "quantity": 1, "price": 100, "every": "month", "times": 6}
    setup = {"product": id, "quantity": 1, "price": 700}
    for lines, sent, monthly, whole in (
        # Both prices changed: line by line.
        ((rent, setup), (110, 710), 110, 6 * 110 + 710),
        ((setup, rent), (710, 110), 110, 6 * 110 + 710),
        # Turned round, and one left out: by the price.
        ((rent, setup), (700, 100), 100, 6 * 100 + 700),
        ((rent, setup), (700,), None, 700),
    ):
        deal = create_record(desk.ctx, DEAL, {"name": "Hall", "company": desk.company.id, "lines": lines})
        asked = [{"product": id, "quantity": 1, "price": price} for price in sent]
        assert accepted(desk, deal, lines=asked).net == sum(sent)
        now = fresh(deal)
        assert (now.amount, now.recurring, now.total_value) == (sum(sent), monthly, whole)


def test_the_acceptance_holds_where_the_deal_refuses(desk: Any, cast: Any) -> None:
    deal = plain_deal(desk)
    # Its stage became one of winning meanwhile: whatever changes the deal asks for its end first.
    Stage.objects.filter(id=deal.stage_id).update(kind="won")
    quote = accepted(desk, deal, job_context(cast.arman))
    assert quote.status == "accepted"
    assert (fresh(deal).amount, lines_of(deal)) == (120_000_000, [])
    assert not EventRow.objects.filter(
        object="deal", object_id=deal.id, wire="objects.record_updated.v1"
    ).exists()
    assert EventRow.objects.filter(object="quote", object_id=quote.id, wire=QuoteAccepted.wire).exists()


def test_the_acceptance_waits_for_whoever_changes_the_deal_and_their_word_holds(committed: Any) -> None:
    with workspace_scope(committed.arman.id):
        ctx = Context(user_actor(committed.arman.id, committed.sara.id), "web")
        product = create_record(ctx, PRODUCT, {"name": "Server", "price": 700})
        person = create_record(ctx, PERSON, {"family_name": "Karimi"})
        deal = create_record(ctx, DEAL, {"name": "Hall", "amount": 120, "person": person.id})
        lines = [{"product": product.id, "quantity": 1}]
        quote = create_record(ctx, QUOTE, {"deal": deal.id, "person": person.id, "lines": lines})
        send_quote(ctx, quote)
    failed: list[PeyvandError] = []

    def accept() -> None:
        try:
            with workspace_scope(committed.arman.id):
                accept_quote(job_context(committed.arman), Quote.objects.get(id=quote.id))
        except PeyvandError as error:
            failed.append(error)
        finally:
            connections.close_all()

    customer = threading.Thread(target=accept)
    with workspace_scope(committed.arman.id):
        update_record(ctx, DEAL, fresh(deal), {"amount": 50})
        customer.start()
        wait_for_a_lock(customer)
    customer.join(60)
    assert failed == []
    with workspace_scope(committed.arman.id):
        assert (Quote.objects.get(id=quote.id).status, fresh(deal).amount) == ("accepted", 50)


def wait_for_a_lock(thread: threading.Thread) -> None:
    """Until somebody in this database waits for a lock."""
    for _ in range(200):
        with connection.cursor() as cursor:
            cursor.execute(
                "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
            )
            if cursor.fetchone() or not thread.is_alive():
                return
        time.sleep(0.05)


def test_what_was_taken_over_stays_to_the_unit_when_the_form_sends_it_back(desk: Any) -> None:
    deal = plain_deal(desk)
    odd = {"product": desk.support.id, "quantity": 3, "price": 50}
    quote = accepted(desk, deal, lines=[odd], discount="33")
    kept = lines_of(deal)
    assert fresh(deal).amount == quote.net
    assert kept[0][1] * kept[0][2] != kept[0][3], "the price times the quantity is another amount"
    held = DEAL.field("lines")

    def send_back(*more: Any) -> None:
        lines = held.parse([*held.to_json(held.load([deal.id])[deal.id]), *more], PROGRAM)
        update_record(desk.ctx, DEAL, fresh(deal), {"name": "Renamed", "lines": lines})

    before = fresh(deal).version
    send_back()
    assert (fresh(deal).version, fresh(deal).name) == (before + 1, "Renamed")
    assert (lines_of(deal), differing(desk.ctx, [fresh(deal)])) == (kept, {})
    send_back({"product": desk.server.id, "quantity": 1, "price": 1000})
    assert fresh(deal).amount == quote.net + 1000


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


def test_whoever_only_sees_a_deal_does_not_change_it_by_a_quote_of_their_own(
    desk: Any, cast: Any, acting: Any
) -> None:
    deal = plain_deal(desk)
    for key, id in (("deal", deal.id), ("company", desk.company.id)):
        RecordShare.objects.create(object=key, object_id=id, user=cast.babak)
    access_changed(cast.arman.id)
    own = acting(cast.babak)
    line = {"description": "A", "price": 1000, "quantity": 1}
    quote = create_record(
        own, QUOTE, {"name": "Own", "deal": deal.id, "company": desk.company.id, "lines": [line]}
    )
    send_quote(own, quote)
    accept_quote(own, quote)

    assert Quote.objects.get(id=quote.id).status == "accepted"
    assert fresh(deal).amount == 120_000_000
