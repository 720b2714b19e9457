"""Official numbers and words of the national e-invoice system (Moadian), checked but sent nowhere."""

from __future__ import annotations

import re
from typing import Final

from django.utils.translation import gettext_lazy as _

from peyvand.kernel.errors import Invalid, msg
from peyvand.kernel.persian.identifiers import company_id, national_id
from peyvand.kernel.persian.text import fold
from peyvand.platform.fields.types import Option

TAX_TYPES: Final = (
    Option("1", _("Type 1: with the buyer's data")),
    Option("2", _("Type 2: without the buyer's data")),
    Option("3", _("Type 3: payment terminal")),
)
TAX_PATTERNS: Final = (
    Option("1", _("Sale")),
    Option("2", _("Foreign currency sale")),
    Option("3", _("Gold and jewellery")),
    Option("4", _("Contracting")),
    Option("5", _("Utility bills")),
    Option("6", _("Flight ticket")),
    Option("7", _("Export")),
)
TAX_SUBJECTS: Final = (
    Option("1", _("Original")),
    Option("2", _("Correction")),
    Option("3", _("Cancellation")),
    Option("4", _("Return of a sale")),
)
BUYER_KINDS: Final = (
    Option("1", _("Natural person")),
    Option("2", _("Legal person")),
    Option("3", _("Civil partnership")),
    Option("4", _("Foreign national")),
    Option("5", _("Final consumer")),
)
SETTLEMENTS: Final = (Option("1", _("In cash")), Option("2", _("On credit")), Option("3", _("Both")))

_SEPARATORS: Final = re.compile(r"[\s\-_/.]+")
_TAX_ID: Final = re.compile(r"([A-Z0-9]{6})([0-9A-F]{5})([0-9A-F]{10})([0-9])")
# Verhoeff: the dihedral group of ten, and the permutation that moves one step for each place.
_TIMES: Final = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip
_MOVED: Final = (
    "0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258",
)  # fmt: skip


def tax_id(text: str) -> str:
    """The 22 characters of an e-invoice: its tax memory, the day, a serial, and a check digit."""
    plain = _SEPARATORS.sub("", fold(text)).upper()
    if len(plain) != 22:
        raise Invalid.of(
            msg("This must have %(right)s characters; it has %(count)s.", right=22, count=len(plain))
        )
    found = _TAX_ID.fullmatch(plain)
    if found is None:
        raise Invalid.of(msg("A tax number has Latin letters and digits, and a digit at its end."))
    memory = "".join(sign if sign.isdigit() else str(ord(sign)) for sign in found[1])
    number = f"{memory}{int(found[2], 16):06d}{int(found[3], 16):012d}{found[4]}"
    if _verhoeff(number):
        raise Invalid.of(msg("The check digit does not fit; a digit is probably mistyped."), code="checksum")
    return plain


def _verhoeff(number: str) -> int:
    """0 where the last digit checks the others."""
    state = 0
    for place, digit in enumerate(reversed(number)):
        state = int(_TIMES[state][int(_MOVED[place % 8][int(digit)])])
    return state


def buyer_id(text: str) -> str:
    """A person's national number, or a company's."""
    plain = _SEPARATORS.sub("", fold(text))
    return company_id(plain) if len(plain) == 11 else national_id(plain)
