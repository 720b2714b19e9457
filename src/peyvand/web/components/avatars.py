"""Initials on six quiet tints: people are round, companies square."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from zlib import crc32

from django.utils.html import format_html
from django.utils.safestring import SafeString

ZWNJ = "\u200c"
TINTS = 6
_SQUARE = frozenset({"company", "deal", "team", "product", "workspace"})


def tint_of(name: str, id: int | None = None) -> int:
    """One of six tints, always the same for the same record; by its name where it has no id."""
    return (id if id is not None else crc32(name.encode())) % TINTS + 1


def initials(name: str, count: int = 1) -> str:
    """The first letters of the first and last word, kept apart so that they never pretend to be a word. What stands behind a
    dot is no name: «Sara Moini · November»."""
    firsts = [
        letter
        for word in name.partition(" · ")[0].replace(ZWNJ, " ").split()
        if (letter := _first_letter(word))
    ]
    chosen = firsts[:1] if count == 1 or len(firsts) < 2 else [firsts[0], firsts[-1]]
    return ZWNJ.join(chosen).upper() or "·"


def _first_letter(word: str) -> str:
    return next((c for c in unicodedata.normalize("NFC", word) if c.isalnum()), "")


@lru_cache(maxsize=8192)
def avatar(name: str, kind: str = "person", id: int | None = None, size: str = "") -> SafeString:
    """A small picture of a name. ``size``: "" 22 px with one letter, "m" 30 px and "l" 48 px with two."""
    classes = "".join(
        (f" t{tint_of(name, id)}", " co" if kind in _SQUARE else "", f" {size}" if size else "")
    )
    return format_html(
        '<span class="av{}" aria-hidden="true">{}</span>', classes, initials(name, 2 if size else 1)
    )
