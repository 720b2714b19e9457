"""Quotes: what they come to, what becomes of them, and what is refused."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo, available_timezones

import pytest
from django.db import transaction

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, NotAllowed, RuleViolation
from peyvand.operational.catalog.public import PRODUCT
from peyvand.operational.contacts.public import COMPANY
from peyvand.operational.quotes.actions import (
    accept_quote,
    approve,
    ask_approval,
    copy_quote,
    quote_deal,
    refuse,
    reject_quote,
    revise,
    send_quote,
)
from peyvand.operational.quotes.agreeing import digest_of
from peyvand.operational.quotes.jobs import AFTER_MIDNIGHT, expire
from peyvand.operational.quotes.limits import set_limits
from peyvand.operational.quotes.models import Quote, QuoteLine, QuoteTrace
from peyvand.operational.quotes.objects import QUOTE
from peyvand.operational.sales.public import DEAL
from peyvand.platform.events.models import EventRow
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import RecordShare, Role, User
from peyvand.platform.merging.merging import merge_records
from peyvand.platform.objects.records import create_record, delete_records, update_record
from peyvand.testing.programs import program_of


@contextmanager
def refused(kind: type[Exception], match: str | None = None) -> Iterator[pytest.ExceptionInfo[Exception]]:
    """What is refused inside leaves the transaction as it was."""
    with pytest.raises(kind, match=match) as caught, transaction.atomic():
        yield caught


def lines_of(quote):
    return QUOTE.field("lines").load([quote.id]).get(quote.id, ())


def facts(quote, wire):
    return EventRow.objects.filter(wire=wire, object="quote", object_id=quote.id)


def test_a_quote_of_a_deal_takes_its_customer_and_products(desk):
    quote = quote_deal(desk.ctx, desk.deal)
    assert (quote.company_id, quote.person_id, quote.deal_id) == (
        desk.company.id,
        desk.person.id,
        desk.deal.id,
    )
    server, support = lines_of(quote)
    assert (server["gross"], server["discount_amount"], server["tax"]) == (1_800_000_000, 90_000_000, 10)
    assert (server["net"], server["tax_amount"], server["total"]) == (
        1_710_000_000,
        171_000_000,
        1_881_000_000,
    )
    assert (support["tax"], support["total"]) == (0, 120_000_000)
    assert (quote.net, quote.tax, quote.total) == (1_830_000_000, 171_000_000, 2_001_000_000)
    assert quote.margin == quote.net - 2 * 700_000_000 - 20_000_000
    assert (quote.number, quote.status) == ("", "draft")


def test_the_form_shows_no_customer_whom_its_writer_may_not_see(desk, cast, acting):
    deal = create_record(desk.ctx, DEAL, {
        "name": "Shared", "owner": cast.babak.id, "company": desk.company.id, "person": desk.person.id,
    })  # fmt: skip
    RecordShare.objects.all().delete()
    begun = QUOTE.begin(acting(cast.babak), {"deal": deal.id})
    assert begun["name"] == "Shared"
    assert not {"company", "person"} & begun.keys()
    seen = QUOTE.begin(desk.ctx, {"deal": deal.id})
    assert (seen["company"], seen["person"]) == (desk.company.id, desk.person.id)


def test_a_deal_without_products_gives_a_quote_without_lines_for_its_amount_is_no_price(desk):
    deal = create_record(desk.ctx, DEAL, {"name": "Consulting", "amount": 5_000_000})
    assert lines_of(quote_deal(desk.ctx, deal)) == ()


def test_numbers_are_given_one_after_another_to_what_is_sent(desk):
    """A draft has none, so that one which is thrown away leaves no gap."""
    first, away, second = desk.quote(), desk.quote(), desk.quote(name="")
    assert {first.number, away.number, second.number} == {""}
    assert second.name.startswith("پیش‌نویس")
    delete_records(desk.ctx, QUOTE, [away])
    for quote in (first, second):
        send_quote(desk.ctx, quote)
    assert [first.number, second.number] == ["Q-1405-0001", "Q-1405-0002"]
    assert second.name == "Q-1405-0002", "what has no other name is called by its number"
    again = revise(desk.ctx, first)
    send_quote(desk.ctx, again)
    assert (again.number, again.edition) == (first.number, 2)


def test_a_discount_on_the_whole_is_shared_and_reckoned_anew_when_it_changes(desk):
    quote = desk.quote(lines=[{"product": desk.server.id}, {"product": desk.support.id}], discount="10")
    assert quote.net == 1_020_000_000 * 9 // 10
    update_record(desk.ctx, QUOTE, quote, {"discount": "20"})
    assert quote.net == 1_020_000_000 * 8 // 10
    assert sum(line["net"] for line in lines_of(quote)) == quote.net
    assert sum(line["total"] for line in lines_of(quote)) == quote.total
    assert quote.reduction == 20


def test_the_rate_of_the_papers_day_holds(desk):
    before = desk.quote(issued_on="2024-03-19", valid_until="2024-04-30")
    assert [line["tax"] for line in lines_of(before)] == [9]
    update_record(desk.ctx, QUOTE, before, {"issued_on": "2024-03-20"})
    assert [line["tax"] for line in lines_of(before)] == [10]
    assert before.tax == 180_000_000
    by_hand = desk.quote(
        lines=[{"product": desk.server.id, "tax": 4}], issued_on="2024-03-19", valid_until="2024-04-30"
    )
    update_record(desk.ctx, QUOTE, by_hand, {"issued_on": "2024-03-20"})
    assert [line["tax"] for line in lines_of(by_hand)] == [4]


def test_what_was_sent_stays_whatever_becomes_of_product_and_customer(desk):
    quote = desk.quote()
    send_quote(desk.ctx, quote)
    digest, before = quote.digest, lines_of(quote)
    update_record(desk.ctx, PRODUCT, desk.server, {"price": 1, "name": "Other", "tax": None})
    update_record(desk.ctx, COMPANY, desk.company, {"name": "نام تازه"})
    quote.refresh_from_db()
    update_record(desk.ctx, QUOTE, quote, {"owner": None})
    quote.refresh_from_db()
    assert [{**line, "product": None} for line in lines_of(quote)] == [
        {**line, "product": None} for line in before
    ]
    assert quote.sides["buyer"]["name"] == "صنایع نوین"
    QuoteLine.objects.filter(quote=quote).update(product=None)
    assert digest_of(quote, quote.sides) == digest


@pytest.mark.parametrize(
    "change",
    [{"discount": "1"}, {"notes": "x"}, {"valid_until": "2030-01-01"}, {"lines": []}, {"company": None}],
)
def test_a_sent_quote_never_changes(desk, change):
    quote = desk.quote()
    send_quote(desk.ctx, quote)
    with refused(RuleViolation, match="new edition"):
        update_record(desk.ctx, QUOTE, quote, change)


def test_a_form_may_send_the_lines_of_a_sent_quote_back(desk):
    quote = desk.quote()
    send_quote(desk.ctx, quote)
    version = quote.version
    update_record(desk.ctx, QUOTE, quote, {"lines": list(lines_of(quote)), "notes": ""})
    assert Quote.objects.get(id=quote.id).version == version


def test_a_new_edition_replaces_the_sent_one(desk):
    quote = desk.quote()
    send_quote(desk.ctx, quote)
    new = revise(desk.ctx, quote)
    assert (new.number, new.edition, new.status, new.replaces_id) == (quote.number, 2, "draft", quote.id)
    assert new.total == quote.total
    assert Quote.objects.get(id=quote.id).status == "replaced"
    with refused(RuleViolation):
        accept_quote(desk.ctx, quote)
    with refused(RuleViolation):
        revise(desk.ctx, quote)


def test_a_button_pressed_twice_does_its_work_once(desk):
    quote = desk.quote()
    again = Quote.objects.get(id=quote.id)
    send_quote(desk.ctx, quote)
    with refused(RuleViolation):
        send_quote(desk.ctx, again)
    accept_quote(desk.ctx, quote, signer="مریم کریمی")
    with refused(RuleViolation, match="answered"):
        accept_quote(desk.ctx, again)
    assert facts(quote, "quotes.quote_sent.v1").count() == 1
    assert facts(quote, "quotes.quote_accepted.v1").count() == 1
    assert [t.what for t in QuoteTrace.objects.filter(quote=quote).order_by("id")] == ["sent", "accepted"]


def test_an_answer_names_the_edition_and_stands_on_the_deals_timeline(desk, cast):
    quote = quote_deal(desk.ctx, desk.deal)
    send_quote(desk.ctx, quote)
    accept_quote(desk.ctx, quote, signer="مریم")
    [event] = facts(quote, "quotes.quote_accepted.v1")
    assert (event.data["total"], event.data["edition"], event.data["signer"]) == (quote.total, 1, "مریم")
    timeline = program_of(cast.sara, cast.arman)
    assert "quotes.quote_accepted.v1" in [
        e["type"] for e in timeline.get(f"deals/{desk.deal.id}/timeline").json["items"]
    ]


def test_a_rejection_keeps_its_reason_and_lets_a_new_edition_be_made(desk):
    quote = desk.quote()
    with refused(RuleViolation, match="not sent"):
        reject_quote(desk.ctx, quote)
    send_quote(desk.ctx, quote)
    reject_quote(desk.ctx, quote, reason="گران است")
    assert Quote.objects.get(id=quote.id).reason == "گران است"
    assert revise(desk.ctx, quote).edition == 2


def test_what_cannot_be_sent_says_why(desk):
    today = clock.today(desk.ctx.tenant.tz)
    for quote, field in (
        (desk.quote(lines=[]), "lines"),
        (desk.quote(company=None), "company"),
        (desk.quote(issued_on=today - timedelta(9), valid_until=today - timedelta(1)), "valid_until"),
    ):
        with refused(RuleViolation) as caught:
            send_quote(desk.ctx, quote)
        assert caught.value.field == field


def test_a_discount_over_the_limit_needs_somebody_with_a_higher_one(desk, cast, acting):
    set_limits(desk.ctx, limits={"member": "10", "manager": "30"})
    writer, manager = acting(cast.babak), acting(cast.mina)
    update_record(desk.ctx, COMPANY, desk.company, {"owner": cast.babak.id})
    quote = desk.quote(discount="15", owner=cast.babak.id)
    with refused(RuleViolation, match="limit") as caught:
        send_quote(writer, quote)
    assert caught.value.code == "approval"
    ask_approval(writer, quote)
    with refused(NotAllowed):
        approve(writer, quote)
    approve(manager, quote)
    assert (quote.status, quote.approved_by_id) == ("approved", cast.mina.id)
    send_quote(writer, quote)
    assert quote.status == "sent"


@pytest.mark.parametrize(
    "change", [{"discount": "25"}, {"terms": "half of it back"}, {"notes": "a second one free"}, {"valid_until": "2036-01-01"}]
)  # fmt: skip
def test_whoever_changes_an_approved_discount_asks_again(desk, cast, acting, change):
    set_limits(desk.ctx, limits={"member": "10", "manager": "30"})
    update_record(desk.ctx, COMPANY, desk.company, {"owner": cast.babak.id})
    quote = desk.quote(discount="15", owner=cast.babak.id)
    writer = acting(cast.babak)
    ask_approval(writer, quote)
    approve(acting(cast.mina), quote)
    update_record(writer, QUOTE, quote, {"name": "only a title"})
    assert quote.status == "approved"
    update_record(writer, QUOTE, quote, change)
    assert (quote.status, quote.approved_by_id) == ("draft", None)


def test_a_refused_discount_comes_back_as_a_draft(desk, cast, acting):
    set_limits(desk.ctx, limits={"member": "10"})
    update_record(desk.ctx, COMPANY, desk.company, {"owner": cast.babak.id})
    quote = desk.quote(discount="15", owner=cast.babak.id)
    ask_approval(acting(cast.babak), quote)
    refuse(acting(cast.mina), quote, reason="too much")
    assert quote.status == "draft"
    assert facts(quote, "quotes.approval_refused.v1").get().data["reason"] == "too much"


def test_what_is_taken_off_is_reckoned_by_the_prices_of_the_day_on_which_it_is_sent(desk, cast, acting):
    set_limits(desk.ctx, limits={"member": "10"})
    update_record(desk.ctx, COMPANY, desk.company, {"owner": cast.babak.id})
    lines = [{"product": desk.server.id, "price": 900_000_000, "discount": 5}]
    draft, approved = (desk.quote(lines=lines, owner=cast.babak.id) for _ in range(2))
    update_record(desk.ctx, QUOTE, approved, {"discount": "10"})
    writer = acting(cast.babak)
    ask_approval(writer, approved)
    approve(desk.ctx, approved)
    update_record(desk.ctx, PRODUCT, desk.server, {"price": 9_000_000_000})
    for quote in (draft, approved):
        with refused(RuleViolation, match="9[01]") as caught:
            send_quote(writer, quote)
        assert caught.value.code == "approval"
        ask_approval(writer, quote)
        with refused(NotAllowed):
            approve(writer, quote)
        approve(desk.ctx, quote)
        send_quote(writer, quote)
        assert quote.reduction > 90


def test_products_of_a_deal_that_are_hidden_are_not_told_by_a_quote(desk, cast):
    role = Role.objects.create(
        key="blind",
        name="Blind",
        grants={"*": "own", "*.create": "all"},
        fields={"deal.lines": "hidden", "deal.amount": "hidden"},
    )
    User.objects.filter(id=cast.babak.id).update(role=role)
    access_changed(cast.arman.id)
    update_record(desk.ctx, DEAL, desk.deal, {"owner": cast.babak.id})
    made = program_of(cast.babak, cast.arman).post(f"deals/{desk.deal.id}/quote")
    assert made.status == 200, made.json
    assert lines_of(Quote.objects.get(id=made.json["result"]["id"])) == ()
    # Neither does an invoice.
    assert program_of(cast.babak, cast.arman).post(f"deals/{desk.deal.id}/invoice").status == 422


def test_a_customer_merged_meanwhile_can_still_accept(desk):
    quote = desk.quote()
    send_quote(desk.ctx, quote)
    winner = create_record(desk.ctx, COMPANY, {"name": "صنایع نوین ایران"})
    merge_records(desk.ctx, COMPANY, winner.id, [desk.company.id])
    quote.refresh_from_db()
    assert quote.company_id == winner.id
    accept_quote(desk.ctx, quote, signer="مریم")
    assert digest_of(quote, quote.sides) == quote.digest


def test_expiry_is_looked_at_soon_after_the_day_ends_in_every_time_zone():
    minutes = [int(minute) for minute in AFTER_MIDNIGHT.partition(" ")[0].split(",")]
    for zone in available_timezones():
        offset = datetime(2026, 1, 15, tzinfo=ZoneInfo(zone)).utcoffset()
        ends = -int(offset.total_seconds()) // 60 % 60
        assert min((minute - ends) % 60 for minute in minutes) in range(1, 6), zone


def test_quotes_past_their_day_expire_and_cannot_be_accepted(desk):
    today = clock.today(desk.ctx.tenant.tz)
    quote, other = desk.quote(), desk.quote()
    send_quote(desk.ctx, quote)
    send_quote(desk.ctx, other)
    Quote.objects.filter(id=quote.id).update(valid_until=today - timedelta(1))
    with refused(RuleViolation, match="past the day"):
        accept_quote(desk.ctx, quote)
    assert expire(desk.ctx) == 1
    assert expire(desk.ctx) == 0
    assert Quote.objects.get(id=quote.id).status == "expired"
    assert Quote.objects.get(id=other.id).status == "sent"


def test_what_was_sent_is_not_deleted_nor_offered_to_be(desk, cast, browse):
    quote, draft = desk.quote(), desk.quote()
    send_quote(desk.ctx, quote)
    with refused(RuleViolation, match="sent to the customer"):
        delete_records(desk.ctx, QUOTE, [quote])
    page = browse(cast.sara)
    form = 'action="/w/arman/quotes/{}/delete"'
    assert form.format(draft.id) in page.get(f"/w/arman/quotes/{draft.id}/").content.decode()
    assert form.format(quote.id) not in page.get(f"/w/arman/quotes/{quote.id}/").content.decode()
    revise(desk.ctx, quote)
    with refused(RuleViolation, match="sent to the customer"):
        delete_records(desk.ctx, QUOTE, [quote])
    delete_records(desk.ctx, QUOTE, [draft])


def test_a_price_typed_below_the_list_is_no_discount_on_the_paper_but_asks_for_approval(desk):
    quote = desk.quote(lines=[{"product": desk.server.id, "price": 810_000_000, "quantity": 1}])
    assert (quote.gross, quote.reduced, quote.reduction) == (810_000_000, 0, 10)
    assert str(QUOTE.field("reduction").label) == "Below the list prices"


def test_an_accepted_quote_is_not_deleted(desk):
    quote = desk.quote()
    send_quote(desk.ctx, quote)
    accept_quote(desk.ctx, quote)
    with refused(RuleViolation, match="accepted"):
        delete_records(desk.ctx, QUOTE, [quote])


def test_a_copy_is_a_quote_of_its_own(desk):
    quote = desk.quote(discount="3", notes="a")
    new = copy_quote(desk.ctx, quote)
    assert (new.edition, new.total, new.notes, new.discount) == (1, quote.total, "a", Decimal(3))


def test_wrong_lines_are_named_by_their_number(desk):
    for line, field in (
        ({"product": desk.server.id, "quantity": -1}, "lines.0.quantity"),
        ({"product": desk.server.id, "quantity": "x"}, "lines.0.quantity"),
        ({"product": desk.server.id, "discount": 101}, "lines.0.discount"),
        ({"product": desk.server.id, "tax": 101}, "lines.0.tax"),
        ({"product": desk.server.id, "price": -5}, "lines.0.price"),
        ({"product": desk.server.id, "currency": "USD"}, "lines.0.price"),
        ({"product": "nothing"}, "lines.0.product"),
        ({"description": "Work"}, "lines.0.price"),
    ):
        with refused(Invalid) as caught:
            desk.quote(lines=[line])
        assert caught.value.problems[0].field == field, line


def test_huge_quantities_are_reckoned_exactly_and_too_much_is_refused(desk):
    quote = desk.quote(lines=[{"product": desk.support.id, "quantity": "999999.999", "price": 123_456_789}])
    assert quote.gross == (999_999_999 * 123_456_789 + 500) // 1000
    with refused(Invalid, match="too large"):
        desk.quote(lines=[{"product": desk.support.id, "quantity": 10**9, "price": 10**9}])


def test_the_margin_is_for_those_who_may_see_costs(desk, cast, acting):
    quote = desk.quote()
    owner = program_of(cast.sara, cast.arman)
    assert owner.get(f"quotes/{quote.id}").json["margin"] == quote.margin
    assert "cost" not in owner.get(f"quotes/{quote.id}").json["lines"][0]
