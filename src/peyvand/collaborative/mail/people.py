"""People and colleagues by their mail addresses: whom a mail concerns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from peyvand.collaborative.mail.models import MailAccount
from peyvand.operational.contacts.public import PERSON, ContactPoint, Person
from peyvand.platform.identity.models import User


@dataclass(frozen=True)
class Found:
    """A person that is known, with their company."""

    id: int
    company_id: int | None


def people_at(addresses: Iterable[str]) -> dict[str, Found]:
    """The people who have these addresses, by the address in small letters; of several with one the first."""
    asked = {form for address in addresses for form in (address, address.casefold())}
    if not asked:
        return {}
    points = ContactPoint.objects.filter(object=PERSON.key, kind="email", value__in=asked).order_by(
        "object_id"
    )
    pairs = list(points.values_list("value", "object_id"))
    rows = Person.objects.filter(id__in={id for _, id in pairs}, deleted_at__isnull=True)
    companies = dict(rows.values_list("id", "company_id"))
    found: dict[str, Found] = {}
    for value, id in pairs:
        if id in companies:
            found.setdefault(value.casefold(), Found(id, companies[id]))
    return found


def colleagues_among(addresses: Iterable[str]) -> set[str]:
    """Those of the addresses, in small letters, that are a colleague's or a mailbox's of ours."""
    asked = {form for address in addresses for form in (address, address.casefold())}
    ours = [
        *User.objects.filter(email__in=asked).values_list("email", flat=True),
        *MailAccount.objects.filter(address__in=asked).values_list("address", flat=True),
    ]
    return {address.casefold() for address in ours}
