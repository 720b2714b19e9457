"""The mood that can be heard in a text by the words of the lexicon: no model, no labels, the same answer everywhere.

Negation is heard in both languages («خوب نبود», "not very good"), words that make more or less of what follows, and what stands
after a "but", which counts for more. It is the simple rule that what is learned from people's labels has to beat.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from peyvand.analytical.texts.lexicon import BUT, LESS, MORE, NOT_AFTER, NOT_BEFORE, WORDS, YES_AFTER
from peyvand.kernel.persian.text import fold

UNHAPPY, NEUTRAL, HAPPY = "unhappy", "neutral", "happy"
MOODS: Final = (UNHAPPY, NEUTRAL, HAPPY)
# A text is glad or cross from one plain word on.
SURE: Final = 1.0
# Longer ones are quoted threads and contracts; the mood is at their beginning.
MOST: Final = 4000

_TOKEN: Final = re.compile(r"\w+|[^\w\s]")
_DRAWN_OUT: Final = re.compile(r"(\w)\1{2,}")
_NOT: Final = re.compile(r"n['’]t\b")
_BREAKS: Final = frozenset('.،,؛;!?؟\n:()[]«»"…')
_BEGINNINGS: Final = frozenset(word[:n] for word in WORDS for n in range(1, len(word)))
_STEM: Final = 3
_AND: Final = "و"
# After these, a "not" is said of something else.
_ENDS: Final = YES_AFTER | BUT | {_AND}
_AFTER: Final = 3
_BEFORE: Final = 3
_TURNED_BAD: Final = -0.7
# Endings of Persian words, longest first: «خوشمزه‌ست», «بدترین», «عالیه», «راضیم».
_ENDINGS: Final = (
    "ترین", "هایی", "شون", "تون", "مون", "های", "هام", "هاش", "ست", "تر", "ها", "یم", "ید", "ند", "ام", "ه", "م", "ی", "ش", "ن",
)  # fmt: skip


@dataclass(frozen=True)
class Hit:
    """A word, as it was written but folded, and what it adds."""

    word: str
    weight: float


@dataclass(frozen=True)
class Heard:
    """The mood of a text, the sum that it follows from, and the words, those that decided first."""

    mood: str
    sum: float
    hits: tuple[Hit, ...]


@dataclass
class _Found:
    start: int
    end: int
    weight: float
    is_turned: bool = False


def hear(text: str | None) -> Heard:
    """The mood of a text; neutral where no word tells any."""
    tokens = tokens_of(text)
    found = _find(tokens)
    _turn(tokens, found)
    but = max((n for n, token in enumerate(tokens) if token in BUT), default=-1)
    hits = []
    for one in found:
        weight = one.weight
        if one.is_turned:
            weight *= _TURNED_BAD if weight < 0 else -1.0
        weight *= _strength(tokens, one.start)
        if but >= 0 and one.start > but and one.start > 1:
            weight *= 1.5
        if weight:
            hits.append(Hit(_shown(tokens, one), round(weight, 2)))
    total = round(sum(hit.weight for hit in hits), 2)
    mood = HAPPY if total >= SURE else UNHAPPY if total <= -SURE else NEUTRAL
    side = -1 if mood == UNHAPPY else 1
    ordered = sorted(hits, key=lambda hit: -side * hit.weight)
    return Heard(mood, total, tuple(ordered))


def tokens_of(text: str | None) -> list[str]:
    """The words and signs of a text, folded: ي and ی, half-spaces, digits and letters drawn out make no difference."""
    folded = _DRAWN_OUT.sub(r"\1", fold((text or "")[:MOST].replace("\n", " . ")).replace("\ufe0f", ""))
    return _TOKEN.findall(_NOT.sub(" not", folded))


def _find(tokens: list[str]) -> list[_Found]:
    """The entries that the text has, the longest from each place on, none within another."""
    found, at = [], 0
    while at < len(tokens):
        one = _longest(tokens, at)
        if one is not None and one.weight:
            found.append(one)
        at = one.end if one is not None else at + 1
    return [
        one for one, after in pairwise([*found, None]) if one is not None and not _praises(tokens, one, after)
    ]


def _praises(tokens: list[str], one: _Found, after: _Found | None) -> bool:
    """Whether a word of praise only makes more of a bad one («فوق‌العاده سرد»)."""
    is_more = "".join(tokens[one.start : one.end]) in MORE
    return is_more and after is not None and after.start == one.end and after.weight < 0


def _longest(tokens: list[str], start: int) -> _Found | None:
    best, joined = None, ""
    for end in range(start + 1, len(tokens) + 1):
        token = tokens[end - 1]
        if end > start + 1 and token in _BREAKS:
            break
        joined += token
        weight = _weight(joined)
        if weight is not None:
            best = _Found(start, end, weight)
        if joined not in _BEGINNINGS:
            break
    return best


def _weight(joined: str) -> float | None:
    known = WORDS.get(joined)
    if known is not None or joined.isascii():
        return known
    for ending in _ENDINGS:
        if joined.endswith(ending) and len(joined) - len(ending) >= _STEM:
            known = WORDS.get(joined[: -len(ending)])
            if known:
                return known
    return None


def _turn(tokens: list[str], found: list[_Found]) -> None:
    starts = {one.start: one for one in found}
    for one in reversed(found):
        following = starts.get(one.end + 1) if one.end < len(tokens) and tokens[one.end] == _AND else None
        one.is_turned = _turned_after(tokens, one, starts) or _turned_before(tokens, one)
        if following is not None and following.is_turned:
            one.is_turned = True


def _turned_after(tokens: list[str], one: _Found, starts: dict[int, _Found]) -> bool:
    for at in range(one.end, min(one.end + _AFTER, len(tokens))):
        token = tokens[at]
        if token in NOT_AFTER:
            return True
        if token in _BREAKS or token in _ENDS or at in starts:
            return False
    return False


def _turned_before(tokens: list[str], one: _Found) -> bool:
    for at in range(one.start - 1, max(one.start - 1 - _BEFORE, -1), -1):
        token = tokens[at]
        if token in NOT_BEFORE:
            return token.isascii() or at == one.start - 1
        if token in _BREAKS or token in BUT:
            return False
    return False


def _strength(tokens: list[str], start: int) -> float:
    near = [*tokens[max(0, start - 2) : start], "".join(tokens[max(0, start - 2) : start])]
    if any(token in MORE for token in near):
        return 1.5
    return 0.5 if any(token in LESS for token in near) else 1.0


def _shown(tokens: list[str], one: _Found) -> str:
    """The word with what turned it, so that it is read as it was meant."""
    end = one.end
    if one.is_turned:
        for at in range(one.end, min(one.end + _AFTER, len(tokens))):
            if tokens[at] in NOT_AFTER:
                end = at + 1
                break
    start = one.start
    if one.is_turned and end == one.end:
        for at in range(one.start - 1, max(one.start - 1 - _BEFORE, -1), -1):
            if tokens[at] in NOT_BEFORE:
                start = at
                break
    return " ".join(tokens[start:end])
