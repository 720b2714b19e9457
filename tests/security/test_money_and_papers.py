"""What whoever means harm tries with papers and money: none of it makes money, takes it elsewhere, or tells what is hidden."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.test import Client
from tests.operational.billing.conftest import NOON, Till, make_till, refused

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, NotAllowed, RuleViolation
from peyvand.kernel.persian.text import to_persian_digits
from peyvand.operational.billing.actions.invoices import (
    approve_credit,
    issue_invoice,
    record_payment,
    return_part,
    set_credit_limit,
)
from peyvand.operational.billing.actions.making import invoice_quote
from peyvand.operational.billing.models import Invoice, InvoiceLine
from peyvand.operational.billing.objects import CONTRACT, INVOICE, PAYMENT
from peyvand.operational.contacts.public import COMPANY, Company
from peyvand.operational.pricing.public import PRICE_LIST
from peyvand.operational.quotes.public import (
    QUOTE,
    accept_quote,
    quote_deal,
    reject_quote,
    send_quote,
    set_limits,
)
from peyvand.operational.sales.public import DEAL
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import RecordShare, Role, User
from peyvand.platform.objects.records import create_record, update_record
from peyvand.platform.workspaces.scope import workspace_scope


@pytest.fixture
def till(cast: Any, acting: Any) -> Iterator[Till]:
    with workspace_scope(cast.arman.id), clock.freeze(NOON):
        yield make_till(acting(cast.sara))


def be_clerk(cast: Any, grants: dict[str, str], fields: dict[str, str] | None = None) -> None:
    """Let the viewer be somebody with these grants, and these fields hidden."""
    role = Role.objects.create(key="clerk", name="Clerk", grants=grants, fields=fields or {})
    User.objects.filter(id=cast.viewer.id).update(role=role)
    access_changed(cast.arman.id)


def test_a_return_is_no_finer_than_a_line_keeps(till: Till) -> None:
    invoice = till.issued(price=1_000_000_000, quantity="0.001")
    for _ in range(3):
        with refused(RuleViolation) as caught:
            return_part(till.ctx, till.now(invoice), lines="1: 0.0004", reason="x")
        assert caught.value.field == "lines"
    assert not Invoice.objects.filter(kind="credit").exists()
    assert return_part(till.ctx, till.now(invoice), lines="1: 0.001", reason="x").total == invoice.total


def test_an_approval_beyond_the_limit_is_for_that_customer_alone(till: Till) -> None:
    other = create_record(till.ctx, COMPANY, {"name": "Other"})
    for company in (till.company, other):
        set_credit_limit(till.ctx, company, amount=1)
    draft = till.draft()
    approve_credit(till.ctx, draft, reason="a good customer")
    update_record(till.ctx, INVOICE, till.now(draft), {"note": "still approved"})
    assert till.now(draft).approved_total is not None
    update_record(till.ctx, INVOICE, till.now(draft), {"company": other.id})
    assert till.now(draft).approved_total is None
    with refused(RuleViolation) as caught:
        issue_invoice(till.ctx, till.now(draft))
    assert caught.value.code == "credit_limit"


def test_refunds_and_payments_stay_within_ones_scope(till: Till, cast: Any, acting: Any) -> None:
    mina, babak = acting(cast.mina), acting(cast.babak)
    company = create_record(mina, COMPANY, {"name": "Minas"})
    lines = [{"description": "Work", "price": 1000, "quantity": 1}]
    invoice = create_record(mina, INVOICE, {"company": company.id, "lines": lines})
    issue_invoice(mina, invoice)
    with refused(NotAllowed):
        create_record(babak, PAYMENT, {"company": company.id, "invoice": invoice.id, "amount": 10})
    create_record(mina, PAYMENT, {"company": company.id, "amount": 5000})
    with refused(NotAllowed):
        create_record(babak, PAYMENT, {"company": company.id, "amount": 3000, "kind": "refund"})
    create_record(mina, PAYMENT, {"company": company.id, "amount": 3000, "kind": "refund"})


def test_the_limit_counts_what_is_taken_off_the_list_price(till: Till, cast: Any, acting: Any) -> None:
    set_limits(till.ctx, limits={"member": 5})
    ctx = acting(cast.babak)
    mine = create_record(ctx, COMPANY, {"name": "Mine"})
    other = create_record(ctx, COMPANY, {"name": "Daughter"})
    quote = create_record(
        ctx, QUOTE, {"company": mine.id, "lines": [{"product": till.product, "price": 250_000}]}
    )
    assert quote.reduction == 75
    with refused(RuleViolation) as caught:
        send_quote(ctx, quote)
    assert caught.value.code == "approval"
    theirs = create_record(till.ctx, PRICE_LIST, {"name": "Inside", "company": other.id, "adjustment": -90})
    with refused(RuleViolation) as caught:
        create_record(
            ctx, QUOTE, {"company": mine.id, "price_list": theirs.id, "lines": [{"product": till.product}]}
        )
    assert caught.value.field == "price_list"
    theirs_quote = create_record(ctx, QUOTE, {"company": other.id, "lines": [{"product": till.product}]})
    assert theirs_quote.reduction == 0, "the list that holds for the customer is no discount"
    send_quote(ctx, theirs_quote)
    draft = create_record(
        ctx, INVOICE, {"company": mine.id, "discount": 99, "lines": [{"product": till.product}]}
    )
    with refused(RuleViolation) as caught:
        issue_invoice(ctx, draft)
    assert caught.value.code == "approval"
    issue_invoice(till.ctx, till.now(draft))


def test_what_a_customer_accepted_is_issued_whatever_ones_limit(till: Till, cast: Any, acting: Any) -> None:
    set_limits(till.ctx, limits={"member": 5})
    ctx = acting(cast.babak)
    mine = create_record(ctx, COMPANY, {"name": "Mine"})
    body = {"company": mine.id, "owner": cast.babak.id, "lines": [{"product": till.product, "discount": 40}]}
    quote = create_record(till.ctx, QUOTE, body)
    send_quote(till.ctx, quote)
    accept_quote(till.ctx, quote)
    draft = invoice_quote(ctx, quote)
    with refused(RuleViolation):
        invoice_quote(ctx, quote)
    lines = [{"product": till.product, "discount": 80}]
    update_record(ctx, INVOICE, till.now(draft), {"lines": lines})
    with refused(RuleViolation) as caught:
        issue_invoice(ctx, till.now(draft))
    assert caught.value.code == "approval"
    update_record(ctx, INVOICE, till.now(draft), {"lines": [{"product": till.product, "discount": 40}]})
    issue_invoice(ctx, till.now(draft))


def test_nobody_prints_a_customer_out_of_their_sight(till: Till, cast: Any, acting: Any) -> None:
    deal = create_record(
        till.ctx, DEAL, {"name": "d", "company": till.company.id, "amount": 10, "owner": cast.babak.id}
    )
    # Who gives a deal opens its company to the new owner; that was taken back.
    assert RecordShare.objects.filter(user_id=cast.babak.id).delete()[0]
    access_changed(cast.arman.id)
    quote = quote_deal(acting(cast.babak), deal)
    update_record(till.ctx, QUOTE, quote, {"lines": [{"description": "a", "price": 10}]})
    with refused(Invalid) as caught:
        send_quote(acting(cast.babak), quote)
    assert [p.field for p in caught.value.problems] == ["company"]


def test_the_customers_address_is_for_whoever_may_change_the_quote(
    cast: Any, acting: Any, browse: Any
) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        company = create_record(ctx, COMPANY, {"name": "x"})
        lines = [{"description": "a", "price": 1000}]
        quote = create_record(ctx, QUOTE, {"company": company.id, "lines": lines})
        send_quote(ctx, quote)
        quote.refresh_from_db()
    public = f"/q/{quote.workspace_id}-{quote.secret}"
    page = f"/w/arman/quotes/{quote.id}/"
    assert public in browse(cast.sara).get(page).content.decode()
    assert public not in browse(cast.viewer).get(page).content.decode()
    ours = browse(cast.viewer)
    typed = {"signer": "A B", "signature": "A B", "consent": "1", "digest": quote.digest}
    assert ours.post(f"{public}/accept", typed).status_code == 403
    assert ours.post(f"{public}/reject", {"reason": "x"}).status_code == 403
    assert Client().post(f"{public}/accept", typed).status_code == 302
    with workspace_scope(cast.arman.id):
        quote.refresh_from_db()
    assert quote.status == "accepted"


def test_a_hidden_national_id_stays_hidden_on_the_invoice(till: Till, cast: Any, browse: Any) -> None:
    Company.objects.filter(id=till.company.id).update(national_id="10100302746")
    invoice = till.issued()
    assert invoice.buyer_national_id == "10100302746"
    be_clerk(cast, {"*.view": "all"}, {"company.national_id": "hidden"})
    shown = browse(cast.viewer).get(f"/w/arman/invoices/{invoice.id}/").content.decode()
    assert "10100302746" not in shown.translate(str.maketrans("۰۱۲۳۴۵۶۷۸۹", "0123456789"))


def test_a_hidden_credit_limit_is_told_by_no_refusal(till: Till, cast: Any, acting: Any) -> None:
    set_credit_limit(till.ctx, till.company, amount=987_654_321)
    grants = {"*.view": "all", "invoice.*": "own", "invoice.create": "all", "invoice.view": "all"}
    be_clerk(cast, grants, {"company.credit_limit": "hidden"})
    lines = [{"description": "Work", "price": 2_000_000_000}]
    draft = create_record(acting(cast.viewer), INVOICE, {"company": till.company.id, "lines": lines})
    with refused(RuleViolation) as caught:
        issue_invoice(acting(cast.viewer), draft)
    assert caught.value.code == "credit_limit"
    assert not re.search(r"\d", str(caught.value.message))


def test_cards_tell_only_papers_in_sight(till: Till, cast: Any, browse: Any) -> None:
    invoice = till.issued()
    payment = till.pay(invoice.total)
    page = f"/w/arman/payments/{payment.id}/"
    # A Persian page writes it with Persian digits.
    numbers = (invoice.number, to_persian_digits(invoice.number))
    seen = browse(cast.sara).get(page).content.decode()
    assert any(number in seen for number in numbers)
    be_clerk(cast, {"payment.view": "all"})
    answer = browse(cast.viewer).get(page)
    assert answer.status_code == 200
    assert not any(number in answer.content.decode() for number in numbers)


def test_a_quotes_trail_keeps_hidden_reasons(till: Till, cast: Any, browse: Any) -> None:
    lines = [{"description": "a", "price": 10}]
    quote = create_record(till.ctx, QUOTE, {"company": till.company.id, "lines": lines})
    send_quote(till.ctx, quote)
    reject_quote(till.ctx, quote, reason="rival offered half of it", signer="Nima Yushij")
    page = f"/w/arman/quotes/{quote.id}/"
    assert "rival offered half" in browse(cast.sara).get(page).content.decode()
    be_clerk(cast, {"*.view": "all"}, {"quote.reason": "hidden", "quote.signer": "hidden"})
    body = browse(cast.viewer).get(page).content.decode()
    assert "rival offered half" not in body
    assert "Nima Yushij" not in body


@pytest.mark.parametrize(
    ("grants", "fields"),
    [
        ({"invoice.view": "all", "instalment.view": "all"}, {}),
        ({"*.view": "all"}, {"company.name": "hidden"}),
    ],
)
def test_ageing_names_nobody_out_of_sight(
    till: Till, cast: Any, browse: Any, grants: dict[str, str], fields: dict[str, str]
) -> None:
    till.issued()
    assert "آوند" in browse(cast.sara).get("/w/arman/ageing/").content.decode()
    be_clerk(cast, grants, fields)
    answer = browse(cast.viewer).get("/w/arman/ageing/")
    assert answer.status_code == 200
    assert "آوند" not in answer.content.decode()


def test_a_contract_number_typed_by_hand_is_stepped_over(till: Till) -> None:
    first = create_record(till.ctx, CONTRACT, {"title": "a", "company": till.company.id})
    ahead = first.number[:-1] + "2"
    type(first).objects.filter(id=first.id).update(number=ahead)
    second = create_record(till.ctx, CONTRACT, {"title": "b", "company": till.company.id})
    assert second.number == first.number[:-1] + "3"


def test_a_list_is_named_only_where_the_price_is_its_own(till: Till) -> None:
    typed = {"product": till.product, "price": 1, "quantity": 1, "priced_by": "VIP contract"}
    draft = till.draft(lines=[typed])
    assert InvoiceLine.objects.get(invoice_id=draft.id).priced_by == ""


def test_no_paper_is_issued_for_years_to_come(till: Till) -> None:
    draft = till.draft()
    with refused(RuleViolation) as caught:
        issue_invoice(till.ctx, draft, day=date(2090, 1, 1))
    assert caught.value.field == "issued_on"


def test_a_payment_for_ones_own_invoice_is_recorded(till: Till, cast: Any, acting: Any) -> None:
    ctx = acting(cast.babak)
    company = create_record(ctx, COMPANY, {"name": "Mine"})
    lines = [{"description": "Work", "price": 1000}]
    invoice = create_record(ctx, INVOICE, {"company": company.id, "lines": lines})
    issue_invoice(ctx, invoice)
    assert record_payment(ctx, till.now(invoice), amount=invoice.total).unused == 0
