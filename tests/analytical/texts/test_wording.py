"""The words that mark unhappy texts say what they are about: grammar, greetings, numbers and the trade's own words are none of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from peyvand.analytical.texts.hearing import NEUTRAL, UNHAPPY, tokens_of
from peyvand.analytical.texts.plain import PLAIN
from peyvand.analytical.texts.sources import Text
from peyvand.analytical.texts.wording import Wording, words_of_trade
from peyvand.operational.catalog.public import PRODUCT
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope

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


def test_what_the_trade_is_about_marks_no_unhappy_text() -> None:
    """A word that stands in half of all texts none of a mood, however many unhappy texts have it."""
    wording = Wording(TODAY.date(), 90, {"سرامیک"})
    for n in range(90):
        is_bad = n % 9 == 0
        words = [
            "ناراحت" if is_bad else "فاکتور",
            "کاشی" if n % 2 == 0 else "",
            "تلفن" if n in (0, 9, 18, 27, 36, 5, 14) else "",
        ]
        if is_bad and n < 60:
            words += ["خراب", "سرامیک"]
        at = TODAY - timedelta(days=n % 80)
        wording.take(Text("note", n, " ".join(words), at, n, None), at.date(), UNHAPPY if is_bad else NEUTRAL)
    told = [(word, now) for word, now, _before in wording.marks()]
    assert [word for word, _ in told] == ["ناراحت", "خراب", "تلفن"]
    # In the order of the figure that stands beside them.
    assert [now for _, now in told] == sorted((now for _, now in told), reverse=True)


def test_the_words_of_a_trade_are_those_of_its_products(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        create_record(acting(cast.sara), PRODUCT, {"name": "کاشی ضداسید", "price": 1000})
    assert {"کاشی", "ضداسید"} <= words_of_trade(cast.arman)
    assert "کاشی" not in words_of_trade(cast.rival)
