"""vCards (2.1, 3.0 and 4.0) as rows of a table: one card a row, its parts under heads that the import understands."""

from __future__ import annotations

import quopri
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from django.utils.translation import gettext_lazy as _

from peyvand.platform.fields.types import Label

HEADS: Final = (
    "external_id", "Full name", "First name", "Last name", "Company", "Job title", "Mobile phone", "Work phone", "Home phone", "Fax",
    "Email", "Street", "City", "Birthday", "Labels", "Notes", "Department", "Province", "Postal code", "Country",
)  # fmt: skip
# What people call these parts of a card.
CALLED: Final[dict[str, Label]] = {
    "external_id": _("ID of the card"), "Full name": _("Full name"), "First name": _("First name"), "Last name": _("Last name"),
    "Company": _("Company"), "Job title": _("Job title"), "Mobile phone": _("Mobile phone"), "Work phone": _("Work phone"),
    "Home phone": _("Home phone"), "Fax": _("Fax"), "Email": _("E-mail"), "Street": _("Street"), "City": _("City"),
    "Birthday": _("Birthday"), "Labels": _("Labels"), "Notes": _("Notes"), "Department": _("Department"),
    "Province": _("Province"), "Postal code": _("Postal code"), "Country": _("Country"),
}  # fmt: skip
_TEXTS: Final = {"FN": 1, "TITLE": 5, "BDAY": 13, "NOTE": 15, "UID": 0}
_LONGEST: Final = 1 << 20
# Of the numbers or addresses of one kind; so many no record takes, whose field then refuses the card.
_MOST_POINTS: Final = 100
_SOFT_BREAK: Final = "="
Line = tuple[str, Mapping[str, Sequence[str]], str]


def card_rows(path: Path, most: int = 0) -> Iterator[tuple[int, list[str]]]:
    """The head row, then each card with the number of its first line; at most ``most`` cards, 0 for all."""
    count = begun = 0
    lines: list[Line] = []
    for number, text in _unfolded(path):
        name, params, value = _line(text)
        if name == "BEGIN" and value.upper() == "VCARD":
            begun, lines = number, []
        elif name == "END" and begun:
            if count == 0:
                yield 0, list(HEADS)
            count += 1
            yield begun, _cells(lines)
            begun = 0
            if count == most:
                return
        elif begun and name:
            lines.append((name, params, value))


def _unfolded(path: Path) -> Iterator[tuple[int, str]]:
    """Whole lines with the number of their first: what begins with a blank belongs to the line before."""
    # Put together once: a line may be folded a million times.
    parts: list[str] = []
    size = first = 0
    is_quoted = False
    # Old telephones write Latin-1 or worse; what is no UTF-8 becomes a sign that anybody sees.
    with path.open(encoding="utf-8-sig", errors="replace", newline=None) as file:
        for number, raw in enumerate(file, 1):
            text = raw.rstrip("\n")
            soft = is_quoted and parts[-1].endswith(_SOFT_BREAK)
            if (text[:1] in (" ", "\t") or soft) and size < _LONGEST:
                if soft:
                    parts[-1] = parts[-1][:-1]
                if more := text.lstrip() if soft else text[1:]:
                    parts.append(more)
                    size += len(more)
                continue
            if size:
                yield first, "".join(parts)
            parts, size, first = [text], len(text), number
            is_quoted = "QUOTED-PRINTABLE" in text.partition(":")[0].upper()
    if size:
        yield first, "".join(parts)


def _line(text: str) -> Line:
    head, colon, value = text.partition(":")
    if '"' in head and head.count('"') % 2:
        # A colon inside a quoted parameter is none.
        rest = re.match(r'((?:[^":]|"[^"]*")*):(.*)', text, re.DOTALL)
        head, colon, value = (rest[1], ":", rest[2]) if rest else (head, colon, value)
    name, *given = head.split(";")
    params: dict[str, list[str]] = {}
    for part in given:
        key, equals, said = part.partition("=")
        # 2.1 writes a type alone.
        word = key.upper() if equals else "TYPE"
        params.setdefault(word, []).extend((said if equals else key).strip('"').lower().split(","))
    if "quoted-printable" in params.get("ENCODING", ()) or "quoted-printable" in params.get("TYPE", ()):
        charset = params.get("CHARSET", ["utf-8"])[0]
        value = _decoded(value, charset)
    # "item1.TEL" is a TEL of a group.
    return (name.rpartition(".")[2].upper() if colon else ""), params, value


def _decoded(value: str, charset: str) -> str:
    raw = quopri.decodestring(value.encode("utf-8", "replace"))
    try:
        return raw.decode(charset, "replace")
    except LookupError:
        return raw.decode("utf-8", "replace")


def _cells(lines: Sequence[Line]) -> list[str]:
    cells = [""] * len(HEADS)
    points: dict[int, dict[str, None]] = defaultdict(dict)

    def add(place: int, text: str) -> None:
        if text and len(points[place]) < _MOST_POINTS:
            points[place][text] = None

    for name, params, value in lines:
        if name in _TEXTS:
            cells[_TEXTS[name]] = cells[_TEXTS[name]] or _plain(value)
        elif name == "N":
            family, given, *more = [*_parts(value), "", ""]
            cells[3] = family
            cells[2] = " ".join(filter(None, (given, more[0] if more else "")))
        elif name == "ORG":
            company, *units = _parts(value)
            cells[4] = cells[4] or company
            cells[16] = cells[16] or " / ".join(filter(None, units))
        elif name == "TEL":
            types = params.get("TYPE", ())
            place = (
                9
                if "fax" in types
                else 7
                if "work" in types and "cell" not in types
                else 8
                if "home" in types and "cell" not in types
                else 6
            )
            add(place, _plain(value).removeprefix("tel:"))
        elif name == "EMAIL":
            add(10, _plain(value).removeprefix("mailto:"))
        elif name == "ADR" and not (cells[11] or cells[12]):
            parts = [*_parts(value), *[""] * 7]
            cells[11], cells[12] = " ".join(filter(None, (parts[2], parts[1]))), parts[3]
            cells[17], cells[18], cells[19] = parts[4], parts[5], parts[6]
        elif name == "CATEGORIES":
            cells[14] = ", ".join(part.strip() for part in _plain(value).split(",") if part.strip())
    for place, texts in points.items():
        cells[place] = "; ".join(texts)
    if len(cells[13]) == 8 and cells[13].isdigit():
        cells[13] = f"{cells[13][:4]}-{cells[13][4:6]}-{cells[13][6:]}"
    elif cells[13].startswith("--"):
        # A birthday without its year is no date.
        cells[13] = ""
    cells[13] = cells[13].partition("T")[0]
    return cells


def _parts(value: str) -> list[str]:
    return [_plain(part) for part in re.split(r"(?<!\\);", value)]


def _plain(value: str) -> str:
    return re.sub(r"\\([nN,;:\\])", lambda m: "\n" if m[1] in "nN" else m[1], value).strip()
