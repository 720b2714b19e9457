"""How people are compared."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from peyvand.kernel.errors import msgid
from peyvand.kernel.persian.names import bare_name, company_core, skeleton
from peyvand.kernel.persian.text import compact
from peyvand.kernel.phone import is_mobile
from peyvand.operational.duplicates.matching.comparisons import Matching, code, names, points, text, workplace

WORK = (
    msgid("the same company"),
    msgid("the phone of a place in common"),
    msgid("a similar company"),
    msgid("another company"),
)
_SOUNDS = "least(given_sound, family_sound) || '|' || greatest(given_sound, family_sound)"
_NUMBERS = re.compile(r"[\W\d_]+")

PEOPLE = Matching(
    comparisons=(
        names("given", "family", "whole", fields=("given_name", "family_name", "name")),
        points("phones", msgid("a phone in common"), msgid("phones that differ by one digit"), msgid("other phones")),
        points("emails", msgid("an e-mail in common"), msgid("e-mails that differ by one letter"), msgid("other e-mails")),
        code("national_id", msgid("the same national ID"), msgid("national IDs that differ by one digit"), msgid("another national ID")),
        code("birthday", msgid("the same birthday"), msgid("birthdays that differ by one digit"), msgid("another birthday")),
        workplace("company", "lines", WORK, ("company", "phones")),
        text("city", msgid("the same city"), msgid("a similar city"), msgid("another city")),
    ),
    blocks=(
        "national_id", "phones", "emails", "phone_parts", "mail_parts", "birthday || family_sound", "whole",
        f"{_SOUNDS} || '|' || company", f"{_SOUNDS} || '|' || city", _SOUNDS,
        "family || '|' || company", "given || '|' || company", "family_sound || '|' || company", "given_sound || '|' || company",
    ),
    certain=(
        "l.national_id = r.national_id", "l.phones = r.phones and l.family_sound = r.family_sound",
        "l.emails = r.emails and l.family_sound = r.family_sound", "l.phones = r.phones and l.emails = r.emails",
    ),
    learn=("l.phones = r.phones", "l.emails = r.emails", "l.whole = r.whole", "l.national_id = r.national_id"),
    columns=(
        "given", "family", "whole", "given_sound", "family_sound", "phones", "lines", "phone_parts", "emails", "mail_parts",
        "national_id", "birthday", "company", "city",
    ),
    lists=("phones", "lines", "phone_parts", "emails", "mail_parts"),
    recall=0.8,
)  # fmt: skip


def person_row(
    id: int,
    *,
    name: str = "",
    given_name: str = "",
    family_name: str = "",
    phones: Iterable[str] = (),
    emails: Iterable[str] = (),
    national_id: str = "",
    birthday: date | None = None,
    company: str = "",
    city: str = "",
) -> dict[str, Any]:
    """A person as the matcher compares them; what is missing is empty. Phones are E.164, the rest as it was typed."""
    if not (given_name or family_name):
        given_name, _, family_name = bare_name(name).partition(" ")
    given, family = bare_name(given_name), compact(family_name)
    given = given.replace(" ", "")
    numbers, addresses = sorted(set(phones)), sorted({mail.casefold() for mail in emails})
    # A landline is its office's or its household's; a mobile is one person's.
    own = [number for number in numbers if is_mobile(number) or not number.startswith("+98")]
    return {
        "id": id,
        "given": given,
        "family": family,
        "whole": given + family,
        "given_sound": skeleton(given),
        "family_sound": skeleton(family),
        "phones": own,
        "lines": sorted(set(numbers) - set(own)),
        "phone_parts": phone_parts(own),
        "emails": addresses,
        "mail_parts": mail_parts(addresses),
        "national_id": national_id,
        "birthday": birthday.strftime("%Y%m%d") if birthday else "",
        "company": company_core(company).replace(" ", "") if company else "",
        "city": compact(city),
    }


def phone_parts(numbers: Sequence[str]) -> list[str]:
    """The beginning and the end of each number: a wrong digit leaves one of them right."""
    return sorted({part for n in numbers if len(n) > 9 for part in (n[:-4], n[-6:])})


def mail_parts(addresses: Sequence[str]) -> list[str]:
    """The letters of each address before and behind its middle, host and digits aside: a slip leaves one of them right."""
    letters = (_NUMBERS.sub("", a.partition("@")[0]) for a in addresses)
    return sorted({part for name in letters if len(name) >= 6 for part in (name[:9], f"{name[-9:]}$")})
