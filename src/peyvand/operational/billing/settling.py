"""What of invoices is paid: allocations put down, and what follows from them brought up to date, in sets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from django.db.models import F, Q, Sum

from peyvand.kernel import clock
from peyvand.operational.billing.arithmetic import spread
from peyvand.operational.billing.customers import OPEN, Customer, customer_of, papers_of
from peyvand.operational.billing.events import InvoicePaid
from peyvand.operational.billing.models import Allocation, Cheque, Instalment, Invoice, Payment
from peyvand.platform.actions.context import Context
from peyvand.platform.database.bulk import update_rows
from peyvand.platform.objects.changes import record_changes
from peyvand.platform.objects.references import subjects_of
from peyvand.platform.objects.spec import object_named

Source = Payment | Cheque | Invoice
_INVOICE_KEYS: Final = ("paid", "credited", "covered", "balance", "status", "due_on")


def open_invoices(customers: Iterable[Customer]) -> dict[Customer, list[Invoice]]:
    """The invoices of each customer that something is still to be paid of, those due first before the others; locked."""
    rows = Invoice.objects.filter(
        papers_of(customers), kind="invoice", status__in=OPEN, deleted_at__isnull=True
    ).order_by("id")
    found: dict[Customer, list[Invoice]] = defaultdict(list)
    for invoice in sorted(
        rows.select_for_update(of=("self",), no_key=True), key=lambda i: (i.due_on or date.max, i.id)
    ):
        found[customer_of(invoice)].append(invoice)
    return found


def credits_of(customer: Customer) -> list[Payment | Invoice]:
    """What is the customer's and not used: receipts and credit notes with something left, the oldest first; locked."""
    of = papers_of([customer])
    receipts = Payment.objects.filter(of, kind="receipt", status="valid", unused__gt=0).order_by(
        "paid_on", "id"
    )
    notes = Invoice.objects.filter(of, kind="credit", status="issued", balance__gt=0, deleted_at__isnull=True)
    return [
        *receipts.select_for_update(of=("self",), no_key=True),
        *notes.order_by("issued_on", "id").select_for_update(of=("self",), no_key=True),
    ]


def has_credit(customer: Customer) -> bool:
    """Whether anything is the customer's and not used; nothing is locked."""
    of = papers_of([customer])
    return (
        Payment.objects.filter(of, kind="receipt", status="valid", unused__gt=0).exists()
        or Invoice.objects.filter(
            of, kind="credit", status="issued", balance__gt=0, deleted_at__isnull=True
        ).exists()
    )


def allocation(
    source: Source, amount: int, *, invoice: Invoice | None = None, refund: Payment | None = None
) -> Allocation:
    """A part of a source that goes to an invoice or back by a refund; not written yet."""
    column = {Payment: "payment_id", Cheque: "cheque_id", Invoice: "credit_id"}[type(source)]
    return Allocation(
        amount=amount,
        at=clock.now(),
        to_invoice_id=invoice.id if invoice else None,
        to_refund_id=refund.id if refund else None,
        **{column: source.id},
    )


def put(source: Source, amount: int, invoices: Sequence[Invoice]) -> list[Allocation]:
    """An amount of a source put to invoices, one after the other, as far as each is neither paid nor covered. The invoices
    remember it until they are renewed."""
    made = []
    for invoice, part in zip(invoices, spread(amount, [i.uncovered for i in invoices]), strict=True):
        if part:
            made.append(allocation(source, part, invoice=invoice))
            invoice.balance -= part
    return made


def keep(ctx: Context, made: Sequence[Allocation], *, payments: Collection[int] = ()) -> None:
    """Write allocations and renew all that they touch; ``payments`` are renewed too."""
    Allocation.objects.bulk_create(made)
    renew_touched(ctx, made, payments=payments)


def drop(ctx: Context, rows: Sequence[Allocation], *, payments: Collection[int] = ()) -> None:
    """Take allocations away and renew all that they touched."""
    Allocation.objects.filter(id__in=[row.id for row in rows]).delete()
    renew_touched(ctx, rows, payments=payments)


def renew_touched(ctx: Context, rows: Sequence[Allocation], *, payments: Collection[int] = ()) -> None:
    """Renew what these allocations lead from and to."""
    invoices = {id for row in rows for id in (row.to_invoice_id, row.credit_id) if id is not None}
    renew(ctx, invoices, {row.payment_id for row in rows if row.payment_id is not None} | set(payments))


def renew(ctx: Context, invoices: Collection[int], payments: Collection[int] = ()) -> None:
    """Work out anew what of these invoices, credit notes and payments is paid or used, from the allocations."""
    if invoices:
        _renew_invoices(ctx, invoices)
    if payments:
        _renew_payments(ctx, payments)


def _by(column: str, ids: Collection[int], **also: Any) -> dict[int, int]:
    rows = Allocation.objects.filter(**{f"{column}__in": list(ids)}, **also).values_list(column)
    return dict(rows.annotate(n=Sum("amount")))


def _renew_invoices(ctx: Context, ids: Collection[int]) -> None:
    today = clock.today(ctx.tenant.tz)
    invoices = list(
        Invoice.objects.filter(id__in=list(ids))
        .exclude(status="draft")
        .order_by("id")
        .select_for_update(of=("self",), no_key=True)
    )
    paid, credited, covered = (
        _by("to_invoice_id", ids, **{f"{source}__isnull": False})
        for source in ("payment", "credit", "cheque")
    )
    used = _by("credit_id", ids)
    parts: dict[int, list[Instalment]] = defaultdict(list)
    for part in Instalment.objects.filter(invoice_id__in=list(ids)).order_by("place"):
        parts[part.invoice_id].append(part)
    changed: list[tuple[Invoice, dict[str, Any]]] = []
    altered: list[Instalment] = []
    settled: list[Invoice] = []
    for invoice in invoices:
        before = {key: getattr(invoice, key) for key in _INVOICE_KEYS}
        if invoice.kind == "credit":
            invoice.balance = invoice.total - used.get(invoice.id, 0)
            invoice.status = "issued" if invoice.balance else "used"
        elif invoice.kind == "invoice":
            invoice.paid, invoice.credited = paid.get(invoice.id, 0), credited.get(invoice.id, 0)
            invoice.covered = covered.get(invoice.id, 0)
            invoice.balance = invoice.total - invoice.paid - invoice.credited
            altered += _fill(parts[invoice.id], invoice.paid + invoice.credited, today)
            owing = [p.due_on for p in parts[invoice.id] if p.rest]
            if owing:
                invoice.due_on = owing[0]
            if invoice.status != "cancelled":
                invoice.status = status_of(invoice, today)
        now = {key: getattr(invoice, key) for key in _INVOICE_KEYS}
        if now != before:
            changed.append(
                (
                    invoice,
                    {key: [_plain(before[key]), _plain(now[key])] for key in now if now[key] != before[key]},
                )
            )
            if now["status"] == "paid" != before["status"]:
                settled.append(invoice)
    _write(ctx, changed)
    if altered:
        update_rows(Instalment, ("paid", "rest", "state"), ((p.id, p.paid, p.rest, p.state) for p in altered))
        ctx.touch("instalment", *(p.id for p in altered))
    spec = object_named("invoice")
    ctx.record(*(
        InvoicePaid(object="invoice", object_id=i.id, title=i.name, subjects=subjects, amount=i.total)
        for i, subjects in zip(settled, subjects_of(spec, settled), strict=True)
    ))  # fmt: skip


def _write(ctx: Context, changed: Sequence[tuple[Invoice, dict[str, Any]]]) -> None:
    if not changed:
        return
    rows = ((i.id, *(getattr(i, key) for key in _INVOICE_KEYS)) for i, _ in changed)
    update_rows(Invoice, _INVOICE_KEYS, rows)
    told = {i.id: _INVOICE_KEYS for i, _ in changed}
    record_changes(ctx, object_named("invoice"), changed, told=told)
    ctx.touch("invoice", *(i.id for i, _ in changed))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _fill(parts: Sequence[Instalment], amount: int, today: date) -> list[Instalment]:
    """Let an amount fill the parts of an invoice; returns those that it changed."""
    altered = []
    for part, paid in zip(parts, spread(amount, [p.amount for p in parts]), strict=True):
        state = _state(part.amount - paid, paid, part.due_on, today)
        if (paid, state) != (part.paid, part.state):
            part.paid, part.rest, part.state = paid, part.amount - paid, state
            altered.append(part)
    return altered


def _state(rest: int, paid: int, due_on: date, today: date) -> str:
    if not rest:
        return "paid"
    if due_on < today:
        return "overdue"
    return "part_paid" if paid else "open"


def status_of(invoice: Invoice, today: date) -> str:
    """The state of an issued invoice on a day."""
    done = invoice.paid + invoice.credited
    state = _state(invoice.balance, done, invoice.due_on or date.max, today)
    return "issued" if state == "open" else state


def _renew_payments(ctx: Context, ids: Collection[int]) -> None:
    used = _by("payment_id", ids)
    changed: list[tuple[Payment, dict[str, Any]]] = []
    for payment in (
        Payment.objects.filter(id__in=list(ids)).order_by("id").select_for_update(of=("self",), no_key=True)
    ):
        is_receipt = payment.kind == "receipt" and payment.status == "valid"
        unused = payment.amount - used.get(payment.id, 0) if is_receipt else 0
        if unused != payment.unused:
            changed.append((payment, {"unused": [payment.unused, unused]}))
            payment.unused = unused
    if changed:
        update_rows(Payment, ("unused",), ((p.id, p.unused) for p, _ in changed))
        record_changes(ctx, object_named("payment"), changed, told={p.id: ("unused",) for p, _ in changed})
        ctx.touch("payment", *(p.id for p, _ in changed))


def make_overdue(ctx: Context, today: date) -> None:
    """Bring those up to date whose day has passed since somebody touched them."""
    parts = Instalment.objects.filter(rest__gt=0, due_on__lt=today).exclude(state="overdue")
    renew(ctx, set(parts.values_list("invoice_id", flat=True)))


def allocated(**of: Any) -> list[Allocation]:
    """The allocations from or to something, the oldest first; locked."""
    return list(Allocation.objects.filter(**of).order_by("id").select_for_update(of=("self",), no_key=True))


def paying(invoice_id: int) -> Sequence[Mapping[str, Any]]:
    """What pays an invoice and is not recorded for it alone: for its card, beside the lists of its own papers."""
    own = Q(payment__invoice_id=invoice_id, payment__amount=F("amount")) | Q(
        cheque__invoice_id=invoice_id, cheque__amount=F("amount")
    )
    rows = Allocation.objects.filter(to_invoice_id=invoice_id).exclude(own).order_by("id")
    return list(rows.values(
        "amount", "at", "payment_id", "credit_id", "cheque_id",
        payment_name=F("payment__name"), credit_name=F("credit__name"), cheque_name=F("cheque__name"),
    ))  # fmt: skip
