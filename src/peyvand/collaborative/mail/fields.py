"""Fields of mail that no other object has."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from peyvand.kernel.email import email as parse_email
from peyvand.kernel.errors import Invalid, msg
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Text

PURPOSE: Final = "mail"
MOST_RECEIVERS: Final = 50
LONGEST: Final = 1000
_NAMED: Final = re.compile(r"(.*?)\s*<([^<>]*)>[^<>]*", re.DOTALL)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_ODD: Final = re.compile(r'[()<>@,:;.\\"\[\]،؛]')
_COMMAS: Final = ",;،؛\n"


@dataclass(frozen=True, kw_only=True)
class Receivers(Text):
    """Addresses of letters, with names or without: «Sara Karimi <sara@example.ir>, ali@example.ir»."""

    max_length: int = 10_000
    widget: ClassVar[str] = "addresses"
    sortable: ClassVar[bool] = False

    def understand(self, raw: Any, reader: Reader) -> str:
        text = ", ".join(str(one) for one in raw) if isinstance(raw, list | tuple) else str(raw)
        if len(text) > self.max_length:
            raise Invalid.of(msg("An e-mail goes to at most %(most)s addresses.", most=MOST_RECEIVERS))
        return ", ".join(written(name, address) for name, address in read_addresses(text))


def read_addresses(text: str) -> list[tuple[str, str]]:
    """Names and addresses of a list that a person wrote, each address once.

    Raises:
        Invalid: one of them is no address, or they are too many.
    """
    found: dict[str, tuple[str, str]] = {}
    for name, address in parted(text):
        try:
            kept = parse_email(address)
        except Invalid as error:
            raise Invalid.of(msg("“%(address)s” is not an e-mail address.", address=address[:100])) from error
        found.setdefault(kept.casefold(), (name, kept))
    if len(found) > MOST_RECEIVERS:
        raise Invalid.of(msg("An e-mail goes to at most %(most)s addresses.", most=MOST_RECEIVERS))
    return list(found.values())


def parted(text: str) -> list[tuple[str, str]]:
    """Names and addresses of a list, whether they are any or not."""
    found = []
    for part in _parts(text):
        if len(part) > LONGEST:
            # Nobody is called so; to look for the address in it takes the square of its length.
            continue
        match = _NAMED.fullmatch(part)
        name, address = (match[1], match[2]) if match else ("", part)
        if name.startswith('"') and name.endswith('"') and len(name) > 1:
            name = _ESCAPED.sub(r"\1", name[1:-1])
        if address.strip():
            # «Team: a@b.ir, c@d.ir;» is a group, of which only the members matter.
            found.append((name.strip(), address.rpartition(":")[2].strip()))
    return found


def written(name: str, address: str) -> str:
    """An address as letters have it, a name with odd signs in quotes."""
    tidy = " ".join("".join(c if c.isprintable() or c == "\u200c" else " " for c in name).split())
    if not tidy or tidy == address:
        return address
    if _ODD.search(tidy):
        tidy = '"{}"'.format(tidy.replace("\\", "\\\\").replace('"', '\\"'))
    return f"{tidy} <{address}>"


def _parts(text: str) -> list[str]:
    """The text at its commas, but for those inside quotes."""
    parts, is_quoted, is_escaped = [""], False, False
    for sign in text:
        if sign in _COMMAS and not is_quoted:
            parts.append("")
            continue
        is_quoted ^= sign == '"' and not is_escaped
        is_escaped = sign == "\\" and not is_escaped
        parts[-1] += sign
    return [part.strip() for part in parts if part.strip()]
