"""Screens and endpoints of quotes: the form of a deal's quote, the paper for people and programs, and the limits."""

import re

import pytest
from django.test import Client

from peyvand.operational.quotes.actions import quote_deal, send_quote
from peyvand.operational.quotes.limits import set_limits
from peyvand.operational.quotes.models import Quote
from peyvand.operational.quotes.objects import QUOTE
from peyvand.operational.quotes.public import public_path
from peyvand.operational.sales.public import DEAL
from peyvand.platform.identity.models import Role
from peyvand.platform.objects.records import create_record
from peyvand.testing.programs import program_of
from peyvand.web.components.inputs import money_text
from peyvand.web.objects.pages.access import offered_actions, open_record


@pytest.fixture
def sara(browse, cast):
    return browse(cast.sara)


def test_a_form_opened_from_a_deal_holds_its_customer_and_products(desk, sara):
    text = sara.get(f"/w/arman/quotes/new?deal={desk.deal.id}").content.decode()
    for said in ("صنایع نوین", "سرور", "پشتیبانی", "تجهیز دفتر"):
        assert said in text
    assert (
        f"/w/arman/quotes/new?deal={desk.deal.id}"
        in sara.get(f"/w/arman/deals/{desk.deal.id}/").content.decode()
    )


def test_a_quote_is_written_in_a_form(desk, sara):
    form = {
        "name": "آزمایش", "company": desk.company.id, "discount": "۱۰", "lines-count": "2",
        "lines-0-product": desk.server.id, "lines-0-quantity": "۲", "lines-0-price": "", "lines-0-discount": "", "lines-0-tax": "",
        "lines-1-product": "", "lines-1-description": "نصب", "lines-1-quantity": "1", "lines-1-price": "۱٬۰۰۰", "lines-1-tax": "9",
    }  # fmt: skip
    made = sara.post("/w/arman/quotes/new", form)
    assert made.status_code == 302, made.content.decode()
    page = sara.get(made["Location"]).content.decode()
    assert "نصب" in page
    assert "۲ دستگاه" in page
    refused = sara.post("/w/arman/quotes/new", form | {"lines-1-price": ""})
    assert refused.status_code == 422
    assert "نصب" in refused.content.decode()


def test_a_sent_quote_tells_where_the_customer_answers(desk, sara):
    quote = quote_deal(desk.ctx, desk.deal)
    before = sara.get(f"/w/arman/quotes/{quote.id}/").content.decode()
    assert quote.secret not in before
    send_quote(desk.ctx, quote)
    after = sara.get(f"/w/arman/quotes/{quote.id}/").content.decode()
    assert f"/q/{quote.workspace_id}-{quote.secret}" in after


def test_the_paper_is_for_people_and_programs(desk, sara, cast, browse):
    quote = quote_deal(desk.ctx, desk.deal)
    shown = sara.get(f"/w/arman/quotes/{quote.id}/pdf")
    assert shown.content.startswith(b"%PDF")
    token = program_of(cast.sara, cast.arman).token
    sent = Client().get(f"/api/v1/quotes/{quote.id}/pdf", headers={"Authorization": f"Bearer {token}"})
    assert sent.content.startswith(b"%PDF")
    assert sara.get(f"/w/arman/companies/{desk.company.id}/pdf").status_code == 404
    assert browse(cast.cyrus).get(f"/w/arman/quotes/{quote.id}/pdf").status_code == 404


def test_limits_are_set_in_the_settings_and_wrong_ones_named(desk, sara, cast, browse):
    at = "/w/arman/settings/discounts"
    keys = list(Role.objects.values_list("key", flat=True))
    assert sara.post(at, dict.fromkeys(keys, "") | {"member": "۱۲٫۵"}).status_code == 302
    assert "۱۲٫۵" in sara.get(at).content.decode()
    assert sara.post(at, {"member": "200"}).status_code == 422
    assert browse(cast.babak).get(at).status_code == 403


def test_the_letterhead_is_kept_and_checked(desk, sara):
    at = "/w/arman/settings/letterhead"
    assert sara.post(at, {"name": "آرمان", "phone": "021"}).status_code == 302
    assert "آرمان" in sara.get(at).content.decode()
    assert sara.post(at, {"postal_code": "12"}).status_code == 422
    assert sara.get(f"{at}/sample.pdf").content.startswith(b"%PDF")


def test_a_chosen_product_keeps_its_name_in_a_refused_form(desk, sara):
    form = {
        "company": desk.company.id, "lines-count": "2", "lines-0-product": desk.server.id, "lines-0-quantity": "2",
        "lines-1-product": "", "lines-1-description": "نصب",
    }  # fmt: skip
    refused = sara.post("/w/arman/quotes/new", form)
    assert refused.status_code == 422
    assert f'value="{desk.server.id}" data-label="سرور"' in refused.content.decode()


def test_a_form_opened_from_a_deal_without_products_has_no_line(desk, sara):
    deal = create_record(desk.ctx, DEAL, {"name": "مشاوره", "company": desk.company.id, "amount": 5_000_000})
    page = sara.get(f"/w/arman/quotes/new?deal={deal.id}").content.decode()
    assert 'name="lines-count" value="0"' in page


def test_approval_is_asked_where_a_discount_is_beyond_ones_limit(desk):
    def offered(quote):
        return {action.verb for action in offered_actions(desk.ctx, open_record(desk.ctx, QUOTE, quote.id))}

    role = desk.ctx.actor.role
    set_limits(desk.ctx, limits={role: "10"})
    little, much = desk.quote(discount=5), desk.quote(discount=20)
    assert {"send", "ask"} & offered(little) == {"send"}
    assert {"send", "ask"} & offered(much) == {"ask"}


def test_one_goes_on_at_the_new_edition(desk, sara):
    quote = quote_deal(desk.ctx, desk.deal)
    send_quote(desk.ctx, quote)
    done = sara.post(f"/w/arman/quotes/{quote.id}/do/revise", headers={"HX-Request": "true"})
    new = type(quote).objects.get(replaces_id=quote.id)
    assert f"/w/arman/quotes/{new.id}/" in done["HX-Location"]


def test_a_line_is_before_discount_and_tax_in_the_form_on_its_page_and_for_the_customer(desk, sara):
    form = {
        "name": "آزمایش", "company": desk.company.id, "discount": "۱۰", "lines-count": "1", "lines-0-product": "",
        "lines-0-description": "نصب", "lines-0-quantity": "2", "lines-0-price": "۱۳۹٬۶۵۰", "lines-0-discount": "۳۵", "lines-0-tax": "10",
    }  # fmt: skip
    page = sara.post("/w/arman/quotes/new", form)["Location"]
    quote = Quote.objects.get(name="آزمایش")
    assert (quote.gross, quote.reduced, quote.tax, quote.total) == (2_793_000, 1_159_095, 163_391, 1_797_296)
    drawn = sara.get(f"{page}edit").content.decode()
    assert re.findall(r'<output class="num">([^<]+)</output>', drawn) == ["۲۷۹٬۳۰۰"]
    assert dict(re.findall(r'data-sum="(\w+)">([^<]*)<', drawn)) == {
        name: money_text(amount, desk.ctx.reader)
        for name, amount in (
            ("gross", quote.gross),
            ("reduced", quote.reduced),
            ("tax", quote.tax),
            ("total", quote.total),
        )
    }
    assert "پیش از تخفیف و مالیات" in drawn
    shown = sara.get(page).content.decode()
    assert re.search(
        r'پیش از تخفیف و مالیات</p><ul class="lines"><li><span>نصب</span><b class="num">۲۷۹٬۳۰۰</b>', shown
    )
    send_quote(desk.ctx, quote)
    customer = Client().get(public_path(quote.workspace_id, quote.secret)).content.decode()
    line = customer[customer.index('class="offer-lines"') : customer.index('class="offer-sums"')]
    assert "مبلغ ردیف‌ها پیش از تخفیف و مالیات است." in customer
    assert "۲٬۷۹۳٬۰۰۰" in line  # a sum beneath it is odd, so all is in rials
