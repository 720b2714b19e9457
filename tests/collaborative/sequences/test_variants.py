"""Which text somebody gets, and what rates say: the same whoever asks, and honest where there are few."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from peyvand.collaborative.sequences.models import Step
from peyvand.collaborative.sequences.variants import Rate, better, variant_of


def step(share: int, text_b: str = "other", kind: str = "mail") -> Step:
    return Step(id=7, kind=kind, text="one", text_b=text_b, share_b=share)


@pytest.mark.parametrize("share", [10, 50, 80])
def test_the_share_of_the_second_text_is_kept(share: int) -> None:
    given_b = sum(variant_of(step(share), id) == "b" for id in range(1, 10_001))
    assert abs(given_b - 100 * share) < 200


def test_where_there_is_one_text_there_is_no_variant() -> None:
    assert variant_of(step(50, text_b=""), 1) == ""
    assert variant_of(step(0), 1) == ""
    assert variant_of(step(50, kind="call"), 1) == ""
    assert {variant_of(step(100), id) for id in range(50)} == {"b"}


@given(st.integers(0, 500), st.integers(1, 500))
@example(190, 190)
def test_the_rate_lies_in_its_interval(count: int, of: int) -> None:
    rate = Rate(min(count, of), of)
    low, high = rate.interval
    assert 0 <= low <= rate.share <= high <= 1 + 1e-9


def test_wilson_s_interval_as_textbooks_have_it() -> None:
    low, high = Rate(10, 100).interval
    assert (round(low, 4), round(high, 4)) == (0.0552, 0.1744)
    assert Rate(0, 0).interval == (0.0, 1.0)


def test_few_tell_nothing() -> None:
    assert better(Rate(10, 20), Rate(0, 20)) == "few"
    assert better(Rate(60, 100), Rate(20, 100)) == "a"
    assert better(Rate(20, 100), Rate(60, 100)) == "b"
    assert better(Rate(20, 100), Rate(25, 100)) == "same"
