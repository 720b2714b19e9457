"""Terms of texts that nobody writes: what looks through a word again from each of its letters would never end here."""

from __future__ import annotations

from peyvand.kernel.persian.terms import asked, terms


def test_a_word_of_a_million_letters_is_looked_through_once() -> None:
    endless = "ب" * 1_000_000
    found = terms(f"علی‌رضا {endless}")
    assert found[:2] == ["علی", "رضا"]
    assert found[-1] == "علیرضا"
    assert len(asked(endless)) == 1
