"""Cards beside a company, a deal and the papers of billing."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from peyvand.kernel import clock
from peyvand.operational.billing.customers import Customer, exposures
from peyvand.operational.billing.models import Allocation, CreditLimit, Instalment, Invoice
from peyvand.operational.billing.objects import CHEQUE, INSTALMENT, INVOICE, PAYMENT
from peyvand.operational.billing.reports import knows_money
from peyvand.operational.billing.settling import paying
from peyvand.platform.access.decisions import decide, visible
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.web.components.inputs import money_text
from peyvand.web.objects.pages.access import Opened
from peyvand.web.objects.pages.answers import page_url
from peyvand.web.objects.pages.cards import record_card
from peyvand.web.objects.resolve import address
from peyvand.web.shell.navigation import here
from peyvand.web.shell.today import Card

SHOWN = 12
_SUMS = frozenset({"total", "balance", "paid", "credited", "covered", "status"})
_NAMES = frozenset({"name", "number"})


def rows_at(ctx: Context, spec: ObjectSpec, *parts: dict[str, Any]) -> str:
    """The list of an object's records that meet all of these conditions."""
    return f"{address(ctx, spec)}/?{urlencode({'filter': json.dumps({'and': list(parts)})})}"


@record_card("company", order=30)
def account(ctx: Context, opened: Opened) -> Card | None:
    """What the company owes, how much of it is late, and how far its credit reaches."""
    if not knows_money(ctx.actor):
        return None
    today, company = clock.today(ctx.tenant.tz), opened.record
    customer = Customer(company_id=company.id)
    found = exposures([customer], today)[customer]
    limit = None
    if not ctx.actor.grants.hides("company") & {"credit_limit"}:
        limit = CreditLimit.objects.filter(company_id=company.id).values_list("amount", flat=True).first()
    mine = {"field": "company", "op": "is", "value": company.id}
    owed = {"field": "rest", "op": "gt", "value": 0}
    return Card("billing/record_account.html", {
        "exposure": found, "limit": limit, "left": None if limit is None else limit - found.balance,
        "worn": None if not limit else max(0, min(1, found.balance / limit)),
        "owed": rows_at(ctx, INSTALMENT, mine, owed),
        "late": rows_at(ctx, INSTALMENT, mine, owed, {"field": "due_on", "op": "before", "value": today.isoformat()}),
        "cheques": rows_at(ctx, CHEQUE, mine, {"field": "state", "op": "in", "value": ["received", "deposited", "handed_on"]}),
        "credits": rows_at(ctx, PAYMENT, mine, {"field": "unused", "op": "gt", "value": 0}),
        "statement": here(ctx, f"companies/{company.id}/statement"),
        "pay": f"{address(ctx, PAYMENT)}/new?{urlencode({'company': company.id})}" if decide(ctx.actor, "payment.create") else "",
        "cheque": f"{address(ctx, CHEQUE)}/new?{urlencode({'company': company.id})}" if decide(ctx.actor, "cheque.create") else "",
    })  # fmt: skip


@record_card("invoice", order=10)
def money_of(ctx: Context, opened: Opened) -> Card:
    """The paper, what pays it and what is due when."""
    invoice, seen = opened.record, opened.row.values
    knows = not ctx.actor.grants.hides("invoice") & _SUMS
    may = bool(decide(ctx.actor, "invoice.return", invoice))
    return Card("billing/record_money.html", {
        "pdf": f"{address(ctx, INVOICE, invoice.id)}/pdf",
        "back": f"{page_url(ctx, INVOICE, invoice.id)}take-back" if may and invoice.kind == "invoice" and invoice.status not in (
            "draft", "cancelled") else "",
        "invoice": invoice, "knows": knows, "status": seen.get("status"),
        "paying": _linked(ctx, paying(invoice.id)) if knows else [],
        "uses": _uses(ctx, credit_id=invoice.id) if knows and invoice.kind == "credit" else [],
        "parts": list(Instalment.objects.filter(invoice_id=invoice.id).order_by("place")[:SHOWN]) if knows else [],
        "share": invoice.paid / invoice.total if knows and invoice.total and invoice.kind == "invoice" else None,
        "instalments": rows_at(ctx, INSTALMENT, {"field": "invoice", "op": "is", "value": invoice.id}),
        "shown": SHOWN,
        "cheque": _cheque_for(ctx, invoice) if invoice.kind == "invoice" and invoice.uncovered > 0 else "",
    })  # fmt: skip


def _cheque_for(ctx: Context, invoice: Invoice) -> str:
    if not decide(ctx.actor, "cheque.create"):
        return ""
    given = {
        "invoice": invoice.id, "company": invoice.company_id, "person": invoice.person_id,
        "amount": None if ctx.actor.grants.hides("invoice") & _SUMS else money_text(invoice.uncovered, ctx.reader),
    }  # fmt: skip
    return f"{address(ctx, CHEQUE)}/new?{urlencode({key: id for key, id in given.items() if id is not None})}"


@record_card("payment", order=10)
def used_for(ctx: Context, opened: Opened) -> Card | None:
    """What a payment pays."""
    if ctx.actor.grants.hides("payment") & {"amount", "unused"}:
        return None
    rows = _uses(ctx, payment_id=opened.record.id) or _uses(ctx, to_refund_id=opened.record.id)
    return Card("billing/record_uses.html", {"rows": rows}) if rows else None


@record_card("cheque", order=10)
def covers(ctx: Context, opened: Opened) -> Card | None:
    """What a cheque covers."""
    if "amount" in ctx.actor.grants.hides("cheque"):
        return None
    rows = _uses(ctx, cheque_id=opened.record.id)
    return Card("billing/record_uses.html", {"rows": rows, "is_cheque": True}) if rows else None


def _linked(ctx: Context, rows: Any) -> list[dict[str, Any]]:
    """What pays an invoice, as far as the actor sees it."""
    kinds = {"payment": PAYMENT, "credit": INVOICE, "cheque": CHEQUE}
    told = {kind: _told(ctx, spec, {row[f"{kind}_id"] for row in rows}) for kind, spec in kinds.items()}
    out = []
    for row in rows:
        kind = next(key for key in kinds if row[f"{key}_id"])
        spec = kinds[kind]
        if row[f"{kind}_id"] not in told[kind]:
            continue
        out.append({
            "url": page_url(ctx, spec, row[f"{kind}_id"]), "name": row[f"{kind}_name"], "amount": row["amount"], "at": row["at"],
            "kind": kind,
        })  # fmt: skip
    return out


def _uses(ctx: Context, **of: int) -> list[dict[str, Any]]:
    """Where the money of a paper went, as far as the actor sees it."""
    rows = list(Allocation.objects.filter(**of).select_related("to_invoice", "to_refund").order_by("id"))
    invoices = _told(ctx, INVOICE, {row.to_invoice_id for row in rows})
    refunds = _told(ctx, PAYMENT, {row.to_refund_id for row in rows})
    out = []
    for row in rows:
        spec, to = (INVOICE, row.to_invoice) if row.to_invoice_id is not None else (PAYMENT, row.to_refund)
        if to.id not in (invoices if spec is INVOICE else refunds):
            continue
        out.append({"url": page_url(ctx, spec, to.id), "name": to.name, "amount": row.amount, "at": row.at})
    return out


def _told(ctx: Context, spec: ObjectSpec, ids: Iterable[int | None]) -> set[int]:
    """Which of these the actor sees with their name and their sum."""
    asked = {id for id in ids if id is not None}
    if not asked or ctx.actor.grants.hides(spec.key) & (_NAMES | {"amount", "total"}):
        return set()
    return set(visible(ctx.actor, spec.key, spec.rows.filter(id__in=asked)).values_list("id", flat=True))
