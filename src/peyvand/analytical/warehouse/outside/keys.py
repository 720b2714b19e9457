"""What a cell that names a customer is compared by: one form for all ways in which people write it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from peyvand.kernel.email import email
from peyvand.kernel.errors import Invalid
from peyvand.kernel.persian.text import compact, to_ascii_digits
from peyvand.kernel.phone import phone

# Its column in what was taken; the warehouse's table has the customer instead.
KEY: Final = "peyvand_key"
_FORMS: Final[Mapping[str, Callable[[str], str]]] = {
    "email": lambda text: email(text).lower(),
    "phone": phone,
    "code": lambda text: to_ascii_digits(text).strip().lower(),
    "name": compact,
}


def key_of(by: str, text: str) -> str:
    """The form in which a mail address, phone, code or name is compared; empty where it is none."""
    try:
        return _FORMS[by](text)
    except Invalid:
        return ""
