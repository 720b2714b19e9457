"""How companies are compared."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from peyvand.kernel.errors import msgid
from peyvand.kernel.persian.names import company_core, skeleton
from peyvand.kernel.persian.text import compact
from peyvand.operational.duplicates.matching.comparisons import Matching, code, points, text, title

_HOST = re.compile(r"^(?:https?://)?(?:www\.)?([^/?#:]+)")

COMPANIES = Matching(
    comparisons=(
        title("name", fields=("name",)),
        points("phones", msgid("a phone in common"), msgid("phones that differ by one digit"), msgid("other phones")),
        points("emails", msgid("an e-mail in common"), msgid("e-mails that differ by one letter"), msgid("other e-mails")),
        code("national_id", msgid("the same national company ID"),
             msgid("national company IDs that differ by one digit"), msgid("another national company ID")),
        code("website", msgid("the same website"), msgid("websites that differ by one letter"), msgid("another website")),
        text("city", msgid("the same city"), msgid("a similar city"), msgid("another city")),
    ),
    blocks=(
        "national_id", "phones", "emails", "website", "name", "name_sound", "left(name, 8)",
        "left(name_sound, 5) || '|' || city",
    ),
    certain=(
        "l.national_id = r.national_id", "l.website = r.website and l.name_sound = r.name_sound",
        "l.phones = r.phones and l.name_sound = r.name_sound", "l.name = r.name and l.city = r.city",
    ),
    learn=("l.phones = r.phones", "l.name = r.name", "l.website = r.website"),
    columns=("name", "name_sound", "phones", "emails", "national_id", "website", "city"),
    lists=("phones", "emails"),
)  # fmt: skip


def company_row(
    id: int,
    *,
    name: str = "",
    phones: Iterable[str] = (),
    emails: Iterable[str] = (),
    national_id: str = "",
    website: str = "",
    city: str = "",
) -> dict[str, Any]:
    """A company as the matcher compares it; what is missing is empty. Phones are E.164, the rest as it was typed."""
    core = company_core(name)
    host = _HOST.match(website.strip().casefold())
    return {
        "id": id,
        "name": core.replace(" ", ""),
        "name_sound": skeleton(core),
        "phones": sorted(phones),
        "emails": sorted(mail.casefold() for mail in emails),
        "national_id": national_id,
        "website": host[1] if host else "",
        "city": compact(city),
    }
