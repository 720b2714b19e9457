"""Terms of texts that nobody writes: what looks through a word again from each of its letters would never end here."""

from __future__ import annotations

import random

from peyvand.kernel.persian.terms import asked, terms, terms_of_whole
from peyvand.kernel.persian.text import fold


def test_a_word_of_a_million_letters_is_looked_through_once() -> None:
    endless = "ب" * 1_000_000
    found = terms(f"علی‌رضا {endless}")
    assert found[:2] == ["علی", "رضا"]
    assert found[-1] == "علیرضا"
    assert len(asked(endless)) == 1


def test_the_short_way_to_the_terms_of_an_address_says_what_the_long_one_does() -> None:
    draw = random.Random(11)
    letters = "abcsSIEX019" + "-./@:+_" + "آ '"
    seen = 0
    for length in range(1, 90):
        for _ in range(60):
            text = "".join(draw.choices(letters, [*[6] * 11, *[2] * 7, 0.05, 0.05, 0.05], k=length))
            short = terms_of_whole(text)
            if short is not None:
                seen += 1
                assert short == (fold(text), terms(text))
    assert seen > 200
    for text in ("sales.companies@Heroes.example", "a" * 70 + "@" + "b" * 70 + ".ir"):
        assert terms_of_whole(text) == (fold(text), terms(text))
    for text in ("a@b c@d", "a..b@c", "@a", "علی@b.ir", "ab", ""):
        assert terms_of_whole(text) is None
