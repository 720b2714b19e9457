"""Cheques: their moves, what they cover, what happens when they bounce; payments chosen, released, voided, paid back."""

from __future__ import annotations

from datetime import date
from typing import Any

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, NotAllowed, RuleViolation
from peyvand.operational.billing.actions.cheques import (
    MOVES,
    bounce_cheque,
    clear_cheque,
    deposit_cheque,
    give_cheque_back,
    hand_cheque_on,
    take_cheque_back,
)
from peyvand.operational.billing.actions.payments import allocate_payment, release_payment, void_payment
from peyvand.operational.billing.customers import customer_of, exposures
from peyvand.operational.billing.models import Payment
from peyvand.operational.billing.objects import CHEQUE, PAYMENT
from peyvand.operational.contacts.public import COMPANY
from peyvand.operational.numbering.public import close_year
from peyvand.platform.objects.cleaning import clean
from peyvand.platform.objects.records import create_record, create_records, delete_records, update_record

from .conftest import NOON, TODAY, Till, refused

SAYAD = "1234567890123456"


def exposure(till: Till) -> Any:
    customer = customer_of(till.draft())
    return exposures([customer], TODAY)[customer]


def test_a_cheque_covers_until_it_is_cleared_and_then_pays(till: Till) -> None:
    invoice = till.issued(1_000_000)
    cheque = till.cheque(600_000, sayad=SAYAD)
    now = till.now(invoice)
    assert (now.balance, now.covered, now.status) == (1_100_000, 600_000, "issued")
    found = exposure(till)
    assert (found.open, found.cheques, found.credit, found.balance) == (500_000, 600_000, 0, 1_100_000)
    deposit_cheque(till.ctx, cheque)
    payment = till.now(clear_cheque(till.ctx, till.now(cheque)))
    now = till.now(invoice)
    assert (now.balance, now.covered, now.paid, now.status) == (500_000, 0, 600_000, "part_paid")
    assert (payment.method, payment.amount, payment.unused, payment.reference) == (
        "cheque",
        600_000,
        0,
        SAYAD,
    )


def test_a_cheque_that_bounces_opens_the_invoice_again(till: Till) -> None:
    invoice = till.issued(1_000_000)
    cheque = till.cheque(1_100_000)
    deposit_cheque(till.ctx, cheque)
    bounce_cheque(till.ctx, till.now(cheque), reason="کسری موجودی")
    assert (till.now(cheque).state, till.now(invoice).covered, till.now(invoice).balance) == (
        "bounced",
        0,
        1_100_000,
    )
    deposit_cheque(till.ctx, till.now(cheque))
    assert till.now(invoice).covered == 1_100_000


def test_a_cheque_that_bounces_after_it_was_cleared_opens_the_invoice_again(till: Till) -> None:
    invoice = till.issued(1_000_000)
    cheque = till.cheque(1_100_000)
    payment = clear_cheque(till.ctx, cheque)
    assert till.now(invoice).status == "paid"
    with refused(RuleViolation):
        void_payment(till.ctx, payment, reason="از راه دیگر")
    bounce_cheque(till.ctx, till.now(cheque), reason="برگشت بانک")
    assert (till.now(invoice).status, till.now(invoice).balance) == ("issued", 1_100_000)
    assert till.now(payment).status == "void"
    assert exposure(till).balance == 1_100_000


def test_a_cheque_of_a_closed_year_that_bounces_is_taken_back_today(till: Till) -> None:
    invoice = till.draft(1_000_000, issued_on="2026-02-01")
    from peyvand.operational.billing.actions.invoices import issue_invoice

    issue_invoice(till.ctx, invoice)
    cheque = till.cheque(1_100_000)
    payment = clear_cheque(till.ctx, cheque, day=date(2026, 3, 1))
    close_year(till.ctx, year=1404)
    bounce_cheque(till.ctx, till.now(cheque), reason="برگشت")
    assert till.now(payment).status == "valid"
    refund = Payment.objects.get(kind="refund")
    assert (refund.paid_on, refund.amount) == (TODAY, 1_100_000)
    assert till.now(invoice).balance == 1_100_000
    assert exposure(till).balance == 1_100_000


def test_only_the_moves_that_a_state_allows_are_made(till: Till) -> None:
    verbs = {
        "deposited": deposit_cheque, "cleared": clear_cheque, "returned": give_cheque_back, "received": take_cheque_back,
        "bounced": lambda ctx, c: bounce_cheque(ctx, c, reason="x"), "handed_on": lambda ctx, c: hand_cheque_on(ctx, c, to="تأمین‌کننده"),
    }  # fmt: skip
    ways = {"received": (), "deposited": ("deposited",), "handed_on": ("handed_on",), "cleared": ("cleared",),
            "bounced": ("deposited", "bounced"), "returned": ("returned",)}  # fmt: skip
    for state, way in ways.items():
        for target in verbs.keys() - {state}:
            cheque = till.cheque(1_000)
            for step in way:
                verbs[step](till.ctx, till.now(cheque))
            assert till.now(cheque).state == state
            if target in MOVES[state]:
                verbs[target](till.ctx, till.now(cheque))
                assert till.now(cheque).state == target
            else:
                with refused(RuleViolation):
                    verbs[target](till.ctx, till.now(cheque))


def test_a_sayad_number_has_sixteen_digits_and_is_used_once(till: Till) -> None:
    for wrong in ("123", "1" * 16, "12345678901234x6"):
        with refused(Invalid) as error:
            till.cheque(1, sayad=wrong)
        assert error.value.problems[0].field == "sayad"
    till.cheque(1, sayad="۱۲۳۴-۵۶۷۸-۹۰۱۲-۳۴۵۶")
    with refused(Invalid):
        till.cheque(1, sayad=SAYAD)


def test_the_oldest_invoice_is_paid_first_unless_one_is_chosen(till: Till) -> None:
    late = till.issued(1_000_000, due_on="2026-12-30", issued_on="2026-11-02")
    soon = till.issued(1_000_000, due_on="2026-11-10", issued_on="2026-11-02")
    till.pay(1_500_000)
    assert (till.now(soon).balance, till.now(late).balance) == (0, 700_000)
    chosen = till.issued(1_000_000)
    till.pay(100_000, invoice=chosen.id)
    assert (till.now(chosen).balance, till.now(late).balance) == (1_000_000, 700_000)


def test_a_payment_larger_than_the_invoice_leaves_credit_that_is_used_or_paid_back(till: Till) -> None:
    invoice = till.issued(1_000_000)
    payment = till.pay(1_500_000)
    assert (till.now(invoice).status, payment.unused) == ("paid", 400_000)
    assert (exposure(till).balance, exposure(till).credit) == (-400_000, 400_000)
    following = till.issued(100_000)
    allocate_payment(till.ctx, payment, to_invoice=following.id)
    assert (till.now(following).status, till.now(payment).unused) == ("paid", 290_000)
    with refused(RuleViolation):
        till.pay(290_001, kind="refund")
    till.pay(290_000, kind="refund")
    assert (till.now(payment).unused, exposure(till).balance) == (0, 0)
    with refused(RuleViolation):
        void_payment(till.ctx, payment, reason="پس از استرداد")


def test_of_two_refunds_recorded_at_once_the_second_finds_what_the_first_left(till: Till) -> None:
    till.pay(1_000)
    refund = {"kind": "refund", "company": till.company.id, "amount": 600}
    rows = [clean(till.ctx, PAYMENT, refund)] * 2
    with refused(RuleViolation) as error:
        create_records(till.ctx, PAYMENT, rows)
    assert error.value.field == "amount"
    create_records(till.ctx, PAYMENT, [clean(till.ctx, PAYMENT, refund | {"amount": 500})] * 2)
    assert [p.number for p in Payment.objects.order_by("id")] == [f"RC-1405-0000{n}" for n in (1, 2, 3)]
    assert Payment.objects.get(kind="receipt").unused == 0


def test_released_and_voided_payments_open_what_they_paid(till: Till) -> None:
    invoice = till.issued(1_000_000)
    payment = till.pay(1_100_000)
    release_payment(till.ctx, payment)
    assert (till.now(invoice).balance, till.now(payment).unused) == (1_100_000, 1_100_000)
    other = create_record(till.ctx, COMPANY, {"name": "دیگری"})
    foreign = till.issued(1_000, company=other.id)
    with refused(RuleViolation):
        allocate_payment(till.ctx, payment, to_invoice=foreign.id)
    allocate_payment(till.ctx, payment, to_invoice=invoice.id, amount=100_000)
    with refused(RuleViolation):
        allocate_payment(till.ctx, payment, to_invoice=invoice.id, amount=1_000_001)
    void_payment(till.ctx, payment, reason="دو بار ثبت شد")
    assert (till.now(invoice).balance, till.now(payment).status, till.now(payment).unused) == (
        1_100_000,
        "void",
        0,
    )
    with refused(RuleViolation):
        void_payment(till.ctx, payment, reason="دوباره")


def test_recorded_money_does_not_change_and_is_not_deleted(till: Till) -> None:
    payment, cheque = till.pay(5), till.cheque(5)
    for spec, record, change in (
        (PAYMENT, payment, {"amount": 6}), (PAYMENT, payment, {"kind": "refund"}), (CHEQUE, cheque, {"amount": 6}),
    ):  # fmt: skip
        with refused(RuleViolation):
            update_record(till.ctx, spec, till.now(record), change)
    update_record(till.ctx, CHEQUE, till.now(cheque), {"bank": "ملت"})
    for spec, record in ((PAYMENT, payment), (CHEQUE, cheque)):
        with refused(NotAllowed):
            delete_records(till.ctx, spec, [record])


def test_money_is_named_dated_and_more_than_nothing(till: Till) -> None:
    for wrong, field in (
        ({"amount": 0}, "amount"),
        ({"amount": -5}, "amount"),
        ({"amount": 5, "company": None}, "company"),
    ):
        with refused(Invalid) as error:
            till.pay(**{"amount": 5, **wrong})  # type: ignore[arg-type]
        assert error.value.problems[0].field == field
    close_year(till.ctx, year=1404)
    for day in ("2026-03-01", "2026-11-23"):
        with refused(RuleViolation):
            till.pay(5, paid_on=day)


def test_a_viewer_records_no_money(till: Till, cast: Any, acting: Any) -> None:
    with clock.freeze(NOON), refused(NotAllowed):
        create_record(acting(cast.viewer), PAYMENT, {"company": till.company.id, "amount": 5})
