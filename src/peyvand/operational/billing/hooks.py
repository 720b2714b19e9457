"""What happens when payments, cheques and contracts are written, and what keeps those from the bin that papers name."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, Message, Refusals, RuleViolation, msg
from peyvand.operational.billing.customers import OPEN, Customer, customer_of, hold
from peyvand.operational.billing.events import PaymentReceived, PaymentRefunded
from peyvand.operational.billing.models import (
    Allocation,
    Cheque,
    Contract,
    Invoice,
    Payment,
)
from peyvand.operational.billing.moving import is_at_work
from peyvand.operational.billing.settling import allocation, credits_of, keep, open_invoices, put
from peyvand.operational.numbering.public import demand_open, next_numbers
from peyvand.platform.access.decisions import demand
from peyvand.platform.access.rules import covered
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.references import subjects_of
from peyvand.platform.objects.spec import object_named

Values = Mapping[str, Any]
_FREE: Final = frozenset({"owner", "note", "reference", "external_id", "tags"})
_OF_CHEQUE: Final = _FREE | {"sayad", "number", "bank", "branch", "drawer", "due_on"}


def prepare_payments(ctx: Context, payments: Sequence[Payment], values: Sequence[Values]) -> None:
    """Complete payments about to be recorded; what was recorded stays.

    Raises:
        Invalid: nobody is named, or the amount is none.
        RuleViolation: it would change afterwards, is dated into a closed year, or its invoice takes none.
    """
    _keep_recorded(Payment, payments, values, _FREE)
    new = [p for p in payments if p._state.adding]
    _complete(ctx, new)
    for payment in new:
        payment.paid_on = payment.paid_on or clock.today(ctx.tenant.tz)
        demand_open(payment.paid_on, "paid_on")
        if payment.paid_on > clock.today(ctx.tenant.tz):
            raise RuleViolation(msg("A payment is recorded once it was made, not before."), "paid_on")
        if payment.kind == "refund" and payment.invoice_id is not None:
            raise RuleViolation(msg("A refund pays back credit; it is for no invoice."), "invoice")
        payment.unused = payment.amount if payment.kind == "receipt" else 0
    for payment, number in zip(new, next_numbers("receipt", [p.paid_on for p in new]), strict=True):
        payment.number = number
    for payment in payments:
        payment.name = payment.number


def settle_payments(
    ctx: Context, payments: Sequence[Payment], values: Sequence[Values], created: bool
) -> None:
    """Let receipts pay invoices, and refunds take from what is the customer's."""
    if not created:
        return
    # What a cleared cheque pays, its own action says.
    made = _pay(ctx, [p for p in payments if p.kind == "receipt" and p.cheque_id is None])
    keep(ctx, made)
    for payment in payments:
        if payment.kind == "refund":
            # The next one finds what this one leaves.
            taken = _refunded(ctx, payment)
            keep(ctx, taken)
            made += taken
    used: dict[int, int] = defaultdict(int)
    for one in made:
        if one.payment_id is not None:
            used[one.payment_id] += one.amount
    for payment in payments:
        # What was written beside the record, also on the record.
        payment.unused -= used[payment.id]
    _tell(ctx, payments)


def _pay(ctx: Context, receipts: Sequence[Payment | Cheque]) -> list[Allocation]:
    """Put receipts or cheques to the invoice that each is for, or to the oldest open ones of its customer that the actor may
    record payments of: the rest stays the customer's credit.

    Raises:
        NotAllowed, NotFound: a receipt is for an invoice of which the actor may not.
    """
    if not receipts:
        return []
    found = open_invoices({customer_of(p) for p in receipts})
    by_id = {i.id: i for invoices in found.values() for i in invoices}
    open_to = covered(ctx.actor, "invoice.record_payment", list(by_id.values()))
    made: list[Allocation] = []
    for receipt in receipts:
        if receipt.invoice_id is not None:
            chosen = [by_id[receipt.invoice_id]] if receipt.invoice_id in by_id else []
            if chosen and receipt.invoice_id not in open_to:
                demand(ctx.actor, "invoice.record_payment", chosen[0])
        else:
            chosen = [invoice for invoice in found[customer_of(receipt)] if invoice.id in open_to]
        made += put(receipt, receipt.amount, chosen)
    return made


def _refunded(ctx: Context, refund: Payment) -> list[Allocation]:
    """Where a refund takes its money from. Whoever pays it back must be one who may take those papers back; a cheque that
    bounces after its year takes only what it brought."""
    wanted, made = refund.amount, []
    for source in credits_of(customer_of(refund)):
        left = source.unused if isinstance(source, Payment) else source.balance
        part = min(left, wanted)
        if part:
            if refund.cheque_id is None:
                verb = "payment.void" if isinstance(source, Payment) else "invoice.return"
                demand(ctx.actor, verb, source)
            made.append(allocation(source, part, refund=refund))
            wanted -= part
    if wanted:
        raise RuleViolation(
            msg("The customer has less credit than this; no more can be paid back than is theirs."), "amount"
        )
    return made


def _tell(ctx: Context, payments: Sequence[Payment]) -> None:
    for payment, subjects in zip(payments, subjects_of(object_named("payment"), payments), strict=True):
        said: dict[str, Any] = {
            "object": "payment", "object_id": payment.id, "title": payment.name, "subjects": subjects, "amount": payment.amount,
            "method": payment.method, "paid_on": payment.paid_on.isoformat(),
        }  # fmt: skip
        ctx.record(PaymentReceived(**said) if payment.kind == "receipt" else PaymentRefunded(**said))


def prepare_cheques(ctx: Context, cheques: Sequence[Cheque], values: Sequence[Values]) -> None:
    """Complete cheques about to be recorded; afterwards only what was mistyped on them is mended.

    Raises:
        Invalid: nobody is named, the amount is none, or the Sayad number is that of another cheque.
        RuleViolation: it would change afterwards.
    """
    _keep_recorded(Cheque, cheques, values, _OF_CHEQUE)
    new = [c for c in cheques if c._state.adding]
    _complete(ctx, new)
    for cheque in new:
        cheque.received_on = cheque.received_on or clock.today(ctx.tenant.tz)
        cheque.state_since = clock.now()
    _demand_single(cheques)
    for cheque in cheques:
        cheque.name = cheque.number or cheque.sayad or cheque.bank or str(cheque.id)


def settle_cheques(ctx: Context, cheques: Sequence[Cheque], values: Sequence[Values], created: bool) -> None:
    """Let cheques that were received cover invoices."""
    if created:
        keep(ctx, _pay(ctx, cheques))


def cover(ctx: Context, cheque: Cheque) -> None:
    """Let a cheque that is on its way again cover invoices again."""
    keep(ctx, _pay(ctx, [cheque]))


def _demand_single(cheques: Sequence[Cheque]) -> None:
    numbers = Counter(c.sayad for c in cheques if c.sayad)
    mine = {c.id for c in cheques}
    known = set(
        Cheque.objects.filter(sayad__in=numbers.keys(), deleted_at__isnull=True)
        .exclude(id__in=mine)
        .values_list("sayad", flat=True)
    )
    for cheque in cheques:
        if cheque.sayad in known or numbers[cheque.sayad] > 1:
            raise Invalid.of(msg("A cheque with this Sayad number was recorded already."), "sayad", "taken")


def _complete(ctx: Context, papers: Sequence[Payment | Cheque]) -> None:
    """Take the customer of the invoice where none is given, and hold the customers' money."""
    invoices = {
        i.id: i for i in Invoice.objects.filter(id__in={p.invoice_id for p in papers if p.invoice_id})
    }
    for paper in papers:
        if paper.amount is None or paper.amount <= 0:
            raise Invalid.of(msg("This must be more than zero."), "amount")
        invoice = invoices.get(paper.invoice_id or 0)
        if invoice is not None:
            if customer_of(paper) == Customer():
                paper.company_id, paper.person_id = invoice.company_id, invoice.person_id
            if customer_of(paper) != customer_of(invoice):
                raise RuleViolation(msg("This invoice is another customer's."), "invoice")
            if invoice.kind != "invoice" or invoice.status not in OPEN:
                raise RuleViolation(msg("Nothing is to be paid of this invoice."), "invoice")
            demand(ctx.actor, "invoice.record_payment", invoice)
        if not customer_of(paper).is_known:
            raise Invalid.of(msg("Say whose this is: a company or a person."), "company", "required")
    hold(customer_of(p) for p in papers)


def _keep_recorded(
    model: type[Payment | Cheque], papers: Sequence[Any], values: Sequence[Values], free: frozenset[str]
) -> None:
    """Refuse changes of money that was recorded."""
    if is_at_work():
        return
    spec = object_named(model._meta.model_name or "")
    asked = [p.id for p, v in zip(papers, values, strict=True) if not p._state.adding and set(v) - free]
    old = {p.id: p for p in model.objects.filter(id__in=asked)} if asked else {}
    custom = {f.key for f in spec.custom_fields}
    refusals = Refusals()
    for paper, given in zip(papers, values, strict=True):
        if paper.id not in old:
            continue
        for key in given.keys() - free - custom:
            if spec.field(key).read(old[paper.id]) != given[key]:
                with refusals.of(paper.id):
                    raise RuleViolation(
                        msg("Money that was recorded does not change; void it and record it anew."), key
                    )
    refusals.settle()


def prepare_contracts(ctx: Context, contracts: Sequence[Contract], values: Sequence[Values]) -> None:
    """Number contracts, and refuse an end before the beginning."""
    refusals = Refusals()
    for contract in contracts:
        with refusals.of(None if contract._state.adding else contract.id):
            if contract.starts_on and contract.ends_on and contract.ends_on < contract.starts_on:
                raise RuleViolation(msg("The end cannot be before the beginning."), "ends_on")
            if contract.renewal == "auto" and (contract.ends_on is None or contract.starts_on is None):
                raise RuleViolation(
                    msg("What goes on by itself needs a beginning and an end: they say for how long."),
                    "renewal",
                )
    refusals.settle()
    _number(contracts, clock.today(ctx.tenant.tz))
    for contract in contracts:
        contract.name = contract.number


def _number(contracts: Sequence[Contract], today: date) -> None:
    """Give new contracts without a number the next ones that nobody typed by hand before."""
    typed = {c.number for c in contracts}
    fresh = [c for c in contracts if c._state.adding and not c.number]
    while fresh:
        for contract, number in zip(
            fresh, next_numbers("contract", [c.starts_on or today for c in fresh]), strict=True
        ):
            contract.number = number
        given = [c.number for c in fresh]
        taken = typed | set(Contract.objects.filter(number__in=given).values_list("number", flat=True))
        fresh = [c for c in fresh if c.number in taken]


def why_invoice_stays(invoice: Invoice) -> Message | None:
    """What was issued stays; only drafts go to the bin."""
    if invoice.status == "draft":
        return None
    return msg(
        "“%(name)s” was issued and keeps its number; cancel it instead of deleting it.", name=invoice.name
    )


def _keeping(column: str) -> Callable[[Context, Sequence[Any]], None]:
    def keep_used(ctx: Context, records: Sequence[Any]) -> None:
        """Whoever papers name stays with them."""
        ids = [record.id for record in records]
        named: set[int] = set()
        for model in (Invoice, Payment, Cheque, Contract):
            if any(f.name == column for f in model._meta.local_concrete_fields):
                rows = model.objects.filter(**{f"{column}_id__in": ids}, deleted_at__isnull=True)
                named |= set(rows.values_list(f"{column}_id", flat=True))
        refusals = Refusals()
        for record in records:
            with refusals.of(record.id):
                if record.id in named:
                    sentence = msg(
                        "Invoices, payments or contracts name “%(name)s”; it stays with them.",
                        name=record.name,
                    )
                    raise RuleViolation(sentence)
        refusals.settle()

    return keep_used


keep_companies, keep_people = _keeping("company"), _keeping("person")
keep_deals, keep_quotes = _keeping("deal"), _keeping("quote")
