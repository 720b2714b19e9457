"""Invoices made of what was sold: of a deal, of an accepted quote."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from peyvand.kernel.errors import Invalid, RuleViolation, msg
from peyvand.operational.billing.choices import INVOICE_KINDS
from peyvand.operational.billing.models import Invoice
from peyvand.operational.billing.objects import INVOICE
from peyvand.operational.quotes.public import QUOTE, Quote
from peyvand.operational.sales.public import DEAL, Deal
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Choice, Compound
from peyvand.platform.objects.records import create_records

_INPUTS: Final = (
    Choice(key="kind", label=_("Kind"), options=INVOICE_KINDS[:2], default="invoice", required=True),
    replace(INVOICE.field("terms_days"), required=False),
)


@action(
    "deal.invoice",
    label=_("Make an invoice"),
    icon="money",
    inputs=_INPUTS,
    offered=lambda deal: deal.status != "lost",
    opens=True,
)
def invoice_deal(ctx: Context, deal: Deal, *, kind: str = "invoice", terms_days: int | None = 0) -> Invoice:
    """Write the draft of an invoice over what is on a deal.

    Raises:
        RuleViolation: the deal has no products and no amount that the actor may know.
    """
    hidden = ctx.actor.grants.hides("deal")
    items = () if "lines" in hidden else _lines("deal", deal.id)
    lines = tuple(_line(item["product"], item["product"]["title"], item) for item in items)
    if not lines and deal.amount and "amount" not in hidden:
        lines = (_line(None, deal.name, {"quantity": 1, "price": deal.amount, "discount": 0}),)
    if not lines:
        raise RuleViolation(msg("There are no products on this deal, and no amount."), "lines")
    return _made(ctx, deal, {"deal": deal.id, "lines": lines}, kind, terms_days)


@action(
    "quote.invoice",
    label=_("Make an invoice"),
    icon="money",
    inputs=_INPUTS,
    offered=lambda quote: quote.status == "accepted",
    opens=True,
)
def invoice_quote(
    ctx: Context, quote: Quote, *, kind: str = "invoice", terms_days: int | None = 0
) -> Invoice:
    """Write the draft of an invoice over an accepted quote, at its prices; the taxes are those of the invoice's day.

    Raises:
        RuleViolation: the quote was not accepted, or an invoice of that kind was made of it already.
    """
    if quote.status != "accepted":
        raise RuleViolation(msg("An invoice is made of a quote that was accepted."), "status")
    values = {
        "quote": quote.id, "deal": quote.deal_id, "discount": quote.discount or None, "terms": quote.terms,
        "lines": tuple(dict(item) for item in _lines("quote", quote.id)),
    }  # fmt: skip
    return _made(ctx, quote, values, kind, terms_days)


def _made(
    ctx: Context, of: Deal | Quote, values: Mapping[str, Any], kind: str, terms_days: int | None
) -> Invoice:
    if kind not in ("invoice", "proforma"):
        raise Invalid.of(msg("Choose one from the list."), "kind", "choice")
    row = {
        **values, "kind": kind, "company": of.company_id, "person": of.person_id, "owner": of.owner_id or ctx.actor.user_id,
        "terms_days": terms_days or 0,
    }  # fmt: skip
    made: Invoice = create_records(ctx, INVOICE, [row])[0]
    return made


def _lines(object_key: str, id: int) -> tuple[Mapping[str, Any], ...]:
    field = {"deal": DEAL, "quote": QUOTE}[object_key].field("lines", Compound)
    return tuple(field.load([id]).get(id, ()))


def _line(product: Any, description: str, item: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "product": product, "description": description, "unit": "", "quantity": item["quantity"], "price": item["price"],
        "discount": item["discount"], "tax": None, "tax_by_hand": False, "priced_by": "",
    }  # fmt: skip
