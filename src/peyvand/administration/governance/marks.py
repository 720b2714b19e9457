"""What a person is known by, as patterns that find it however it is written: other digits, other letters, gaps."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q

from peyvand.kernel.persian.text import fold
from peyvand.operational.contacts.public import PERSON, Company, Person, Points
from peyvand.platform.identity.models import User

PUT_INSTEAD: Final = "…"
_DIGITS: Final = "۰۱۲۳۴۵۶۷۸۹"
_ARABIC: Final = "٠١٢٣٤٥٦٧٨٩"
_ALIKE: Final = {
    "ی": "[یيى]",
    "ي": "[یيى]",
    "ک": "[کك]",
    "ك": "[کك]",
    "ه": "[هة]",
    "ا": "[اآأإ]",
    "آ": "[اآأإ]",
}
_GAP: Final = r"[\s\u200c\u200d._()/-]*"
# Of a number so many last digits tell whose it is.
_TELLING: Final = 10
_SHORTEST: Final = 7


@dataclass(frozen=True)
class Marks:
    """``certain`` patterns are this person's alone. ``name`` is empty where somebody else bears it, or where it is one word."""

    certain: tuple[str, ...]
    name: str = ""
    # What others have too, and so stays: a family's telephone.
    shared: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    # Where these stand is told, and nothing taken out: others may mean something else by the same words.
    told: tuple[str, ...] = ()


def marks_of(
    people: Iterable[Any], values: Iterable[str], former: Iterable[str] = (), texts: Iterable[str] = ()
) -> Marks:
    """The marks of a person: ``people`` are their records, ``values`` their telephone numbers, e-mails and the like.

    ``former`` are names they went by, ``texts`` what is only looked for.
    """
    people, values = list(people), list(values)
    ids = [person.id for person in people]
    certain, shared = [], []
    for value in dict.fromkeys(v for v in values if len(v) >= _SHORTEST or "@" in v):
        if _is_of_others(value, ids):
            shared.append(value)
        else:
            certain.append(_pattern(value))
    names = dict.fromkeys(n for n in (*(p.name for p in people), *former) if " " in n.strip())
    alone = [name for name in names if not _is_borne(name, ids)]
    words = (*names, *(v for v in values if v not in shared))
    told = tuple(_pattern(text) for text in dict.fromkeys(texts) if len(text) >= _SHORTEST or "@" in text)
    return Marks(tuple(certain), "|".join(map(_letters, alone)), tuple(shared), words, told)


def _is_of_others(value: str, ids: list[int]) -> bool:
    said = Q(phone=value) | Q(email=value)
    others = Person.objects.exclude(id__in=ids)
    if others.filter(said | Q(national_id=value)).exists() or Company.objects.filter(said).exists():
        return True
    points = Points.table.objects.filter(value=value)
    return bool(points.exclude(object=PERSON.key, object_id__in=ids).exists())


def _is_borne(name: str, ids: list[int]) -> bool:
    others = Person.objects.exclude(id__in=ids).filter(name__iregex=rf"^\s*({_letters(name)})\s*$")
    return others.exists() or any(
        fold(user) == fold(name) for user in User.objects.values_list("name", flat=True)
    )


def _pattern(value: str) -> str:
    """A number is found by its last digits, whatever stands before and between; other text letter by letter."""
    digits = re.sub(r"\D", "", value)
    if len(digits) >= _SHORTEST and re.fullmatch(r"[+\d\s()./-]+", value):
        told = digits[-_TELLING:]
        before = r"(?:(?:\+|00)[0-9۰-۹]{1,3}|[0۰٠])?" + _GAP
        return before + _GAP.join(map(_digit, told))
    if "@" in value:
        # Not within a longer address; in JSON a line's end before it is a letter after a backslash.
        return rf"(?:(?<![\w.+-])|(?<=\\[nrt])){_letters(value)}(?![\w-]|\.\w)"
    return _letters(value)


def _digit(digit: str) -> str:
    return f"[{digit}{_DIGITS[int(digit)]}{_ARABIC[int(digit)]}]"


def _letters(text: str) -> str:
    words = ("".join(map(_letter, word)) for word in text.split())
    return r"[\s\u200c]+".join(words).replace("\u200c", r"[\s\u200c]*")


def _letter(letter: str) -> str:
    if letter.isascii() and letter.isdigit():
        return _digit(letter)
    return _ALIKE.get(letter, re.escape(letter))
