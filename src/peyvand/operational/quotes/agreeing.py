"""What a quote says as a whole, and the fingerprint by which an answer names exactly that."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final

from django.utils.translation import gettext, override

from peyvand.kernel.numbers import localize, plain
from peyvand.kernel.persian.calendar import format_instant
from peyvand.operational.contacts.public import Company, Person
from peyvand.operational.documents.public import Paper, PaperLine, Party, pdf, seller
from peyvand.operational.quotes.hooks import lines_field
from peyvand.operational.quotes.models import OPEN, Quote
from peyvand.platform.identity.actor import Tenant

# Whoever may not know one of these has neither the paper nor the customer's page, which say it.
SAYS: Final = frozenset({"lines", "total", "net", "tax", "discount", "company", "person", "notes", "terms"})
_SAID = (
    "number", "edition", "name", "issued_on", "valid_until", "language", "currency", "gross", "reduced", "net", "tax", "total",
    "notes", "terms",
)  # fmt: skip
_LINE = (
    "description", "unit", "quantity", "price", "discount", "tax", "gross", "discount_amount", "share", "net", "tax_amount",
    "total",
)  # fmt: skip


def sides_of(tenant: Tenant, quote: Quote) -> dict[str, dict[str, str]]:
    """What seller and buyer are called now."""
    own, _, _ = seller(tenant)
    return {"seller": vars(own), "buyer": vars(_buyer(quote))}


def _buyer(quote: Quote) -> Party:
    company = Company.objects.filter(id=quote.company_id).first() if quote.company_id else None
    person = Person.objects.filter(id=quote.person_id).first() if quote.person_id else None
    if company is None:
        return Party(name=person.name, phone=person.phone, email=person.email) if person else Party()
    return Party(
        name=company.name, national_id=company.national_id, economic_code=company.economic_code, phone=company.phone,
        email=company.email, address=company.city, person=person.name if person else "",
    )  # fmt: skip


def digest_of(quote: Quote, sides: Mapping[str, Any]) -> str:
    """The fingerprint of everything that a quote says: what was agreed upon can be told from anything else by it."""
    lines = lines_field().load([quote.id]).get(quote.id, ())
    said = {
        **{key: str(getattr(quote, key)) for key in _SAID},
        "discount": str(plain(Decimal(quote.discount))),
        "sides": sides,
        "lines": [[str(item[key]) for key in _LINE] for item in lines],
    }
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def paper_of(tenant: Tenant, quote: Quote) -> Paper:
    """The quote as a paper, in its own language."""
    _, footer, logo = seller(tenant)
    sides = quote.sides or sides_of(tenant, quote)
    lines = lines_field().load([quote.id]).get(quote.id, ())
    with override(quote.language):
        title, until = gettext("Quote"), gettext("Valid until")
        edition = (
            ((gettext("Edition"), localize(str(quote.edition), quote.language)),) if quote.edition > 1 else ()
        )
        stamps = {
            "replaced": gettext("Replaced"),
            "expired": gettext("Expired"),
            "rejected": gettext("Rejected"),
        }
        stamp = gettext("Draft") if quote.status in OPEN else stamps.get(quote.status, "")
        number = quote.number or gettext("Draft")
        signed = _signed(tenant, quote)
    return Paper(
        title=title, number=number, day=quote.issued_on, language=quote.language, currency=quote.currency,
        money_unit=tenant.money_unit, seller=Party(**sides["seller"]), buyer=Party(**sides["buyer"]),
        lines=tuple(
            PaperLine(
                description=i["description"], quantity=Decimal(str(i["quantity"])), unit=i["unit"], price=i["price"],
                discount=i["discount_amount"] + i["share"], tax=i["tax_amount"], total=i["total"],
            )
            for i in lines
        ),
        gross=quote.gross, discount=quote.reduced, net=quote.net, tax=quote.tax, total=quote.total, until=quote.valid_until,
        until_label=until, facts=edition, notes=quote.notes, terms=quote.terms, footer=footer, logo=logo, stamp=stamp,
        signed=signed,
    )  # fmt: skip


def _signed(tenant: Tenant, quote: Quote) -> tuple[str, ...]:
    if quote.status != "accepted" or not quote.decided_at:
        return ()
    when = format_instant(quote.decided_at, tenant.tz, quote.language, "long")
    if not quote.signer:
        return (gettext("Accepted on %(when)s.") % {"when": when},)
    return (gettext("Accepted by %(name)s on %(when)s.") % {"name": quote.signer, "when": when},)


def public_path(workspace_id: int, secret: str) -> str:
    """Where a quote's customer reads and answers it."""
    return f"/q/{workspace_id}-{secret}"


def file_name(quote: Quote) -> str:
    """What the file of a quote is called."""
    return f"{quote.number or f'quote-{quote.id}'}-{quote.edition}"


def quote_pdf(tenant: Tenant, quote: Quote) -> bytes:
    """The quote as PDF."""
    return pdf(paper_of(tenant, quote))
