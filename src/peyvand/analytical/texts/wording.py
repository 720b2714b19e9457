"""The words that mark unhappy texts now, beside the time before: «تاخیر», «باتری», «فاکتور»."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from datetime import date, timedelta
from typing import Final

from peyvand.analytical.texts.hearing import UNHAPPY, tokens_of
from peyvand.analytical.texts.plain import PLAIN
from peyvand.analytical.texts.sources import Text

# A word is told if so many unhappy texts have it, of so many customers: it is no name and no number of somebody's then.
LEAST: Final = 5
CUSTOMERS: Final = 3
MOST: Final = 12
# And if it is so much more frequent among unhappy texts than among others.
_APART: Final = 1.5
_LETTERS: Final = 3


class Wording:
    """Counts the words of texts as they come by; ``marks`` says those that stand out."""

    def __init__(self, as_of: date, days: int) -> None:
        self._now = as_of - timedelta(days=days - 1)
        self._before = self._now - timedelta(days=days)
        self._bad_now: Counter[str] = Counter()
        self._bad_before: Counter[str] = Counter()
        self._others: Counter[str] = Counter()
        self._whose: dict[str, set[tuple[int | None, int | None]]] = defaultdict(set)
        self._many = Counter[bool]()

    def take(self, text: Text, day: date, mood: str) -> None:
        """Count one text."""
        if day < self._before:
            return
        words = {w for w in tokens_of(text.text) if len(w) >= _LETTERS and w.isalpha() and w not in PLAIN}
        is_bad = mood == UNHAPPY
        self._many[is_bad] += 1
        if not is_bad:
            self._others.update(words)
            return
        (self._bad_now if day >= self._now else self._bad_before).update(words)
        for word in words:
            whose = self._whose[word]
            if len(whose) < CUSTOMERS:
                whose.add((text.person, text.company))

    def marks(self) -> list[list[object]]:
        """[word, unhappy texts that have it now, before], the most telling first."""
        found = []
        for word in self._bad_now | self._bad_before:
            now, before = self._bad_now[word], self._bad_before[word]
            if now + before < LEAST or len(self._whose[word]) < CUSTOMERS:
                continue
            bad = (now + before + 0.5) / (self._many[True] + 1)
            other = (self._others[word] + 0.5) / (self._many[False] + 1)
            if bad / other >= _APART:
                found.append(((now + before) * math.log(bad / other), word, now, before))
        found.sort(key=lambda one: (-one[0], one[1]))
        return [[word, now, before] for _, word, now, before in found[:MOST]]
