"""What of a text is judged."""

from __future__ import annotations

from peyvand.analytical.texts.sources import own_words


def test_mentions_go_and_a_text_made_to_hang_does_not() -> None:
    assert own_words(["سلام @[مینا کریمی](user:12) خوب بود"]) == "سلام  خوب بود"
    # Squared, this takes minutes; what is judged has an end.
    assert len(own_words(["@[" * 1_000_000])) == 20_000
