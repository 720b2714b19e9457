"""An invoice, a pro-forma invoice or a credit note on paper."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext, override

from peyvand.kernel.errors import NotAllowed
from peyvand.operational.billing.buyers import printed_buyer
from peyvand.operational.billing.customers import customer_of
from peyvand.operational.billing.lines import lines_of
from peyvand.operational.billing.models import Instalment, Invoice
from peyvand.operational.documents.public import Paper, PaperLine, Party, pdf, seller
from peyvand.operational.quotes.public import hidden_customers
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Day, Money

# Whoever may not know one of these may not have the paper that says it.
SAYS: Final = frozenset(
    {
        "name",
        "total",
        "lines",
        "company",
        "person",
        "discount",
        "discount_amount",
        "buyer_name",
        "note",
        "terms",
    }
)
_MOST_PARTS: Final = 12


def make(ctx: Context, invoice: Any) -> bytes:
    """The paper as PDF, in the workspace's language.

    Raises:
        NotAllowed: it is a draft, which says what its customer is called now, and they are out of the actor's sight.
    """
    if invoice.status == "draft":
        for _, words in hidden_customers(ctx.actor, invoice):
            raise NotAllowed(words)
    return pdf(paper_of(ctx, invoice))


def file_name(invoice: Any) -> str:
    """What the file is called."""
    return str(invoice.number or f"invoice-{invoice.id}")


def paper_of(ctx: Context, invoice: Invoice) -> Paper:
    """What stands on the paper."""
    tenant = ctx.tenant
    own, footer, logo = seller(tenant)
    with override(tenant.language):
        titles = {
            "invoice": gettext("Invoice"),
            "proforma": gettext("Pro-forma invoice"),
            "credit": gettext("Credit note"),
        }
        is_draft = invoice.status == "draft"
        return Paper(
            title=titles[invoice.kind], number=invoice.number or gettext("Draft"),
            day=invoice.issued_on or invoice.created_at.astimezone(tenant.tz).date(),
            language=tenant.language, currency=tenant.currency, money_unit=tenant.money_unit, buyer=_buyer(invoice),
            lines=tuple(
                PaperLine(
                    description=line.description, quantity=line.quantity, price=line.price, discount=line.discount_amount + line.share,
                    tax=line.tax_amount, total=line.total, unit=line.unit,
                )
                for line in lines_of(invoice)
            ),
            gross=invoice.gross, discount=invoice.reduction, net=invoice.net, tax=invoice.tax, total=invoice.total, seller=own,
            until=invoice.due_on if invoice.kind == "invoice" and not is_draft else None, until_label=gettext("Due on"),
            facts=tuple(_facts(ctx, invoice)), notes=invoice.note if invoice.kind != "credit" else invoice.reason, terms=invoice.terms,
            footer=footer, logo=logo,
            stamp=gettext("Draft") if is_draft else gettext("Cancelled") if invoice.status == "cancelled" else "",
        )  # fmt: skip


def _buyer(invoice: Invoice) -> Party:
    known = customer_of(invoice).is_known and invoice.status == "draft"
    printed = printed_buyer(invoice) if known else {}

    def say(key: str) -> str:
        return str(printed.get(key) or getattr(invoice, key))

    return Party(
        name=say("buyer_name"),
        national_id=say("buyer_national_id"),
        economic_code=say("buyer_economic_code"),
        postal_code=say("buyer_postal_code"),
        address=say("buyer_address"),
        person=invoice.person.name if invoice.person_id and invoice.company_id else "",
    )


def _facts(ctx: Context, invoice: Invoice) -> list[tuple[str, str]]:
    facts = []
    if invoice.original_id is not None:
        facts.append((gettext("Belongs to"), str(invoice.original)))
    if invoice.tax_id:
        facts.append((gettext("Tax number"), invoice.tax_id))
    parts = list(Instalment.objects.filter(invoice_id=invoice.id).order_by("place")[: _MOST_PARTS + 1])
    if 1 < len(parts) <= _MOST_PARTS:
        day, amount = Day(key="d", label=""), Money(key="m", label="")
        words = [
            f"{day.show(part.due_on, ctx.reader)}: {amount.show(part.amount, ctx.reader)}" for part in parts
        ]
        facts.append((gettext("Instalments"), " · ".join(words)))
    return facts
