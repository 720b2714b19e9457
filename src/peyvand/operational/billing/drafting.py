"""Invoices as they are written: drafts are priced, taxed and reckoned; what was issued stays as it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext, override

from peyvand.kernel import clock
from peyvand.kernel.errors import Refusals, RuleViolation, msg
from peyvand.kernel.numbers import localize
from peyvand.operational.billing.customers import customer_of
from peyvand.operational.billing.lines import LINES
from peyvand.operational.billing.models import Invoice
from peyvand.operational.billing.moving import is_at_work
from peyvand.operational.numbering.public import demand_open
from peyvand.operational.pricing.public import Terms, keep_settled, settle_lines
from peyvand.operational.quotes.public import Quote
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.spec import object_named

Values = Mapping[str, Any]
# What may be written on an issued invoice: nothing that stands on the paper.
FREE: Final = frozenset({"owner", "note", "tags", "tax_id", "settlement", "external_id"})
_TYPED: Final = ("product", "description", "unit", "quantity", "price", "discount", "tax")


def prepare_invoices(ctx: Context, invoices: Sequence[Invoice], values: Sequence[Values]) -> None:
    """Complete invoices about to be saved, or refuse them.

    Raises:
        RuleViolation: something would change that was issued; a credit note is written by hand; a day that cannot be.
        Invalid: a line has no price, or the discount does not fit.
    """
    if not is_at_work():
        _keep_issued(invoices, values)
    today = clock.today(ctx.tenant.tz)
    drafts = [
        (i, v) for i, v in zip(invoices, values, strict=True) if i.status == "draft" and i.kind != "credit"
    ]
    refusals = Refusals()
    for invoice, given in zip(invoices, values, strict=True):
        with refusals.of(None if invoice._state.adding else invoice.id):
            if not is_at_work():
                _check(invoice, given)
    refusals.settle()
    demand_first([i for i, v in drafts if v.keys() & {"quote", "kind"}])
    _forget_approvals([i for i, _ in drafts])
    for invoice in invoices:
        invoice.name = invoice.number or _draft_name(ctx, invoice)
    if not drafts:
        return
    totals = settle_lines(
        ctx, LINES, [i for i, _ in drafts], [v for _, v in drafts], lambda invoice: terms_of(invoice, today)
    )
    for (invoice, _), sums in zip(drafts, totals, strict=True):
        invoice.gross, invoice.reduction = sums.gross, sums.discount + sums.share
        invoice.net, invoice.tax, invoice.total = sums.net, sums.tax, sums.total


def _draft_name(ctx: Context, invoice: Invoice) -> str:
    """What a draft is called: never after its customer, whom not everybody sees who sees the draft."""
    with override(ctx.tenant.language):
        return gettext("Draft %(n)s") % {"n": localize(str(invoice.id), ctx.tenant.language)}


def _forget_approvals(drafts: Sequence[Invoice]) -> None:
    """What was approved beyond a credit limit was approved for that customer, and for no other."""
    approved = {i.id: i for i in drafts if i.approved_total is not None and not i._state.adding}
    for old in Invoice.objects.filter(id__in=approved):
        if customer_of(old) != customer_of(approved[old.id]):
            approved[old.id].approved_total = None


def tell_invoices(ctx: Context, invoices: Sequence[Invoice], values: Sequence[Values], created: bool) -> None:
    """Write the lines that changed because of what else the draft says."""
    keep_settled(ctx, LINES, [i for i in invoices if i.status == "draft" and i.kind != "credit"])


def told_invoices(invoice: Invoice) -> frozenset[str]:
    """What the facts of issuing, sending and cancelling tell: all that nobody may write by hand any more, nor is asked for."""
    if invoice.status == "draft" and not is_at_work():
        return frozenset()
    return frozenset(field.key for field in object_named("invoice").fields) - FREE


def terms_of(invoice: Invoice, today: date) -> Terms:
    """What of an invoice its lines depend on."""
    return Terms(
        invoice.issued_on or today,
        invoice.company_id,
        discount=invoice.discount,
        discount_amount=invoice.discount_amount,
    )


def demand_first(invoices: Sequence[Invoice]) -> None:
    """Refuse a second invoice, or a second pro-forma invoice, of one quote. Whoever makes one at the same time waits.

    Raises:
        RuleViolation: the quote has one already.
    """
    quotes = {i.quote_id for i in invoices if i.quote_id is not None}
    if not quotes:
        return
    list(Quote.objects.filter(id__in=quotes).order_by("id").select_for_update(of=("self",), no_key=True))
    rows = Invoice.objects.filter(quote_id__in=quotes, deleted_at__isnull=True).exclude(status="cancelled")
    made: dict[tuple[int | None, str], set[tuple[int, str]]] = defaultdict(set)
    for id, quote_id, kind, name in rows.values_list("id", "quote_id", "kind", "name"):
        made[quote_id, kind].add((id, name))
    refusals = Refusals()
    for invoice in invoices:
        own = made[invoice.quote_id, invoice.kind] if invoice.quote_id is not None else set()
        with refusals.of(None if invoice._state.adding else invoice.id):
            for _, name in sorted(each for each in own if each[0] != invoice.id):
                raise RuleViolation(msg("This quote has an invoice already: %(name)s.", name=name), "quote")
        own.add((invoice.id, invoice.name))
    refusals.settle()


def _check(invoice: Invoice, given: Values) -> None:
    if invoice.kind == "credit" and (invoice._state.adding or "kind" in given) and invoice.status == "draft":
        raise RuleViolation(
            msg("A credit note is made from its invoice: cancel it, or return a part of it."), "kind"
        )
    if invoice.issued_on and invoice.due_on and invoice.due_on < invoice.issued_on:
        raise RuleViolation(msg("The end cannot be before the beginning."), "due_on")
    if invoice.status == "draft" and given.get("issued_on"):
        demand_open(given["issued_on"], "issued_on")


def _keep_issued(invoices: Sequence[Invoice], values: Sequence[Values]) -> None:
    """Refuse changes of what stands on an issued paper."""
    asked = [i.id for i, v in zip(invoices, values, strict=True) if not i._state.adding and set(v) - FREE]
    issued = {i.id: i for i in Invoice.objects.filter(id__in=asked).exclude(status="draft")}
    if not issued:
        return
    spec = object_named("invoice")
    custom = {f.key for f in spec.custom_fields}
    lines = LINES.load(list(issued))
    refusals = Refusals()
    for invoice, given in zip(invoices, values, strict=True):
        if (old := issued.get(invoice.id)) is None:
            continue
        for key in given.keys() - FREE - custom:
            same = (
                _as_typed(given[key]) == _as_typed(lines.get(old.id, ()))
                if key == LINES.key
                else spec.field(key).read(old) == given[key]
            )
            if not same:
                with refusals.of(invoice.id):
                    raise RuleViolation(
                        msg(
                            "What was issued does not change. Cancel it, or return a part of it, and issue another."
                        ),
                        key,
                    )
    refusals.settle()


def _as_typed(items: Sequence[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
    return [
        tuple((item.get(key) or {}).get("id") if key == "product" else item.get(key) for key in _TYPED)
        for item in items
    ]
