"""Verbs of invoices: issued, sent, paid, cancelled, returned, put into instalments; credit limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, RuleViolation, msg
from peyvand.kernel.numbers import parse_number
from peyvand.operational.billing.arithmetic import due_dates, parts_of
from peyvand.operational.billing.customers import OPEN, customer_of, held
from peyvand.operational.billing.events import CreditApproved, InvoiceScheduled, InvoiceSent
from peyvand.operational.billing.fields import Limit
from peyvand.operational.billing.issuing import (
    beyond_limit,
    cancel,
    copied_lines,
    issue,
    return_lines,
    schedule,
)
from peyvand.operational.billing.lines import lines_of, returned_before
from peyvand.operational.billing.models import Invoice, Payment
from peyvand.operational.billing.moving import at_work
from peyvand.operational.billing.objects import INVOICE, PAYMENT
from peyvand.operational.billing.settling import allocation, credits_of, has_credit, keep, renew
from peyvand.operational.contacts.public import COMPANY, Company
from peyvand.operational.numbering.public import calendar_here
from peyvand.platform.access.rules import covered
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.database.bulk import update_rows
from peyvand.platform.fields.types import Day, Field, LongText, Money, Number, Text
from peyvand.platform.objects.changes import record_changes
from peyvand.platform.objects.records import create_records, update_records
from peyvand.platform.objects.references import about

_REASON: Final = Text(key="reason", label=_("Reason"), required=True, max_length=300)
_DAY: Final = Day(key="day", label=_("Dated"), help=_("Default: today."))
MOST_PARTS: Final = 60


def _is_draft(invoice: Any) -> bool:
    return bool(invoice.status == "draft")


def _is_open(invoice: Any) -> bool:
    return invoice.kind == "invoice" and invoice.status in OPEN


def _can_come_back(invoice: Any) -> bool:
    return invoice.kind == "invoice" and invoice.status in (*OPEN, "paid")


def _inputs(*keys: str, required: bool = False) -> tuple[Field, ...]:
    return tuple(replace(PAYMENT.field(key), required=required) for key in keys)


@action(
    "invoice.issue",
    label=_("Issue"),
    icon="check",
    tone="good",
    inputs=(Day(key="day", label=_("Dated"), attr="issued_on", help=_("Default: today.")),),
    offered=_is_draft,
    final=True,
)
def issue_invoice(ctx: Context, invoice: Invoice, *, day: date | None = None) -> None:
    """Give a draft its number and its day; from then on it does not change.

    Raises:
        RuleViolation: it was issued already, the year is closed, or the customer's credit does not reach.
        Invalid: something is missing on it.
    """
    issue(ctx, invoice, day)


@action(
    "invoice.approve_credit",
    label=_("Approve beyond the credit limit"),
    icon="shield",
    admin=True,
    inputs=(_REASON,),
    offered=lambda invoice: (
        _is_draft(invoice) and invoice.kind == "invoice" and invoice.company_id is not None
    ),
    useful=lambda ctx, invoice: beyond_limit(ctx, invoice) is not None,
    final=True,
)
def approve_credit(ctx: Context, invoice: Invoice, *, reason: str) -> None:
    """Let a customer go beyond the credit limit with this invoice; who and why is kept.

    Raises:
        RuleViolation: it is no draft, or the limit is not touched.
    """
    now = held(invoice)
    if now.status != "draft":
        raise RuleViolation(msg("This was issued already, as %(number)s.", number=now.number), "status")
    found = beyond_limit(ctx, now)
    if found is None:
        raise RuleViolation(msg("The credit limit is not touched by this invoice."), "total")
    limit, exposure = found
    # Whoever approves need not be one who may change the invoice.
    record_changes(
        ctx,
        INVOICE,
        [(now, {"approved_total": [now.approved_total, now.total]})],
        told={now.id: ("approved_total",)},
    )
    update_rows(Invoice, ("approved_total",), [(now.id, now.total)])
    ctx.touch("invoice", now.id)
    ctx.record(
        CreditApproved(
            **about(INVOICE, now),
            amount=now.total,
            limit=limit,
            exposure=exposure,
            reason=reason,
        )
    )


@action(
    "invoice.record_payment",
    label=_("Record a payment"),
    icon="coins",
    tone="good",
    inputs=(
        Money(
            key="amount",
            label=_("Amount"),
            attr="balance",
            required=True,
            help=_("What is more than the balance becomes credit of the customer."),
        ),
        *_inputs("method", required=True),
        *_inputs("paid_on", "reference"),
    ),
    offered=_is_open,
)
def record_payment(
    ctx: Context, invoice: Invoice, *, amount: int, method: str = "transfer", paid_on: date | None = None, reference: str = ""
) -> Payment:  # fmt: skip
    """Record that money came for this invoice; what is more than its balance is credit of the customer.

    Raises:
        RuleViolation: nothing is to be paid of it, or the day lies in a closed year.
    """
    values = {
        "kind": "receipt", "company": invoice.company_id, "person": invoice.person_id, "invoice": invoice.id, "amount": amount,
        "method": method, "paid_on": paid_on, "reference": reference or "", "owner": invoice.owner_id,
    }  # fmt: skip
    made: Payment = create_records(ctx, PAYMENT, [values])[0]
    return made


@action("invoice.use_credit", label=_("Use the customer's credit"), icon="refresh", offered=_is_open, final=True,
        useful=lambda ctx, invoice: has_credit(customer_of(invoice)))  # fmt: skip
def use_credit(ctx: Context, invoice: Invoice) -> None:
    """Pay an invoice with what is the customer's and not used yet, the oldest first.

    Raises:
        RuleViolation: nothing is to be paid of it, or the customer has no credit.
    """
    now = held(invoice)
    if not _is_open(now):
        raise RuleViolation(msg("Nothing is to be paid of this invoice."), "status")
    wanted, made = now.uncovered, []
    for source in _usable(ctx, credits_of(customer_of(now))):
        left = source.unused if isinstance(source, Payment) else source.balance
        if part := min(left, wanted):
            made.append(allocation(source, part, invoice=now))
            wanted -= part
    if not made:
        raise RuleViolation(msg("The customer has no unused credit."), "balance")
    keep(ctx, made)


def _usable(ctx: Context, sources: Sequence[Payment | Invoice]) -> list[Payment | Invoice]:
    """Those that the actor may put to an invoice: colleagues' receipts and returns are put there by those who may."""
    receipts = covered(ctx.actor, "payment.allocate", [s for s in sources if isinstance(s, Payment)])
    notes = covered(ctx.actor, "invoice.use_credit", [s for s in sources if isinstance(s, Invoice)])
    return [s for s in sources if s.id in (receipts if isinstance(s, Payment) else notes)]


@action(
    "invoice.send",
    label=_("Mark as sent"),
    icon="mail",
    offered=lambda i: i.status not in ("draft", "cancelled") and i.sent_at is None,
    final=True,
)
def send_invoice(ctx: Context, invoice: Invoice) -> None:
    """Say that the customer has this paper.

    Raises:
        RuleViolation: it is a draft.
    """
    if invoice.status == "draft":
        raise RuleViolation(msg("A draft has no number yet; issue it first."), "status")
    with at_work():
        update_records(ctx, INVOICE, [invoice], [{"sent_at": clock.now()}])
    ctx.record(
        InvoiceSent(
            **about(INVOICE, invoice),
        )
    )


@action(
    "invoice.convert",
    label=_("Make an invoice"),
    icon="money",
    offered=lambda i: i.kind == "proforma" and i.status == "issued",
    opens=True,
)
def convert_proforma(ctx: Context, invoice: Invoice) -> Invoice:
    """Write the draft of an invoice from a pro-forma invoice.

    Raises:
        RuleViolation: it is none, is not issued, or was made into an invoice already.
    """
    now = held(invoice)
    if now.kind != "proforma" or now.status != "issued":
        raise RuleViolation(msg("Only an issued pro-forma invoice becomes an invoice, and once."), "status")
    keys = (
        "discount",
        "discount_amount",
        "terms_days",
        "terms",
        "note",
        "tax_type",
        "tax_pattern",
        "settlement",
    )
    values = {
        "kind": "invoice", "company": now.company_id, "person": now.person_id, "deal": now.deal_id, "quote": now.quote_id,
        "owner": now.owner_id, "original": now.id, "lines": copied_lines(now), **{key: getattr(now, key) for key in keys},
    }  # fmt: skip
    made: Invoice = create_records(ctx, INVOICE, [values])[0]
    with at_work():
        update_records(ctx, INVOICE, [now], [{"status": "invoiced"}])
    return made


@action(
    "invoice.cancel",
    label=_("Cancel the invoice"),
    icon="xc",
    tone="danger",
    inputs=(_REASON, _DAY),
    offered=lambda i: _can_come_back(i) or (i.kind == "proforma" and i.status == "issued"),
    final=True,
)
def cancel_invoice(ctx: Context, invoice: Invoice, *, reason: str, day: date | None = None) -> Invoice | None:
    """Cancel an issued paper; an invoice by a credit note over all of it, dated in an open year.

    Raises:
        RuleViolation: it is a draft, a credit note, or cancelled already.
    """
    return cancel(ctx, invoice, day, reason)


@action(
    "invoice.return",
    label=_("Take back"),
    icon="undo",
    inputs=(
        LongText(
            key="lines",
            label=_("Returned items"),
            required=True,
            help=_(
                "A line of this invoice and how much of it, each in a row: 1: 2 is two of the first line."
            ),
            max_length=2000,
        ),
        _REASON,
        _DAY,
    ),
    offered=_can_come_back,
    button=False,
)
def return_part(
    ctx: Context, invoice: Invoice, *, lines: str, reason: str, day: date | None = None
) -> Invoice:
    """Take part of an invoice back by a credit note, limited to what did not come back yet.

    Raises:
        RuleViolation: more would come back than went out.
        Invalid: a row is not understood.
    """
    return return_lines(ctx, invoice, _quantities(invoice, lines), day, reason)


def _quantities(invoice: Invoice, text: str) -> dict[int, Decimal]:
    rows = lines_of(invoice)
    found: dict[int, Decimal] = {}
    for row in filter(None, (part.strip() for part in text.replace(";", "\n").splitlines())):
        place, _sign, amount = row.partition(":")
        try:
            n, quantity = int(parse_number(place)), parse_number(amount)
        except Invalid as error:
            raise error.at("lines") from None
        if not 1 <= n <= len(rows):
            raise Invalid.of(msg("This invoice has %(count)s lines.", count=len(rows)), "lines")
        found[rows[n - 1].id] = found.get(rows[n - 1].id, Decimal(0)) + quantity
    return found


def returnable(invoice: Invoice) -> list[tuple[int, Any, Decimal]]:
    """The place of each line of an invoice, the line, and how much of it did not come back yet."""
    rows = lines_of(invoice)
    before = returned_before(rows)
    return [(n, row, row.quantity - before[row.id]) for n, row in enumerate(rows, 1)]


@action(
    "invoice.schedule",
    label=_("Instalments"),
    icon="cal",
    inputs=(
        Number(key="count", label=_("How many"), min=1, max=MOST_PARTS, required=True, default=3),
        Day(key="first_on", label=_("First due on"), required=True, attr="due_on"),
        Number(key="months", label=_("Months between"), min=1, max=12, default=1),
    ),
    offered=_is_open,
    final=True,
)
def schedule_invoice(
    ctx: Context, invoice: Invoice, *, count: int, first_on: date, months: int | None = 1
) -> None:
    """Let an invoice be paid in parts that add up to it, months of the workspace's calendar apart.

    Raises:
        RuleViolation: nothing is to be paid of it, or the first day lies before the invoice.
    """
    now = held(invoice)
    if not _is_open(now):
        raise RuleViolation(msg("Nothing is to be paid of this invoice."), "status")
    if now.issued_on is not None and first_on < now.issued_on:
        raise RuleViolation(msg("The end cannot be before the beginning."), "first_on")
    if count > now.total:
        raise RuleViolation(msg("There are more parts than money."), "count")
    rounded_to = 10_000 if ctx.tenant.currency == "IRR" and now.total // count >= 1_000_000 else 1
    days = due_dates(first_on, count, months or 1, calendar_here())
    schedule(ctx, now, list(zip(days, parts_of(now.total, count, rounded_to=rounded_to), strict=True)))
    renew(ctx, [now.id])
    ctx.record(InvoiceScheduled(**about(INVOICE, now), parts=count))


@action(
    "company.set_credit_limit",
    label=_("Credit limit"),
    icon="shield",
    admin=True,
    inputs=(Money(key="amount", label=_("Credit limit"), help=_("Left empty: no limit.")),),
)
def set_credit_limit(ctx: Context, company: Company, *, amount: int | None = None) -> None:
    """Say up to how much a company may owe us; None for no limit.

    Raises:
        Invalid: it is below zero.
    """
    if amount is not None and amount < 0:
        raise Invalid.of(msg("This must not be below zero."), "amount")
    field = COMPANY.field("credit_limit", Limit)
    before = field.load([company.id]).get(company.id)
    if before != amount:
        field.store(ctx, {company.id: amount})
        record_changes(ctx, COMPANY, [(company, {"credit_limit": [before, amount]})])
        ctx.touch("company", company.id)
