"""Verbs of payments: put to an invoice by choice, taken off it again, voided."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from peyvand.kernel.errors import Invalid, RuleViolation, msg
from peyvand.operational.billing.customers import OPEN, customer_of, held
from peyvand.operational.billing.events import PaymentVoided
from peyvand.operational.billing.issuing import is_beyond_limit
from peyvand.operational.billing.models import Invoice, Payment
from peyvand.operational.billing.moving import at_work
from peyvand.operational.billing.objects import PAYMENT
from peyvand.operational.billing.settling import allocated, allocation, drop, keep
from peyvand.operational.numbering.public import demand_open
from peyvand.platform.access.decisions import decide, demand
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Link, Money, Text
from peyvand.platform.objects.cleaning import lost_links
from peyvand.platform.objects.records import update_records
from peyvand.platform.objects.references import about

_INVOICE = Link(key="to_invoice", label=_("Invoice"), to="invoice", required=True)


def _is_receipt(payment: Any) -> bool:
    return bool(payment.kind == "receipt" and payment.status == "valid")


@action(
    "payment.allocate",
    label=_("Put to an invoice"),
    icon="link",
    inputs=(_INVOICE, Money(key="amount", label=_("Amount"), help=_("Left empty: as much as fits."))),
    offered=lambda payment: _is_receipt(payment) and payment.unused > 0,
    final=True,
)
def allocate_payment(ctx: Context, payment: Payment, *, to_invoice: int, amount: int | None = None) -> None:
    """Let what is unused of a receipt pay an invoice of the same customer.

    Raises:
        Invalid: there is no such invoice, or the amount is none. NotAllowed: the actor may record no payment of it.
        RuleViolation: nothing is unused, the invoice is another customer's, or it takes less than that.
    """
    if problems := lost_links(ctx, (_INVOICE,), [{"to_invoice": to_invoice}])[0]:
        raise Invalid(problems)
    if amount is not None and amount <= 0:
        raise Invalid.of(msg("This must be more than zero."), "amount")
    now = held(payment)
    invoice = Invoice.objects.select_for_update(of=("self",), no_key=True).get(id=to_invoice)
    demand(ctx.actor, "invoice.record_payment", invoice)
    if customer_of(invoice) != customer_of(now):
        raise RuleViolation(msg("This invoice is another customer's."), "to_invoice")
    if invoice.kind != "invoice" or invoice.status not in OPEN or not invoice.uncovered:
        raise RuleViolation(msg("Nothing is to be paid of this invoice."), "to_invoice")
    most = min(now.unused, invoice.uncovered)
    if not most:
        raise RuleViolation(msg("Nothing of this payment is unused."), "amount")
    if amount is not None and amount > most:
        shown = PAYMENT.field("amount").show(most, ctx.reader)
        raise RuleViolation(msg("At most %(amount)s can go there.", amount=shown), "amount")
    keep(ctx, [allocation(now, amount or most, invoice=invoice)])


@action(
    "payment.release",
    label=_("Take off its invoices"),
    icon="undo",
    offered=lambda payment: _is_receipt(payment) and payment.unused < payment.amount,
    final=True,
)
def release_payment(ctx: Context, payment: Payment) -> None:
    """Take a receipt off the invoices that it pays: it is credit of the customer then, and can be put elsewhere.

    Raises:
        RuleViolation: it pays none.
    """
    now = held(payment)
    rows = [row for row in allocated(payment_id=now.id) if row.to_invoice_id is not None]
    if not rows:
        raise RuleViolation(msg("This payment pays no invoice."), "invoice")
    drop(ctx, rows)


@action(
    "payment.void",
    label=_("Void"),
    icon="xc",
    tone="danger",
    inputs=(Text(key="reason", label=_("Reason"), required=True, max_length=300),),
    offered=lambda payment: payment.status == "valid" and payment.cheque_id is None,
    final=True,
)
def void_payment(ctx: Context, payment: Payment, *, reason: str) -> None:
    """Say that a payment never was: what it paid is open again. Its number stays.

    Raises:
        RuleViolation: it is void already, came by a cheque, was paid back since, or lies in a closed year; or without it the
            customer owes more than the credit limit, and the actor is not one who may approve that.
    """
    if payment.cheque_id is not None:
        raise RuleViolation(msg("This payment came by a cheque: say there that it bounced."), "cheque")
    void(ctx, payment, reason)
    # Else whoever may not go beyond the limit would record a receipt, issue, and void it again.
    if not decide(ctx.actor, "invoice.approve_credit") and is_beyond_limit(ctx, customer_of(payment)):
        raise RuleViolation(
            msg(
                "Without this payment the customer's credit does not reach. Somebody who may approve that has to void it."
            ),
            code="credit_limit",
        )


def void(ctx: Context, payment: Payment, reason: str) -> None:
    """Void a payment, whatever it came by.

    Raises:
        RuleViolation: as void_payment.
    """
    now = held(payment)
    if now.status != "valid":
        raise RuleViolation(msg("This payment is void already."), "status")
    demand_open(now.paid_on, "paid_on")
    rows = allocated(payment_id=now.id) + allocated(to_refund_id=now.id)
    if any(row.to_refund_id is not None and row.payment_id == now.id for row in rows):
        raise RuleViolation(msg("Part of this payment was paid back; void the refund first."), "status")
    with at_work():
        update_records(ctx, PAYMENT, [now], [{"status": "void", "unused": 0, "void_reason": reason}])
    drop(ctx, rows, payments={now.id})
    ctx.record(
        PaymentVoided(
            **about(PAYMENT, now),
            amount=now.amount,
            reason=reason,
        )
    )
