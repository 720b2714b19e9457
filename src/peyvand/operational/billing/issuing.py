"""Issuing papers, taking them back, and making one of another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import OuterRef, Subquery, Sum

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, Problem, RuleViolation, msg
from peyvand.kernel.numbers import localize, rounded
from peyvand.operational.billing.arithmetic import Part
from peyvand.operational.billing.buyers import check_e_invoice, printed_buyer
from peyvand.operational.billing.customers import OPEN, Customer, customer_of, exposures, held
from peyvand.operational.billing.drafting import demand_first
from peyvand.operational.billing.events import InvoiceCancelled, InvoiceIssued, InvoiceReturned
from peyvand.operational.billing.identity import demand_identity
from peyvand.operational.billing.limits import demand_within
from peyvand.operational.billing.lines import LINES, lines_of, part_of, returned_before
from peyvand.operational.billing.models import Allocation, CreditLimit, Instalment, Invoice, InvoiceLine
from peyvand.operational.billing.moving import at_work
from peyvand.operational.billing.objects import INVOICE
from peyvand.operational.billing.reports import knows_money
from peyvand.operational.billing.settling import allocated, allocation, drop, keep, renew
from peyvand.operational.catalog.public import Product
from peyvand.operational.numbering.public import demand_open, next_number
from peyvand.operational.quotes.public import demand_seen
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.records import create_records, update_records
from peyvand.platform.objects.references import about

SERIES = {"invoice": "invoice", "proforma": "proforma", "credit": "credit_note"}
_COPIED = ("company_id", "person_id", "deal_id", "owner_id")
# Nobody issues a paper for a day further ahead; it would open the numbers of years to come.
LATEST = timedelta(days=31)


def issue(ctx: Context, invoice: Invoice, day: date | None) -> Invoice:
    """Give a draft its number and its day; from then on it does not change.

    Raises:
        RuleViolation: it was issued already, its day lies in a closed year, it takes off more than the actor may, or the
            customer's credit does not reach.
        Invalid: something is missing on it, or its customer is out of sight; each by its field.
    """
    now = held(invoice)
    if now.status != "draft":
        raise RuleViolation(msg("This was issued already, as %(number)s.", number=now.number), "status")
    on = day or now.issued_on or clock.today(ctx.tenant.tz)
    demand_open(on, "issued_on")
    if on > clock.today(ctx.tenant.tz) + LATEST:
        raise RuleViolation(msg("This day lies too far ahead."), "issued_on")
    # Reckoned for its day: the tax may be another than when it was written. That it was issued tells of the day too.
    with at_work():
        update_records(ctx, INVOICE, [now], [{"issued_on": on}])
    _demand_complete(now)
    demand_seen(ctx, now)
    demand_first([now])
    demand_within(ctx, now)
    due = now.due_on or on + timedelta(days=now.terms_days)
    if due < on:
        raise RuleViolation(msg("The end cannot be before the beginning."), "due_on")
    printed = printed_buyer(now)
    check_e_invoice(now, printed)
    demand_identity(ctx, now, printed)
    if now.kind == "invoice":
        _demand_credit(ctx, now)
    values: dict[str, Any] = {
        **printed,
        "due_on": due,
        "tax_subject": now.tax_subject or "1",
        "status": "issued",
    }
    if now.kind == "invoice":
        values |= {"balance": now.total}
    _numbered(ctx, now, on, values)
    known = Product.objects.filter(id=OuterRef("product_id")).values("stuff_id")[:1]
    InvoiceLine.objects.filter(invoice_id=now.id, product__isnull=False).update(stuff_id=Subquery(known))
    if now.kind == "invoice":
        schedule(ctx, now, [(due, now.total)])
        renew(ctx, [now.id])
    _told_issued(ctx, now, due)
    return now


def _numbered(ctx: Context, paper: Invoice, on: date, values: Mapping[str, Any]) -> None:
    number = next_number(SERIES[paper.kind], on)
    if Invoice.objects.filter(kind=paper.kind, number=number).exists():
        raise RuleViolation(
            msg(
                "The number %(number)s was given already; change the pattern of its series in the settings.",
                number=number,
            ),
            "number",
        )
    with at_work():
        update_records(ctx, INVOICE, [paper], [{**values, "number": number}])


def _told_issued(ctx: Context, paper: Invoice, due: date | None) -> None:
    ctx.record(
        InvoiceIssued(
            **about(INVOICE, paper),
            kind=paper.kind,
            amount=paper.total,
            issued_on=paper.issued_on.isoformat() if paper.issued_on else "",
            due_on=due.isoformat() if due else "",
        )
    )


def _demand_complete(invoice: Invoice) -> None:
    problems = []
    if not customer_of(invoice).is_known:
        problems.append(Problem("company", msg("Say whose this is: a company or a person."), "required"))
    if not InvoiceLine.objects.filter(invoice_id=invoice.id).exists():
        problems.append(Problem("lines", msg("There is nothing on this paper yet."), "required"))
    if problems:
        raise Invalid(problems)


def _demand_credit(ctx: Context, invoice: Invoice) -> None:
    found = beyond_limit(ctx, invoice)
    if found is not None and invoice.total > (invoice.approved_total or 0):
        limit, exposure = found
        if not knows_money(ctx.actor) or ctx.actor.grants.hides("company") & {"credit_limit"}:
            sentence = msg("The customer's credit does not reach. Somebody who may has to approve it first.")
            raise RuleViolation(sentence, "total", code="credit_limit")
        raise RuleViolation(
            msg(
                "The customer would owe %(amount)s, more than the credit limit of %(limit)s. Somebody who may has to approve it first.",
                amount=INVOICE.field("total").show(exposure + invoice.total, ctx.reader),
                limit=INVOICE.field("total").show(limit, ctx.reader),
            ),
            "total",
            code="credit_limit",
        )


def beyond_limit(ctx: Context, invoice: Invoice) -> tuple[int, int] | None:
    """The customer's limit and exposure where this invoice would go beyond the limit; else None."""
    standing = _standing(ctx, customer_of(invoice))
    return standing if standing is not None and standing[1] + invoice.total > standing[0] else None


def is_beyond_limit(ctx: Context, customer: Customer) -> bool:
    """Whether the customer owes more than the credit limit already."""
    standing = _standing(ctx, customer)
    return standing is not None and standing[1] > standing[0]


def _standing(ctx: Context, customer: Customer) -> tuple[int, int] | None:
    """The customer's limit and exposure; None without a limit."""
    limits = CreditLimit.objects.filter(company_id=customer.company_id)
    limit = limits.values_list("amount", flat=True).first() if customer.company_id is not None else None
    if limit is None:
        return None
    return limit, exposures([customer], clock.today(ctx.tenant.tz))[customer].balance


def schedule(ctx: Context, invoice: Invoice, parts: Sequence[tuple[date, int]]) -> None:
    """Put down when which part of an invoice is due, in place of what was put down before. The parts add up to its total."""
    Instalment.objects.filter(invoice_id=invoice.id).delete()
    made = Instalment.objects.bulk_create(
        Instalment(
            invoice_id=invoice.id, company_id=invoice.company_id, person_id=invoice.person_id, place=place, due_on=due_on,
            amount=amount, rest=amount, created_by_id=ctx.actor.user_id,
            name=invoice.number if len(parts) == 1
            else f"{invoice.number} · {localize(f'{place}/{len(parts)}', ctx.tenant.language)}",
        )
        for place, (due_on, amount) in enumerate(parts, 1)
    )  # fmt: skip
    ctx.touch("instalment", *(part.id for part in made))


def take_back(
    ctx: Context,
    invoice: Invoice,
    quantities: Mapping[int, Decimal],
    day: date | None,
    reason: str,
    subject: str,
) -> Invoice:
    """Make a credit note over so much of each line, by the line's id; issued at once. It takes off what is open of the
    invoice; what goes beyond is the customer's credit.

    Raises:
        RuleViolation: more would come back than was invoiced and did not come back yet; or its day lies in a closed year.
    """
    on = day or clock.today(ctx.tenant.tz)
    demand_open(on, "day")
    if invoice.issued_on is not None and on < invoice.issued_on:
        raise RuleViolation(msg("A return cannot be dated before the invoice."), "day")
    lines = lines_of(invoice)
    before = returned_before(lines)
    taken: list[tuple[InvoiceLine, Decimal, Part]] = []
    for line in lines:
        now = quantities.get(line.id, Decimal(0))
        if now < 0 or before[line.id] + now > line.quantity:
            raise RuleViolation(
                msg(
                    "Of “%(name)s” at most %(max)s can come back.",
                    name=line.description,
                    max=(line.quantity - before[line.id]).normalize(),
                ),
                "lines",
            )
        # A line keeps three decimals: anything finer would be credited, and never count as returned.
        if now != rounded(now, 3):
            raise RuleViolation(msg("This has too many decimals."), "lines")
        if now:
            taken.append((line, now, part_of(line, before[line.id], now)))
    if not taken:
        raise RuleViolation(msg("Nothing is left that could come back."), "lines")
    gross, net, tax = (sum(getattr(part, key) for *_, part in taken) for key in ("gross", "net", "tax"))
    notes = Invoice.objects.filter(original_id=invoice.id, kind="credit").aggregate(n=Sum("total"))["n"] or 0
    if notes + net + tax > invoice.total:
        raise RuleViolation(msg("More would come back than the invoice came to."), "lines")
    printed = {key: getattr(invoice, key) for key in ("buyer_kind", "buyer_name", "buyer_national_id", "buyer_economic_code",
                                                      "buyer_postal_code", "buyer_address", "tax_type", "tax_pattern")}  # fmt: skip
    values: dict[str, Any] = {
        **{key.removesuffix("_id"): getattr(invoice, key) for key in _COPIED}, **printed, "kind": "credit", "status": "issued",
        "original": invoice.id, "issued_on": on, "reason": reason, "tax_subject": subject, "gross": gross, "reduction": gross - net,
        "net": net, "tax": tax, "total": net + tax, "balance": net + tax, "terms_days": 0,
    }  # fmt: skip
    with at_work():
        note: Invoice = create_records(ctx, INVOICE, [values])[0]
    InvoiceLine.objects.bulk_create(
        InvoiceLine(
            invoice_id=note.id, of_line_id=line.id, position=n, product_id=line.product_id, description=line.description,
            unit=line.unit, quantity=now, price=line.price, discount=line.discount, tax=line.tax, tax_by_hand=True, gross=part.gross,
            discount_amount=part.gross - part.net, share=0, net=part.net, tax_amount=part.tax, total=part.total, cost=line.cost,
            stuff_id=line.stuff_id,
        )
        for n, (line, now, part) in enumerate(taken)
    )  # fmt: skip
    _numbered(ctx, note, on, {})
    _told_issued(ctx, note, None)
    return note


def return_lines(
    ctx: Context, invoice: Invoice, quantities: Mapping[int, Decimal], day: date | None, reason: str
) -> Invoice:
    """Take part of an invoice back.

    Raises:
        RuleViolation: it is no issued invoice, or more would come back than went out.
    """
    now = held(invoice)
    _demand_issued(now)
    note = take_back(ctx, now, quantities, day, reason, "4")
    open_part = min(note.total, now.uncovered)
    keep(ctx, [allocation(note, open_part, invoice=now)] if open_part else [])
    ctx.record(
        InvoiceReturned(
            **about(INVOICE, now),
            amount=note.total,
            credit_note=note.number,
            reason=reason,
        )
    )
    return note


def cancel(ctx: Context, invoice: Invoice, day: date | None, reason: str) -> Invoice | None:
    """Cancel an issued paper. An invoice is reversed by a credit note over all that did not come back yet, dated in an open
    year; what was paid of it is the customer's credit then, and cheques cover it no more.

    Raises:
        RuleViolation: it is a draft, a credit note, or cancelled already.
    """
    now = held(invoice)
    note: Invoice | None = None
    if now.kind == "proforma" and now.status == "issued":
        _cancelled(ctx, now, reason)
    else:
        _demand_issued(now)
        lines = lines_of(now)
        before = returned_before(lines)
        note = take_back(
            ctx, now, {line.id: line.quantity - before[line.id] for line in lines}, day, reason, "3"
        )
        _free(ctx, now, note)
        _cancelled(ctx, now, reason)
        renew(ctx, [now.id])
    ctx.record(
        InvoiceCancelled(
            **about(INVOICE, now),
            reason=reason,
            credit_note=note.number if note else "",
        )
    )
    return note


def _cancelled(ctx: Context, invoice: Invoice, reason: str) -> None:
    invoice.refresh_from_db()
    with at_work():
        update_records(ctx, INVOICE, [invoice], [{"status": "cancelled", "reason": reason}])


def _free(ctx: Context, invoice: Invoice, note: Invoice) -> None:
    """Let the credit note stand in for what paid and covered the invoice. What earlier returns gave back beyond what was
    open then stays paid: it was given back already."""
    rows = allocated(to_invoice_id=invoice.id)
    own = set(Invoice.objects.filter(original_id=invoice.id, kind="credit").values_list("id", flat=True))
    gone = [row for row in rows if row.cheque_id is not None]
    made = [allocation(note, note.total, invoice=invoice)] if note.total else []
    stays = invoice.total - note.total - sum(row.amount for row in rows if row.credit_id in own)
    for row in rows:
        if row.cheque_id is not None or row.credit_id in own:
            continue
        part = min(row.amount, stays)
        stays -= part
        if part < row.amount:
            gone.append(row)
            if part:
                kept = {"payment_id": row.payment_id, "credit_id": row.credit_id, "to_invoice_id": invoice.id}
                made.append(Allocation(**kept, amount=part, at=row.at))
    drop(ctx, gone)
    keep(ctx, made)


def _demand_issued(invoice: Invoice) -> None:
    if invoice.kind != "invoice" or invoice.status not in (*OPEN, "paid"):
        raise RuleViolation(msg("Only an issued invoice can be taken back."), "status")


def copied_lines(invoice: Invoice) -> tuple[dict[str, Any], ...]:
    """The lines of a paper for another one: prices as they were, taxes of the other's day."""
    return tuple(dict(item) for item in LINES.load([invoice.id]).get(invoice.id, ()))
