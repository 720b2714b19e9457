"""Invoices: drafted, issued once and for ever, cancelled and returned by credit notes, made of deals and pro-formas."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

from django.db import connections

from peyvand.kernel import clock
from peyvand.kernel.errors import Conflict, Invalid, RuleViolation
from peyvand.kernel.persian.text import to_persian_digits
from peyvand.operational.billing.actions.invoices import (
    approve_credit,
    cancel_invoice,
    convert_proforma,
    issue_invoice,
    record_payment,
    return_part,
    schedule_invoice,
    send_invoice,
    set_credit_limit,
    use_credit,
)
from peyvand.operational.billing.actions.making import invoice_deal
from peyvand.operational.billing.customers import customer_of, exposures
from peyvand.operational.billing.models import Instalment, Invoice, InvoiceLine
from peyvand.operational.billing.objects import INVOICE
from peyvand.operational.contacts.public import COMPANY
from peyvand.operational.numbering.public import close_year
from peyvand.operational.sales.public import DEAL
from peyvand.operational.sales.winning import signs_of
from peyvand.platform.merging.merging import merge_records
from peyvand.platform.objects.records import create_record, delete_records, update_record
from peyvand.platform.workspaces.scope import workspace_scope

from .conftest import NOON, TODAY, Till, make_till, refused


def test_a_draft_has_no_number_and_an_issued_invoice_its_place_in_the_series(till: Till) -> None:
    draft = till.draft(1_000_000, 3)
    assert (draft.number, draft.status) == ("", "draft")
    assert (draft.gross, draft.net, draft.tax, draft.total) == (3_000_000, 3_000_000, 300_000, 3_300_000)
    issue_invoice(till.ctx, draft)
    invoice = till.now(draft)
    assert (invoice.number, invoice.status, invoice.balance) == ("INV-1405-00001", "issued", 3_300_000)
    assert (invoice.issued_on, invoice.due_on, invoice.buyer_name) == (TODAY, TODAY, "آوند")
    assert till.issued().number == "INV-1405-00002"


def test_a_draft_is_not_called_after_its_customer(till: Till) -> None:
    draft = till.draft()
    assert till.company.name not in draft.name
    assert draft.name == f"پیش‌نویس {to_persian_digits(str(draft.id))}"
    update_record(till.ctx, INVOICE, draft, {"note": "x"})
    issue_invoice(till.ctx, draft)
    assert till.now(draft).name == "INV-1405-00001"


def test_issued_twice_it_has_one_number(till: Till) -> None:
    draft = till.draft()
    issue_invoice(till.ctx, draft)
    with refused(RuleViolation):
        issue_invoice(till.ctx, draft)
    assert till.issued().number == "INV-1405-00002"


def test_two_who_press_issue_at_once_issue_it_once(committed: Any) -> None:
    from peyvand.platform.actions.context import Context
    from peyvand.platform.identity.actor import user_actor

    arman, sara = committed.arman.id, committed.sara

    def ctx() -> Context:
        return Context(user_actor(arman, sara.id), "web")

    with workspace_scope(arman):
        drafts = [make_till(ctx()).draft() for _ in range(1)]
    draft = drafts[0]

    def press(_n: int) -> str:
        try:
            with workspace_scope(arman):
                issue_invoice(ctx(), Invoice.objects.get(id=draft.id))
            return "issued"
        except (RuleViolation, Conflict):
            return "refused"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(press, range(4)))
    assert sorted(answers) == ["issued", "refused", "refused", "refused"]


def test_what_was_issued_does_not_change_by_any_door(till: Till) -> None:
    invoice = till.issued()
    for change in (
        {"lines": [{"product": till.product, "price": 5, "quantity": 1}]}, {"discount": 5}, {"kind": "proforma"},
        {"issued_on": "2026-11-01"}, {"buyer_name": "دیگری"}, {"company": None},
    ):  # fmt: skip
        with refused(RuleViolation):
            update_record(till.ctx, INVOICE, till.now(invoice), change)
    update_record(till.ctx, INVOICE, till.now(invoice), {"note": "تلفنی پیگیری شد"})
    with refused(RuleViolation):
        delete_records(till.ctx, INVOICE, [till.now(invoice)])
    delete_records(till.ctx, INVOICE, [till.draft()])


def test_an_empty_or_nameless_draft_is_not_issued(till: Till) -> None:
    nobody = create_record(till.ctx, INVOICE, {"lines": [{"product": till.product}]})
    with refused(Invalid) as error:
        issue_invoice(till.ctx, nobody)
    assert [p.field for p in error.value.problems] == ["company"]
    with refused(Invalid) as error:
        issue_invoice(till.ctx, create_record(till.ctx, INVOICE, {"company": till.company.id}))
    assert [p.field for p in error.value.problems] == ["lines"]


def test_the_tax_is_that_of_the_day_on_which_it_is_issued(till: Till) -> None:
    draft = till.draft(1_000_000, issued_on="2024-03-19")
    assert draft.tax == 90_000
    issue_invoice(till.ctx, draft, day=date(2024, 3, 20))
    after = till.now(draft)
    assert (after.tax, after.total, after.balance) == (100_000, 1_100_000, 1_100_000)
    assert InvoiceLine.objects.get(invoice_id=draft.id).tax == 10
    before = till.draft(1_000_000, issued_on="2024-03-19")
    issue_invoice(till.ctx, before)
    assert till.now(before).tax == 90_000
    note = cancel_invoice(till.ctx, till.now(before), reason="اشتباه")
    assert note is not None
    assert (till.now(note).tax, till.now(note).issued_on) == (90_000, TODAY)


def test_a_cancelled_invoice_is_reversed_and_what_was_paid_is_credit(till: Till) -> None:
    invoice = till.issued(1_000_000)
    till.pay(400_000)
    note = cancel_invoice(till.ctx, invoice, reason="انصراف مشتری")
    assert note is not None
    now, reverse = till.now(invoice), till.now(note)
    assert (now.status, now.balance, now.paid, now.credited) == ("cancelled", 0, 0, 1_100_000)
    assert (reverse.kind, reverse.number, reverse.total, reverse.status) == (
        "credit",
        "CN-1405-00001",
        1_100_000,
        "used",
    )
    assert (reverse.tax_subject, reverse.original_id) == ("3", invoice.id)
    customer = customer_of(now)
    assert exposures([customer], TODAY)[customer].credit == 400_000
    with refused(RuleViolation):
        cancel_invoice(till.ctx, now, reason="دوباره")


def test_an_invoice_of_a_closed_year_is_cancelled_in_the_open_one(till: Till) -> None:
    old = till.draft(issued_on="2026-03-01")
    issue_invoice(till.ctx, old)
    assert till.now(old).number == "INV-1404-00001"
    close_year(till.ctx, year=1404)
    with refused(RuleViolation):
        issue_invoice(till.ctx, till.draft(), day=date(2026, 3, 2))
    with refused(RuleViolation):
        till.draft(issued_on="2026-03-01")
    with refused(RuleViolation):
        cancel_invoice(till.ctx, till.now(old), reason="x", day=date(2026, 3, 2))
    note = cancel_invoice(till.ctx, till.now(old), reason="پس از بستن سال")
    assert note is not None
    assert (till.now(note).issued_on, till.now(note).number) == (TODAY, "CN-1405-00001")
    assert till.now(old).number == "INV-1404-00001"


def test_no_more_comes_back_than_went_out(till: Till) -> None:
    invoice = till.issued(333_333, 3)
    first = till.now(return_part(till.ctx, invoice, lines="1: 1", reason="خراب"))
    with refused(RuleViolation):
        return_part(till.ctx, invoice, lines="1: 2.5", reason="زیاد")
    second = till.now(return_part(till.ctx, invoice, lines="۱: ۲", reason="باقی"))
    with refused(RuleViolation):
        return_part(till.ctx, invoice, lines="1: 0.001", reason="هیچ")
    assert first.total + second.total == invoice.total
    assert first.tax + second.tax == invoice.tax
    now = till.now(invoice)
    assert (now.balance, now.credited, now.status) == (0, invoice.total, "paid")
    for text in ("2: 1", "x", "1"):
        with refused(Invalid, RuleViolation):
            return_part(till.ctx, invoice, lines=text, reason="بد")


def test_a_paid_invoice_that_comes_back_leaves_credit_that_pays_the_next(till: Till) -> None:
    invoice = till.issued(1_000_000)
    record_payment(till.ctx, invoice, amount=1_100_000)
    note = till.now(return_part(till.ctx, till.now(invoice), lines="1: 1", reason="مرجوعی"))
    assert (till.now(invoice).status, note.balance) == ("paid", 1_100_000)
    following = till.issued(2_000_000)
    use_credit(till.ctx, following)
    assert (till.now(following).balance, till.now(note).status) == (1_100_000, "used")
    cancel_invoice(till.ctx, till.now(following), reason="x")
    with refused(RuleViolation):
        cancel_invoice(till.ctx, till.now(invoice), reason="همه برگشته")


def test_a_proforma_becomes_an_invoice_once(till: Till) -> None:
    paper = till.issued(1_000_000, kind="proforma", discount=10)
    assert (paper.number, paper.balance) == ("PF-1405-0001", 0)
    assert not Instalment.objects.filter(invoice_id=paper.id).exists()
    invoice = convert_proforma(till.ctx, paper)
    assert (invoice.total, invoice.original_id, invoice.status) == (990_000, paper.id, "draft")
    with refused(RuleViolation):
        convert_proforma(till.ctx, paper)


def test_a_deal_becomes_an_invoice_with_its_products(till: Till) -> None:
    deal = create_record(till.ctx, DEAL, {
        "name": "خط تولید", "company": till.company.id, "lines": [{"product": till.product, "quantity": 2, "discount": 10}],
    })  # fmt: skip
    invoice = invoice_deal(till.ctx, deal, terms_days=30)
    assert (invoice.net, invoice.tax, invoice.deal_id) == (1_800_000, 180_000, deal.id)
    issue_invoice(till.ctx, invoice)
    assert till.now(invoice).due_on == date(2026, 12, 22)
    # Once it is paid, the deal seems won.
    assert not signs_of([deal.id])
    till.pay(invoice.total)
    assert signs_of([deal.id]) == {deal.id: ["Its invoice is paid."]}
    bare = create_record(till.ctx, DEAL, {"name": "هیچ", "company": till.company.id})
    with refused(RuleViolation):
        invoice_deal(till.ctx, bare)


def test_instalments_add_up_and_are_paid_in_their_order(till: Till) -> None:
    invoice = till.issued(1_000_001)
    schedule_invoice(till.ctx, invoice, count=3, first_on=date(2026, 12, 21))
    parts = list(Instalment.objects.filter(invoice_id=invoice.id).order_by("place"))
    assert sum(p.amount for p in parts) == invoice.total
    assert [p.name for p in parts] == [f"{invoice.number} · {n}/۳" for n in "۱۲۳"]
    # The thirtieth of Azar, of Dey, of Bahman.
    assert [p.due_on for p in parts] == [date(2026, 12, 21), date(2027, 1, 20), date(2027, 2, 19)]
    till.pay(parts[0].amount + 5)
    after = list(Instalment.objects.filter(invoice_id=invoice.id).order_by("place"))
    assert [p.state for p in after] == ["paid", "part_paid", "open"]
    assert till.now(invoice).due_on == date(2027, 1, 20)


def test_beyond_the_credit_limit_somebody_has_to_approve(till: Till, cast: Any, acting: Any) -> None:
    set_credit_limit(till.ctx, till.company, amount=1_500_000)
    assert COMPANY.field("credit_limit").load([till.company.id]) == {till.company.id: 1_500_000}  # type: ignore[attr-defined]
    till.issued(1_000_000)
    draft = till.draft(1_000_000)
    with refused(RuleViolation) as error:
        issue_invoice(till.ctx, draft)
    assert error.value.code == "credit_limit"
    approve_credit(acting(cast.mina), till.now(draft), reason="مشتری قدیمی")
    update_record(
        till.ctx, INVOICE, till.now(draft), {"lines": [{"product": till.product, "price": 2_000_000}]}
    )
    with refused(RuleViolation):
        issue_invoice(till.ctx, draft)
    update_record(
        till.ctx, INVOICE, till.now(draft), {"lines": [{"product": till.product, "price": 1_000_000}]}
    )
    issue_invoice(till.ctx, draft)
    with refused(RuleViolation):
        approve_credit(till.ctx, till.now(draft), reason="دیر")


def test_a_customer_is_merged_while_an_invoice_is_open(till: Till) -> None:
    invoice = till.issued()
    set_credit_limit(till.ctx, till.company, amount=9_000_000)
    stays = create_record(till.ctx, COMPANY, {"name": "آوند پارس"})
    merge_records(till.ctx, COMPANY, stays.id, [till.company.id])
    now = till.now(invoice)
    assert (now.company_id, now.buyer_name) == (stays.id, "آوند")
    assert COMPANY.field("credit_limit").load([stays.id]) == {stays.id: 9_000_000}  # type: ignore[attr-defined]
    record_payment(till.ctx, now, amount=now.balance)
    assert till.now(invoice).status == "paid"
    customer = customer_of(now)
    assert exposures([customer], TODAY)[customer].balance == 0


def test_whoever_papers_name_is_not_deleted(till: Till) -> None:
    till.issued()
    with refused(RuleViolation) as error:
        delete_records(till.ctx, COMPANY, [till.company])
    assert "آوند" in str(error.value.message)


def test_an_e_invoice_says_who_buys(till: Till) -> None:
    draft = till.draft(tax_type="1")
    with refused(Invalid) as error:
        issue_invoice(till.ctx, draft)
    assert {p.field for p in error.value.problems} == {
        "buyer_national_id",
        "buyer_postal_code",
        "tax_pattern",
    }
    update_record(till.ctx, INVOICE, till.now(draft), {
        "buyer_national_id": "10380284790", "buyer_postal_code": "1516743311", "tax_pattern": "1",
    })  # fmt: skip
    issue_invoice(till.ctx, draft)
    assert till.now(draft).tax_subject == "1"
    for wrong in ("A11216", "A1121604C1000000000010X", "A1121604C100000000001A"):
        with refused(Invalid):
            update_record(till.ctx, INVOICE, till.now(draft), {"tax_id": wrong})


def test_sending_marks_it_and_a_draft_cannot_be_sent(till: Till) -> None:
    with refused(RuleViolation):
        send_invoice(till.ctx, till.draft())
    invoice = till.issued()
    send_invoice(till.ctx, invoice)
    assert till.now(invoice).sent_at == clock.now() == NOON
