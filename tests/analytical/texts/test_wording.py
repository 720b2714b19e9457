"""The words that mark unhappy texts say what they are about: grammar, greetings, numbers and the trade's own words are none of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from peyvand.analytical.texts.hearing import NEUTRAL, UNHAPPY, tokens_of
from peyvand.analytical.texts.plain import PLAIN
from peyvand.analytical.texts.sources import Text
from peyvand.analytical.texts.wording import Wording

TODAY = datetime(2026, 11, 22, 9, tzinfo=UTC)


def marks(unhappy: str, other: str) -> list[str]:
    """The words that stand out where six customers wrote the one and twenty the other."""
    wording = Wording(TODAY.date(), 90)
    for n in range(26):
        text, mood = (unhappy, UNHAPPY) if n < 6 else (other, NEUTRAL)
        at = TODAY - timedelta(days=n)
        wording.take(Text("note", n, text, at, n, None), at.date(), mood)
    return sorted(str(word) for word, _now, _before in wording.marks())


@pytest.mark.parametrize(
    ("unhappy", "other", "told"),
    [
        (
            "سه کارتن سفارش شکسته رسیده، خواستند خسارت بدهند و نداده‌اند؛ راضی نیستند و بودند کسانی که می‌گفتند نمی‌خواهیم",
            "فاکتور را بفرستید",
            ["خسارت", "راضی", "شکسته", "کارتن"],
        ),
        (
            "Three boxes arrived with broken content and nobody would have answered the order; they didn't care",
            "Send the invoice",
            ["answered", "arrived", "boxes", "broken", "care"],
        ),
    ],
)
def test_words_about_nothing_are_not_told(unhappy: str, other: str, told: list[str]) -> None:
    assert marks(unhappy, other) == sorted(token for word in told for token in tokens_of(word))


@pytest.mark.parametrize(
    "word", ["بدهند", "نیستند", "بودند", "نداده", "سفارش", "three", "content", "نمی‌شود", "داده‌اند"]
)
def test_what_a_reader_called_grammar_is_plain(word: str) -> None:
    assert set(tokens_of(word)) <= PLAIN


@pytest.mark.parametrize(
    "word", ["تاخیر", "خراب", "گران", "باتری", "فاکتور", "late", "broken", "price", "refund"]
)
def test_what_a_text_is_about_is_not_plain(word: str) -> None:
    assert not set(tokens_of(word)) & PLAIN
