"""What a text is found by: its folded words without the endings that only inflect them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from peyvand.kernel.persian.text import ZWNJ, fold

LONGEST: Final = 60
_WORD: Final = re.compile(r"[^\W_]+")
# What belongs together though signs stand within: e-mails, addresses, numbers of contracts.
# It begins where a word begins and gives nothing back: a long word that stands alone is passed over at once.
_WHOLE: Final = re.compile(r"(?<![^\W_])[^\W_]++(?:[-./@:+_][^\W_]++)+")
# One such in plain letters, with single signs.
_PLAIN_WHOLE: Final = re.compile(r"[A-Za-z0-9]+(?:[-./@:+_][A-Za-z0-9]+)+")
_SIGN: Final = re.compile(r"[-./@:+_]")
_JOINED: Final = re.compile(rf"(?<!\w)\w++(?:{ZWNJ}\w++)+")
# Longer endings first. After folding, a half-space is a space, so an ending may also stand as a word of its own.
_ENDINGS: Final = (
    "هایشان", "هایمان", "هایتان", "هایی", "هایم", "هایت", "هایش", "های", "ها", "ترین",
)  # fmt: skip
_ALONE: Final = frozenset((*_ENDINGS, "تر", "ای", "می", "نمی"))
# What words with an ending end with; numbers, and most other words, are their own stem.
_LAST: Final = frozenset({*(ending[-1] for ending in _ENDINGS), "s"})
_FEWEST: Final = 3


def terms(text: str, folded: str | None = None) -> list[str]:
    """The distinct terms of a text, in order. «کتاب‌های»، «کتابها» and «كتاب» all give «کتاب»; «علی‌رضا» gives its two
    halves and the whole. ``folded`` is its fold, where that is known."""
    folded = fold(text) if folded is None else folded
    words = _WORD.findall(folded)
    found = _stems(words)
    # Nearly every name is words alone: then no sign holds any of them together.
    if len(words) > 1 and not folded.replace(" ", "").isalnum():
        found += _wholes(folded)
    if ZWNJ in text:
        found += _joined(text)
    return list(dict.fromkeys(found))


def terms_of_whole(text: str) -> tuple[str, list[str]] | None:
    """The fold and the terms of a text that is one e-mail or the like in plain letters, in a third of the time that
    `fold` and `terms` take for the same; None of any other text."""
    if not _PLAIN_WHOLE.fullmatch(text):
        return None
    folded = text.lower()
    found = [*map(stem, _SIGN.split(folded)), folded]
    return folded, list(dict.fromkeys([word[:LONGEST] for word in found]))


def asked(text: str) -> list[list[list[str]]]:
    """The terms of a query: what must all be found, each as alternatives, each of terms that stand together.

    «علی‌رضا رستمی» asks for (علی and رضا, or علیرضا) and رستمی.
    """
    groups: dict[str, list[list[str]]] = {}
    for piece in text.split():
        folded = fold(piece)
        ways = [way for way in (_plain(folded), _wholes(folded), _joined(piece)) if way]
        if ways:
            groups.setdefault(folded, [way for n, way in enumerate(ways) if way not in ways[:n]])
    return list(groups.values())


def stem(word: str) -> str:
    """A folded word without its plural and the like: «شرکتهای» becomes «شرکت», "companies" "company"."""
    return _without_ending(word) if word[-1:] in _LAST else word


@lru_cache(maxsize=50_000)
def _without_ending(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _FEWEST:
            return word[: -len(ending)]
    if word.isascii() and word.isalpha():
        if word.endswith("ies") and len(word) > 4:
            return word[:-3] + "y"
        if word.endswith("s") and len(word) > _FEWEST and word[-2] not in "sui":
            return word[:-1]
    return word


def _plain(folded: str) -> list[str]:
    return _stems(_WORD.findall(folded))


def _stems(words: Iterable[str]) -> list[str]:
    return [stem(word)[:LONGEST] for word in words if word not in _ALONE]


def _wholes(folded: str) -> list[str]:
    return [word[:LONGEST] for word in _WHOLE.findall(folded)]


def _joined(text: str) -> list[str]:
    return [stem(fold(word).replace(" ", ""))[:LONGEST] for word in _JOINED.findall(text)]
