"""Rates, their difference and how many are needed, against published figures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peyvand.analytical.methods.effect import Rate, difference, measure, needed, wilson
from peyvand.kernel.errors import Invalid

RATES = st.integers(0, 2000).flatmap(lambda n: st.integers(0, n).map(lambda count: Rate(count, n)))


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    # Newcombe 1998, Statistics in Medicine 17, 857-872, table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_of_a_rate_is_wilsons(count: int, of: int, low: float, high: float) -> None:
    assert wilson(Rate(count, of)) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    # Newcombe 1998, Statistics in Medicine 17, 873-890, table II, method 10.
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_the_interval_of_a_difference_is_newcombes(
    first: tuple[int, int], second: tuple[int, int], low: float, high: float
) -> None:
    found = difference(Rate(*first), Rate(*second))
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_how_many_are_needed_is_as_published() -> None:
    # R's own example: power.prop.test(p1 = .50, p2 = .75, power = .90) gives n = 76.7 in each group.
    assert needed(0.5, 0.25, power=0.9) == (77, 77)
    # Four times as many treated as left alone: fewer are left alone, more are needed in all.
    alone, treated = needed(0.3, 0.1, 4)
    even, _ = needed(0.3, 0.1)
    assert alone < even < treated
    assert alone + treated > 2 * even


@given(RATES, RATES)
def test_a_difference_lies_in_its_interval_and_turns_with_its_sides(first: Rate, second: Rate) -> None:
    there, back = difference(first, second), difference(second, first)
    assert -1 <= there.low <= there.value <= there.high <= 1
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))


@given(st.floats(0, 1), st.floats(0.01, 0.99), st.floats(0.02, 50))
def test_some_are_always_needed(rate: float, least: float, ratio: float) -> None:
    alone, treated = needed(rate, least, ratio)
    assert alone >= 1
    assert treated >= 1


def test_nothing_is_said_before_there_are_enough() -> None:
    few = measure(Rate(9, 10), Rate(0, 10), 0.1, 0.5)
    assert few.difference.low > 0
    assert few.verdict == "few"
    alone, treated = needed(1 / 12, 0.1)
    assert few.missing == (treated - 10, alone - 10)
    assert measure(Rate(300, 1000), Rate(290, 1000), 0.1, 0.5).verdict == "open"
    assert measure(Rate(400, 1000), Rate(300, 1000), 0.1, 0.5).verdict == "better"
    assert measure(Rate(300, 1000), Rate(400, 1000), 0.1, 0.5).verdict == "worse"
    assert measure(Rate(0, 0), Rate(0, 0), 0.1, 0.2).verdict == "few"


def test_a_rate_counts_some_of_all() -> None:
    with pytest.raises(Invalid):
        Rate(3, 2)
