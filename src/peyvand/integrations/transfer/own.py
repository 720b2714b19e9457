"""Columns that become fields of the workspace's own: of what kinds, which one cells look like, and which field is meant."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from peyvand.kernel.errors import Invalid, msg
from peyvand.kernel.persian.text import compact, tidy
from peyvand.platform.fields.custom import Definition, InCustom
from peyvand.platform.fields.kinds import custom_field
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Field, Label
from peyvand.platform.objects.spec import ObjectSpec

# The right to define fields, and the action that does.
PERMISSION: Final = "workspace.add_field"
KINDS: Final[dict[str, Label]] = {
    "text": _("Text"), "long_text": _("Long text"), "number": pgettext_lazy("kind of field", "Number"), "date": _("Date"),
    "choice": _("One choice"), "flag": _("Yes or no"), "phone": _("Phone"), "email": _("E-mail"), "url": _("Web address"),
}  # fmt: skip
LONGEST: Final = 80
MOST_DECIMALS: Final = 6
# Words that come again and again are options: at most so many, no longer than a label.
_MOST_OPTIONS, _LONGEST_OPTION, _LONGEST_LINE = 15, 40, 200
# A longer cell is text, and not looked at for anything else.
_LONGEST_LOOKED_AT: Final = 2_000
# What a kind's cells look like; whether they are of it says the field itself.
_LOOKS: Final = {
    "flag": re.compile(r"[^\d۰-۹٠-٩]+"),
    "email": re.compile(r"[^\s@]+@[^\s@]+"),
    "url": re.compile(r"(https?://|www\.)\S+", re.IGNORECASE),
    "phone": re.compile(r"(\+|00|[0۰٠]).{7,}"),
    # What begins with a nought is a code.
    "number": re.compile(r"[-+]?(?![0۰٠][\d۰-۹٠-٩]).+"),
    "date": re.compile(r"[\d۰-۹٠-٩]{1,4}\s*[/.-].+"),
}


def offers(spec: ObjectSpec) -> bool:
    """Whether people make records of this object, so that it can have fields of a workspace's own."""
    return spec.menu is not None and spec.has_bin


def kind_of(cells: Iterable[object], reader: Reader) -> str:
    """The kind of field that these cells look like."""
    words = Counter(text for cell in cells if (text := _text(cell)))
    longest = max(map(len, words), default=0)
    for kind, looks in _LOOKS.items() if longest <= _LONGEST_LOOKED_AT else ():
        if words and all(looks.fullmatch(word) and _fits(kind, word, reader) for word in words):
            return kind
    if 1 < len(words) <= _MOST_OPTIONS and len(words) * 2 <= words.total() and longest <= _LONGEST_OPTION:
        return "choice"
    return "long_text" if longest > _LONGEST_LINE else "text"


def own_field(spec: ObjectSpec, place: int, kind: str, label: str) -> tuple[Field, bool]:
    """The object's own field of this name and kind, else a draft of the one to be made; and whether it is a draft.

    A draft takes every word for an option and a number with any decimals: both are known once the whole file is read.

    Raises:
        Invalid: there is no such kind, no name, or a field of this name and another kind.
    """
    label = tidy(label)
    if kind not in KINDS or not offers(spec):
        raise Invalid.of(msg("A column cannot become a field of the kind “%(name)s”.", name=kind), "columns")
    if not 0 < len(label) <= LONGEST:
        raise Invalid.of(
            msg("Give the new field a name of at most %(most)s characters.", most=LONGEST), "columns"
        )
    for one in spec.all_fields.values():
        if isinstance(one, InCustom) and compact(label) in map(compact, one.defined.labels.values()):
            if one.defined.kind != kind:
                raise Invalid.of(
                    msg(
                        "There is a field “%(name)s” of another kind already: choose it, or name the new one otherwise.",
                        name=label,
                    ),
                    "columns",
                )
            return one, False
    return _draft(spec, f"+{place}", "text" if kind == "choice" else kind, label), True


def _draft(spec: ObjectSpec, key: str, kind: str, label: str) -> Field:
    config = {"decimals": MOST_DECIMALS} if kind == "number" else {}
    return custom_field(Definition(0, spec.key, key, kind, {"en": label}, config=config))


def _fits(kind: str, word: str, reader: Reader) -> bool:
    config = {"decimals": MOST_DECIMALS} if kind == "number" else {}
    try:
        custom_field(Definition(0, "", "+", kind, config=config)).parse(word, reader)
    except Invalid:
        return False
    return True


def _text(cell: object) -> str:
    return cell.isoformat()[:10] if isinstance(cell, date) else str(cell).strip()
