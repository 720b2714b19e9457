"""Found letters, marked as they were written: blind to ي/ی, ك/ک, digits and half-spaces."""

from __future__ import annotations

from functools import lru_cache

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from peyvand.kernel.persian.text import fold, words


def highlight(text: str, query: str) -> SafeString:
    """``text`` escaped, with the letters that match words of ``query`` in <mark>."""
    marked = [False] * len(text)
    for keep_spaces in (True, False):
        letters, places = _folded(text, keep_spaces)
        wanted = words(query) if keep_spaces else (fold(query).replace(" ", ""),)
        for word in wanted:
            start = letters.find(word) if word else -1
            while start >= 0:
                for place in range(places[start], places[start + len(word) - 1] + 1):
                    marked[place] = True
                start = letters.find(word, start + len(word))
        if any(marked):
            break
    return mark_safe(_drawn(text, marked))  # noqa: S308 its parts are escaped above


# Of one letter; pages show the same few hundred over and over.
_letter = lru_cache(maxsize=2048)(fold)


def _folded(text: str, keep_spaces: bool) -> tuple[str, list[int]]:
    """The folded letters, and for each the place in ``text`` that it comes from."""
    letters: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        folded = _letter(char) or (" " if keep_spaces and (char.isspace() or char == "\u200c") else "")
        letters += folded
        places += [place] * len(folded)
    return "".join(letters), places


def _drawn(text: str, marked: list[bool]) -> str:
    parts: list[str] = []
    start = 0
    for end in range(1, len(text) + 1):
        if end == len(text) or marked[end] != marked[start]:
            piece = escape(text[start:end])
            parts.append(f"<mark>{piece}</mark>" if marked[start] else piece)
            start = end
    return "".join(parts)
