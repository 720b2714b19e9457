"""The buyer as an invoice prints them, taken from the customer when it is issued; and what an e-invoice needs of them."""

from __future__ import annotations

from typing import Any

from peyvand.kernel.errors import Invalid, Problem, msg
from peyvand.operational.billing.models import Invoice
from peyvand.operational.contacts.public import COMPANY, PERSON, Company, Person

LEGAL, NATURAL, CONSUMER = "2", "1", "5"


def printed_buyer(invoice: Invoice) -> dict[str, str]:
    """What is printed of the buyer: what was typed, else what the customer's record says now."""
    known = (
        _of_company(invoice.company_id) if invoice.company_id is not None else _of_person(invoice.person_id)
    )
    return {key: getattr(invoice, key) or value for key, value in known.items()}


def _of_company(id: int) -> dict[str, str]:
    company = Company.objects.get(id=id)
    return {
        "buyer_kind": LEGAL,
        "buyer_name": company.name,
        "buyer_national_id": company.national_id,
        "buyer_economic_code": company.economic_code,
        **_address(COMPANY.field("addresses"), id),
    }


def _of_person(id: int | None) -> dict[str, str]:
    person = Person.objects.get(id=id)
    return {
        "buyer_kind": NATURAL,
        "buyer_name": person.name,
        "buyer_national_id": person.national_id,
        "buyer_economic_code": "",
        **_address(PERSON.field("addresses"), person.id),
    }


def _address(field: Any, id: int) -> dict[str, str]:
    items = field.load([id]).get(id, ())
    first = next(iter(sorted(items, key=lambda item: not item.get("primary"))), None)
    if first is None:
        return {"buyer_postal_code": "", "buyer_address": ""}
    words = (first.get("province"), first.get("city"), first.get("street"))
    code = str(first.get("postal_code") or "")
    return {
        "buyer_postal_code": code if len(code) <= 10 else "",
        "buyer_address": "، ".join(filter(None, map(str, (w for w in words if w))))[:500],
    }


def check_e_invoice(invoice: Invoice, printed: dict[str, str]) -> None:
    """Refuse an e-invoice of the first type that does not say who buys.

    Raises:
        Invalid: every field that is missing.
    """
    if invoice.tax_type != "1" or printed["buyer_kind"] == CONSUMER:
        return
    problems = []
    needed = msg("An e-invoice of type 1 says who buys; this is missing.")
    if not (printed["buyer_national_id"] or printed["buyer_economic_code"]):
        problems.append(Problem("buyer_national_id", needed, "required"))
    if not printed["buyer_postal_code"]:
        problems.append(Problem("buyer_postal_code", needed, "required"))
    if not invoice.tax_pattern:
        problems.append(Problem("tax_pattern", needed, "required"))
    if problems:
        raise Invalid(problems)
