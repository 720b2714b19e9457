"""E-mail addresses: checked for sense, kept with the domain in small letters."""

from __future__ import annotations

import re
from typing import Final

from peyvand.kernel.errors import Invalid, msg
from peyvand.kernel.persian.text import to_ascii_digits

_INVISIBLE: Final = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_LOCAL: Final = re.compile(r"[^\s@<>()\[\],;:\"\\\x00-\x1f]+")
_LABEL: Final = re.compile(r"[^\W_]([\w-]*[^\W_])?")
# An address as most are: nothing more is to be asked of it.
_PLAIN: Final = re.compile(r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@(?:[A-Za-z0-9]+\.)+[A-Za-z]{2,63}")
_LONGEST: Final = 254
_LONGEST_LOCAL: Final = 64


def email(text: str) -> str:
    """The address as it is kept: without spaces and invisible marks around it, its domain in small letters.

    Invalid with the reason when it cannot be one; whether it exists only a letter can tell.
    """
    if _PLAIN.fullmatch(text) and len(text) <= _LONGEST_LOCAL:
        local, _, domain = text.partition("@")
        return f"{local}@{domain.lower()}"
    address = to_ascii_digits(_INVISIBLE.sub("", text)).strip()
    address = address.removeprefix("mailto:")
    if not address:
        raise Invalid.of(msg("An e-mail address is needed."), code="required")
    if address.count("@") != 1:
        raise Invalid.of(msg("An e-mail address has exactly one @."))
    local, domain = address.split("@")
    if len(address) > _LONGEST or len(local) > _LONGEST_LOCAL:
        raise Invalid.of(msg("This e-mail address is too long."), code="length")
    if not _LOCAL.fullmatch(local) or local[0] == "." or local[-1] == "." or ".." in local:
        raise Invalid.of(msg("The part before @ is not right in this e-mail address."))
    labels = domain.split(".")
    if len(labels) < 2 or not all(len(label) <= 63 and _LABEL.fullmatch(label) for label in labels):
        raise Invalid.of(msg("The part after @ must be a domain, as in example.ir."))
    if labels[-1].isdigit():
        raise Invalid.of(msg("The part after @ must be a domain, as in example.ir."))
    return f"{local}@{domain.lower()}"
