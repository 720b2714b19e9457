"""Money adds up to the last rial, whatever happens to it: properties of the arithmetic, and of a till that does anything."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import given, settings
from hypothesis import strategies as st

from peyvand.kernel.errors import Invalid, RuleViolation
from peyvand.operational.billing.actions.cheques import (
    bounce_cheque,
    clear_cheque,
    deposit_cheque,
    give_cheque_back,
)
from peyvand.operational.billing.actions.invoices import (
    cancel_invoice,
    issue_invoice,
    record_payment,
    return_part,
    schedule_invoice,
    use_credit,
)
from peyvand.operational.billing.actions.payments import release_payment, void_payment
from peyvand.operational.billing.arithmetic import (
    BUCKETS,
    Part,
    bucket,
    due_dates,
    parts_of,
    returned_part,
    spread,
)
from peyvand.operational.billing.customers import Customer, exposures
from peyvand.operational.billing.models import Allocation, Cheque, Instalment, Invoice, InvoiceLine, Payment

from .conftest import TODAY, Till

AMOUNTS = st.integers(0, 10**15)


@given(AMOUNTS, st.lists(AMOUNTS, max_size=12))
def test_an_amount_spread_over_places_fills_them_in_order(amount: int, places: list[int]) -> None:
    put = spread(amount, places)
    assert sum(put) == min(amount, sum(places))
    assert all(0 <= part <= place for part, place in zip(put, places, strict=True))
    first_open = next(
        (n for n, (part, place) in enumerate(zip(put, places, strict=True)) if part < place), len(places)
    )
    assert not any(put[first_open + 1 :])


@given(AMOUNTS, st.integers(1, 60), st.sampled_from([1, 10, 10_000]))
def test_instalments_add_up_to_the_last_rial(total: int, count: int, rounded_to: int) -> None:
    parts = parts_of(total, count, rounded_to=rounded_to)
    assert (len(parts), sum(parts)) == (count, total)
    assert all(part >= 0 for part in parts)


@given(st.dates(date(2020, 1, 1), date(2035, 1, 1)), st.integers(1, 60), st.integers(1, 12))
def test_instalments_are_due_in_their_order(first: date, count: int, months: int) -> None:
    days = due_dates(first, count, months, "jalali")
    assert days[0] == first
    assert days == sorted(set(days))
    assert len(days) == count


def test_the_thirtieth_of_esfand_is_the_last_day_of_a_shorter_month() -> None:
    # 30 Esfand 1403; Esfand of 1404 has 29 days.
    assert due_dates(date(2025, 3, 20), 2, 12, "jalali") == [date(2025, 3, 20), date(2026, 3, 20)]
    # 31 Shahrivar 1405, then the thirtieth of Mehr.
    assert due_dates(date(2026, 9, 22), 2, 1, "jalali") == [date(2026, 9, 22), date(2026, 10, 22)]


@given(st.data())
def test_a_line_returned_bit_by_bit_comes_to_the_line(data: st.DataObject) -> None:
    quantity = data.draw(st.decimals(Decimal("0.001"), Decimal(1000), places=3))
    net, tax, off = data.draw(AMOUNTS), data.draw(AMOUNTS), data.draw(AMOUNTS)
    line = Part(net + off, net, tax)
    before, parts = Decimal(0), []
    while before < quantity:
        rest = quantity - before
        now = data.draw(st.decimals(Decimal("0.001"), rest, places=3)) if len(parts) < 6 else rest
        parts.append(returned_part(line, quantity, before, now))
        before += now
    for key in ("gross", "net", "tax", "total"):
        assert sum(getattr(part, key) for part in parts) == getattr(line, key)
    assert all(0 <= part.net <= part.gross and part.tax >= 0 for part in parts)


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_every_debt_stands_in_one_column(due_on: date) -> None:
    key, late = bucket(due_on, date(2025, 6, 1)), (date(2025, 6, 1) - due_on).days
    _, after, until = next(each for each in BUCKETS if each[0] == key)
    assert after is None or late >= after
    assert until is None or late <= until


def plain(till: Till) -> int:
    """What the customer owes, by another way: everything that went out less everything that came back or in."""
    mine = {"company_id": till.company.id}
    invoiced = sum(
        Invoice.objects.filter(kind="invoice", **mine).exclude(status="draft").values_list("total", flat=True)
    )
    credited = sum(Invoice.objects.filter(kind="credit", **mine).values_list("total", flat=True))
    money = Payment.objects.filter(status="valid", **mine)
    came = sum(money.filter(kind="receipt").values_list("amount", flat=True))
    went = sum(money.filter(kind="refund").values_list("amount", flat=True))
    return invoiced - credited - came + went


def audit(till: Till) -> None:
    """Everything that has to add up."""
    for invoice in Invoice.objects.exclude(status="draft"):
        lines = InvoiceLine.objects.filter(invoice_id=invoice.id).aggregate(
            g=Sum("gross"), n=Sum("net"), t=Sum("tax_amount"), s=Sum("total")
        )
        assert (invoice.gross, invoice.net, invoice.tax, invoice.total) == (
            lines["g"],
            lines["n"],
            lines["t"],
            lines["s"],
        )
        assert invoice.gross - invoice.reduction == invoice.net
        to = Allocation.objects.filter(to_invoice_id=invoice.id)
        if invoice.kind == "invoice":
            for key, column in (("paid", "payment"), ("credited", "credit"), ("covered", "cheque")):
                there = sum(to.filter(**{f"{column}__isnull": False}).values_list("amount", flat=True))
                assert getattr(invoice, key) == there, key
            assert invoice.balance == invoice.total - invoice.paid - invoice.credited >= 0
            assert invoice.uncovered >= 0
            parts = Instalment.objects.filter(invoice_id=invoice.id).aggregate(
                a=Sum("amount"), p=Sum("paid"), r=Sum("rest")
            )
            assert (parts["a"], parts["r"]) == (invoice.total, invoice.balance)
            assert (invoice.status in ("paid", "cancelled")) == (invoice.balance == 0)
            returned = sum(
                Invoice.objects.filter(original_id=invoice.id, kind="credit").values_list("total", flat=True)
            )
            assert returned <= invoice.total
            assert (invoice.status != "cancelled") or returned == invoice.total
        if invoice.kind == "credit":
            used = sum(Allocation.objects.filter(credit_id=invoice.id).values_list("amount", flat=True))
            assert invoice.balance == invoice.total - used >= 0
    for payment in Payment.objects.all():
        used = sum(Allocation.objects.filter(payment_id=payment.id).values_list("amount", flat=True))
        assert payment.unused == (
            payment.amount - used if (payment.kind, payment.status) == ("receipt", "valid") else 0
        )
    for cheque in Cheque.objects.all():
        covers = sum(Allocation.objects.filter(cheque_id=cheque.id).values_list("amount", flat=True))
        assert covers <= cheque.amount
        assert not covers or cheque.state in ("received", "deposited", "handed_on")
    customer = Customer(company_id=till.company.id)
    found = exposures([customer], TODAY)[customer]
    assert found.balance == plain(till)
    assert found.open >= 0
    assert found.cheques >= 0
    assert found.credit >= 0


def lines_of(draw: Any, till: Till) -> list[dict[str, Any]]:
    return [
        {
            "product": till.product, "price": draw(st.integers(0, 10**9)), "quantity": str(draw(st.decimals("0.001", 99, places=3))),
            "discount": str(draw(st.decimals(0, 100, places=2))),
        }
        for _ in range(draw(st.integers(1, 4)))
    ]  # fmt: skip


@settings(max_examples=12)
@given(st.data())
def test_whatever_is_done_at_the_till_everything_adds_up(till: Till, data: st.DataObject) -> None:
    draw = data.draw
    with transaction.atomic():
        for _ in range(draw(st.integers(4, 12))):
            try:
                with transaction.atomic():
                    _deed(till, draw)
            except (RuleViolation, Invalid):
                pass
            audit(till)
        transaction.set_rollback(True)


def _deed(till: Till, draw: Any) -> None:
    deed = draw(
        st.sampled_from(
            ["issue", "issue", "pay", "cheque", "move", "return", "cancel", "refund", "parts", "use", "undo"]
        )
    )
    open_ = list(
        Invoice.objects.filter(kind="invoice").exclude(status__in=("draft", "cancelled")).order_by("id")
    )
    one = draw(st.sampled_from(open_)) if open_ else None
    if deed == "issue" or one is None:
        off = draw(st.sampled_from([{}, {"discount": 7.5}, {"discount_amount": 1_001}]))
        issue_invoice(till.ctx, till.draft(lines=lines_of(draw, till), **off))
    elif deed == "pay":
        amount = draw(st.integers(1, one.total + 1_000))
        if draw(st.booleans()):
            record_payment(till.ctx, one, amount=amount)
        else:
            till.pay(amount)
    elif deed == "cheque":
        till.cheque(draw(st.integers(1, one.total + 1_000)), invoice=draw(st.sampled_from([None, one.id])))
    elif deed == "move" and Cheque.objects.exists():
        cheque = draw(st.sampled_from(list(Cheque.objects.order_by("id"))))
        draw(st.sampled_from([deposit_cheque, clear_cheque, give_cheque_back, _bounce]))(till.ctx, cheque)
    elif deed == "return":
        count = InvoiceLine.objects.filter(invoice_id=one.id).count()
        place, amount = draw(st.integers(1, count)), draw(st.decimals("0.001", 50, places=3))
        return_part(till.ctx, one, lines=f"{place}: {amount}", reason="x")
    elif deed == "cancel":
        cancel_invoice(till.ctx, one, reason="x")
    elif deed == "refund":
        till.pay(draw(st.integers(1, 10**9)), kind="refund")
    elif deed == "parts":
        schedule_invoice(till.ctx, one, count=draw(st.integers(1, 12)), first_on=TODAY)
    elif deed == "use":
        use_credit(till.ctx, one)
    elif deed == "undo" and Payment.objects.exists():
        payment = draw(st.sampled_from(list(Payment.objects.order_by("id"))))
        if draw(st.booleans()):
            release_payment(till.ctx, payment)
        else:
            void_payment(till.ctx, payment, reason="x")


def _bounce(ctx: Any, cheque: Cheque) -> None:
    bounce_cheque(ctx, cheque, reason="x")


def test_the_audit_itself_can_fail(till: Till) -> None:
    invoice = till.issued()
    Invoice.objects.filter(id=invoice.id).update(paid=1)
    with pytest.raises(AssertionError):
        audit(till)
