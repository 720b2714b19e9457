"""Whose quotes are, and what those may do with them who do not see the customer."""

import re

import pytest
from django.db import transaction

from peyvand.kernel.errors import Invalid
from peyvand.operational.contacts.public import COMPANY, PERSON
from peyvand.operational.quotes.actions import accept_quote, ask_approval, quote_deal, send_quote
from peyvand.operational.quotes.limits import set_limits
from peyvand.operational.quotes.objects import QUOTE
from peyvand.operational.sales.public import DEAL, Deal, assign_deal
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import RecordShare
from peyvand.platform.objects.records import create_record, update_record
from peyvand.platform.workspaces.models import Workspace
from peyvand.testing.programs import program_of
from peyvand.web.objects.pages.access import open_record
from peyvand.web.objects.pages.page import head_context


def test_a_quote_of_a_deal_is_its_owners_who_can_finish_it(desk, cast, acting, browse):
    assign_deal(desk.ctx, desk.deal, owner=cast.babak.id)
    assert quote_deal(desk.ctx, desk.deal).owner_id == cast.babak.id
    assert (
        QUOTE.begin(desk.ctx, {"deal": desk.deal.id, "owner": desk.ctx.actor.user_id})["owner"]
        == cast.babak.id
    )
    page = browse(cast.babak)
    form = page.get(f"/w/arman/quotes/new?deal={desk.deal.id}").content.decode()
    assert "صنایع نوین" in form
    writer = acting(cast.babak)
    quote = quote_deal(writer, desk.deal)
    assert page.get(f"/w/arman/quotes/{quote.id}/pdf").content.startswith(b"%PDF")
    send_quote(writer, quote)
    assert quote.sides["buyer"]["name"] == "صنایع نوین"
    accept_quote(writer, quote)
    assert quote.status == "accepted"


def test_whoever_does_not_see_the_customer_is_told_so_early_and_learns_nothing(desk, cast, acting, browse):
    # Sara keeps the customer for what she keeps of it, and closes what was opened along with the deal.
    create_record(desk.ctx, DEAL, {"name": "Kept", "company": desk.company.id, "person": desk.person.id})
    assign_deal(desk.ctx, desk.deal, owner=cast.babak.id)
    RecordShare.objects.all().delete()
    set_limits(desk.ctx, limits={"member": "1"})
    writer = acting(cast.babak)
    quote = quote_deal(writer, Deal.objects.get(id=desk.deal.id))
    assert quote.company_id == desk.company.id
    for deed in (ask_approval, send_quote):
        with pytest.raises(Invalid) as caught, transaction.atomic():
            deed(writer, quote)
        assert {p.field for p in caught.value.problems} == {"company", "person"}
        assert "ask its owner" in str(caught.value.problems[0].message)
    page, program = browse(cast.babak), program_of(cast.babak, cast.arman)
    shown = page.get(f"/w/arman/quotes/{quote.id}/").content.decode()
    assert "از مسئول آن بخواهید" in shown
    assert "صنایع نوین" not in shown
    assert page.get(f"/w/arman/quotes/{quote.id}/pdf").status_code == 403
    assert program.get(f"quotes/{quote.id}/pdf").status == 403


def test_a_quote_on_a_deal_that_one_only_sees_stays_ones_own(desk, cast, acting):
    deal = create_record(desk.ctx, DEAL, {"name": "Mina's", "owner": cast.mina.id})
    made = create_record(acting(cast.babak), QUOTE, {"deal": deal.id})
    assert made.owner_id == cast.babak.id


def test_a_sent_quote_offers_the_customers_address_by_every_way_that_is_known(desk, cast, browse):
    """From here where mail and SMS are at work; else by whatever the reader's own device has."""
    update_record(
        desk.ctx, PERSON, desk.person, {"phones": ["09121112233"], "emails": ["karimi@toloo.example"]}
    )
    quote = quote_deal(desk.ctx, desk.deal)
    send_quote(desk.ctx, quote)
    at = f"/q/{quote.workspace_id}-{quote.secret}"
    shown = browse(cast.sara).get(f"/w/arman/quotes/{quote.id}/").content.decode()
    assert re.search(rf'data-copy="http[^"]+{re.escape(at)}"', shown)
    for verb in ("mail", "write_sms"):
        assert f"/w/arman/quotes/{quote.id}/do/{verb}" in shown
    assert "mailto:" not in shown
    assert 'href="sms:' not in shown
    Workspace.objects.filter(id=cast.arman.id).update(modules_off=["mail", "sms"])
    access_changed(cast.arman.id)
    shown = browse(cast.sara).get(f"/w/arman/quotes/{quote.id}/").content.decode()
    assert f"/w/arman/quotes/{quote.id}/do/mail" not in shown
    assert re.search(rf'href="mailto:karimi@toloo.example[^"]+{re.escape(at.replace("/", "%2F"))}"', shown)
    assert re.search(rf'href="sms:\+989121112233[^"]+{re.escape(at.replace("/", "%2F"))}"', shown)


def test_one_goes_on_at_a_quote_that_was_added_to_a_deal_and_a_copy_is_never_the_first_button(
    desk, cast, browse
):
    page = browse(cast.sara).get(f"/w/arman/deals/{desk.deal.id}/").content.decode()
    assert f'href="/w/arman/quotes/new?deal={desk.deal.id}"' in page
    assert f"/w/arman/quotes/new?deal={desk.deal.id}&amp;next" not in page
    assert f"/w/arman/invoices/new?deal={desk.deal.id}&amp;next" in page
    quote = quote_deal(desk.ctx, desk.deal)
    send_quote(desk.ctx, quote)
    accept_quote(desk.ctx, quote)
    head = head_context(desk.ctx, open_record(desk.ctx, QUOTE, quote.id))
    assert [action.verb for action in head["actions"]] == ["invoice"]
    assert "copy" in [action.verb for action in head["more_actions"]]


def test_a_quote_that_waits_says_of_whom_approval_is_asked(desk, cast, browse):
    set_limits(desk.ctx, limits={"member": "10"})
    update_record(desk.ctx, COMPANY, desk.company, {"owner": cast.babak.id})
    quote = desk.quote(discount="15", owner=cast.babak.id)
    page = browse(cast.babak)
    assert page.post(f"/w/arman/quotes/{quote.id}/do/ask").status_code == 302
    shown = page.get(f"/w/arman/quotes/{quote.id}/").content.decode()
    assert "تأیید خواسته شده از <bdi>Mina Sadeghi</bdi></span>" in shown
