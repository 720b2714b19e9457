"""The words that mark unhappy texts now, beside the time before: «تاخیر», «باتری», «فاکتور».

Which words they are is told by the log-likelihood ratio of the texts that have them, unhappy ones against all others (Dunning,
"Accurate Methods for the Statistics of Surprise and Coincidence", Computational Linguistics 19, 1993): what a trade is about stands in
both.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import date, timedelta
from typing import Final

from peyvand.analytical.texts.hearing import UNHAPPY, tokens_of
from peyvand.analytical.texts.plain import PLAIN
from peyvand.analytical.texts.sources import Text
from peyvand.operational.catalog.public import Product
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.workspaces.scope import workspace_scope

# A word is told if so many unhappy texts have it, of so many customers: it is no name and no number of somebody's then.
LEAST: Final = 5
CUSTOMERS: Final = 3
MOST: Final = 12
# And if it is so much more frequent among unhappy texts than among others, which chance brings about once in ten thousand words
# (chi-square, one degree of freedom).
_APART: Final = 2.0
_SURE: Final = 15.13
_LETTERS: Final = 3


def words_of_trade(tenant: Tenant) -> frozenset[str]:
    """The words in the names of what a workspace sells: its texts are about them, whatever their mood."""
    with workspace_scope(tenant.id):
        names = Product.objects.filter(deleted_at__isnull=True).values_list("name", flat=True)
        return frozenset(word for name in names.iterator() for word in tokens_of(name))


class Wording:
    """Counts the words of texts as they come by, but those of the trade; ``marks`` says those that stand out."""

    def __init__(self, as_of: date, days: int, trade: Collection[str] = ()) -> None:
        self._passed_over = PLAIN | frozenset(trade)
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
        words = {
            w
            for w in tokens_of(text.text)
            if len(w) >= _LETTERS and w.isalpha() and w not in self._passed_over
        }
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
        """[word, unhappy texts that have it now, before] of the most telling words, those of most texts first."""
        found = []
        for word in self._bad_now | self._bad_before:
            now, before = self._bad_now[word], self._bad_before[word]
            if now + before < LEAST or len(self._whose[word]) < CUSTOMERS:
                continue
            bad = (now + before + 0.5) / (self._many[True] + 1)
            other = (self._others[word] + 0.5) / (self._many[False] + 1)
            surprise = _surprise(now + before, self._many[True], self._others[word], self._many[False])
            if bad / other >= _APART and surprise >= _SURE:
                found.append((surprise, word, now, before))
        found.sort(key=lambda one: (-one[0], one[1]))
        told = sorted(found[:MOST], key=lambda one: (-one[2], -one[3], one[1]))
        return [[word, now, before] for _, word, now, before in told]


def _surprise(bad: int, of_bad: int, other: int, of_other: int) -> float:
    """Twice the log-likelihood ratio of a word's two shares against one share for all texts."""
    share = (bad + other) / (of_bad + of_other)

    def likely(count: int, expected: float) -> float:
        return count * math.log(count / expected) if count else 0.0

    return 2 * sum(
        likely(has, of * share) + likely(of - has, of * (1 - share))
        for has, of in ((bad, of_bad), (other, of_other))
    )
