"""Rules are counted exactly, whatever the order of lines and however little is held at a time."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peyvand.analytical.methods import itemsets as counting
from peyvand.analytical.methods.guards import NotEnough
from peyvand.analytical.methods.itemsets import Itemsets, itemsets
from peyvand.analytical.methods.rules import Rules, lift_low, rules
from peyvand.kernel.errors import Invalid, RuleViolation

Baskets = list[set[int]]
BASKETS = st.lists(st.sets(st.integers(0, 7), min_size=1), min_size=1, max_size=25)


def _lines(baskets: Baskets, seed: int = 0, repeated: int = 1) -> tuple[np.ndarray, np.ndarray]:
    lines = np.array([(n, item) for n, basket in enumerate(baskets) for item in basket] * repeated)
    lines = np.random.default_rng(seed).permutation(lines)
    return lines[:, 0], lines[:, 1]


def _by_hand(baskets: Baskets, least: int) -> dict[frozenset[int], int]:
    counts = Counter(frozenset(c) for b in baskets for n in range(1, len(b) + 1) for c in combinations(b, n))
    return {items: count for items, count in counts.items() if count >= least}


def _as_dict(found: Itemsets) -> dict[frozenset[int], int]:
    return {
        frozenset(found.items[ranks].tolist()): int(count)
        for level in found.levels
        for ranks, count in zip(level.sets, level.counts, strict=True)
    }


@given(BASKETS, st.integers(1, 100), st.integers(0, 3), st.integers(1, 2))
def test_the_sets_are_those_counted_by_hand(baskets: Baskets, percent: int, seed: int, repeated: int) -> None:
    """For any baskets, in any order of lines, with lines repeated."""
    found = itemsets(*_lines(baskets, seed, repeated), support=Fraction(percent, 100))
    least = -(-percent * len(baskets) // 100)
    assert _as_dict(found) == _by_hand(baskets, least)
    for below, level in zip(found.levels, found.levels[1:], strict=False):
        for ranks, without in zip(level.sets, level.without, strict=True):
            for item, smaller in enumerate(without):
                assert below.sets[smaller].tolist() == np.delete(ranks, item).tolist()


@given(BASKETS)
def test_holding_less_at_a_time_changes_nothing(baskets: Baskets) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name, held in (("_COUNTERS", 3), ("_LINES", 5), ("_PAIRS", 4), ("_CELLS", 64), ("_WORDS", 2)):
            patch.setattr(counting, name, held)
        found = itemsets(*_lines(baskets * 4), support=Fraction(1, 10))
    assert _as_dict(found) == _by_hand(baskets * 4, -(-4 * len(baskets) // 10))


@given(BASKETS, st.integers(1, 10))
@settings(max_examples=60)
def test_rules_are_those_found_by_hand(baskets: Baskets, tenths: int) -> None:
    found = rules(
        *_lines(baskets), support=Fraction(1, 10), confidence=tenths / 10, together=1, least_baskets=1
    )
    counts = _by_hand(baskets, -(-len(baskets) // 10))
    expected = {
        (items - {then}, then): (together, counts[items - {then}])
        for items, together in counts.items()
        if len(items) > 1
        for then in items
        if together * 10 >= counts[items - {then}] * tenths
    }
    listed = [found[place] for place in range(len(found))]
    assert {(frozenset(r.items), r.then): (r.together, r.having) for r in listed} == expected
    assert all(r.of_then == counts[frozenset({r.then})] and r.baskets == len(baskets) for r in listed)
    assert (np.diff(found.lift_low) <= 1e-8).all()


def test_a_rule_at_the_threshold_is_kept() -> None:
    """28 of 35 is .8 exactly; as floats 28 / 1000 / (35 / 1000) falls below it."""
    assert (28 / 1000) / (35 / 1000) < 0.8
    baskets: Baskets = [{0, 1}] * 28 + [{0}] * 7 + [{2}] * 965
    found = rules(*_lines(baskets), support=0.028, confidence=0.8)
    assert {(found[n].items, found[n].then) for n in range(len(found))} == {((0,), 1), ((1,), 0)}


def test_ids_may_be_anything_whole() -> None:
    """Ids that came as floats, far apart or negative are ids all the same."""
    baskets, items = _lines([{0, 1}, {0, 1}, {1, 2}])
    plain = _as_dict(itemsets(baskets, items, support=0.3))
    for ids in (baskets.astype(float), baskets * -(2**61), baskets * 2**61):
        assert _as_dict(itemsets(ids, items, support=0.3)) == plain


def test_the_lower_bound_of_a_lift_holds_it_in_most_draws() -> None:
    """2,000 draws of 1,000 baskets with a true lift of 2: about 2.5 % of the lower bounds lie above it."""
    chance = np.random.default_rng(11)
    a, b = chance.random((2, 2000, 1000))
    has = a < 0.2
    then = b < np.where(has, 0.4, 0.15)
    together, having, of_then = (v.sum(axis=1) for v in (has & then, has, then))
    missed = float((lift_low(together, having, of_then, 1000) > 0.4 / 0.2).mean())
    assert 0.01 < missed < 0.04


@pytest.mark.parametrize(
    ("baskets", "items", "field"),
    [
        ([1, 2], [0], "items"),
        ([1.0, float("nan")], [0, 1], "baskets"),
        ([1, 2], [-1, 0], "items"),
        ([1, 2], [0, 10**12], "items"),
        ([1, 2], [0.5, 1], "items"),
    ],
)
def test_lines_that_are_none_are_named(baskets: list[float], items: list[float], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        itemsets(baskets, items, support=0.1)
    assert refused.value.problems[0].field == field


@pytest.mark.parametrize("share", [0, -0.1, 1.1, float("nan"), float("inf")])
def test_a_share_is_above_nothing_and_at_most_all(share: float) -> None:
    with pytest.raises(Invalid):
        itemsets([0], [0], support=share)


def test_little_is_refused_and_says_how_much_is_missing() -> None:
    for baskets in ([], [{0, 1}], [{0, 1}] * 499):
        lines = _lines(baskets) if baskets else ([], [])
        with pytest.raises(NotEnough) as refused:
            rules(*lines, support=0.1, confidence=0.5)
        assert (refused.value.needs, refused.value.has) == (500, len(baskets))
    assert len(rules(*_lines([{n % 9} for n in range(500)]), support=0.001, confidence=0.1)) == 0
    rare: Baskets = [{0, 1}] * 4 + [{2}] * 600
    assert len(rules(*_lines(rare), support=0.001, confidence=0.1)) == 0, "four times together may be chance"


def test_a_flood_of_combinations_is_stopped() -> None:
    """Twenty-five items that are always bought together have 33 million combinations."""
    with pytest.raises(RuleViolation, match="higher support"):
        itemsets(*_lines([set(range(25))] * 6), support=0.5, longest=25, most=50_000)


def test_groceries_have_the_published_rules(dataset: Callable[[str], Path]) -> None:
    """9,835 baskets of the R package arules, whose numbers of rules are printed in many places."""
    with dataset("basket/groceries.csv").open(encoding="utf-8") as file:
        rows = list(csv.reader(file))
    names = sorted({item for row in rows for item in row})
    code = {name: n for n, name in enumerate(names)}
    baskets, items = _lines([{code[item] for item in row} for row in rows], seed=3)
    published = {
        (0.001, 0.5): {2: 11, 3: 1461, 4: 3211, 5: 939, 6: 46},
        (0.001, 0.8): {3: 29, 4: 229, 5: 140, 6: 12},
        (0.006, 0.25): {2: 150, 3: 297, 4: 16},
        (0.01, 0.5): {3: 15},
    }
    found: dict[tuple[float, float], Rules] = {}
    for (support, confidence), lengths in published.items():
        found[support, confidence] = rules(baskets, items, support=support, confidence=confidence)
        assert Counter(found[support, confidence].length.tolist()) == lengths
    assert len(itemsets(baskets, items, support=0.001)) == 13_492
    best = found[0.001, 0.8][int(np.argmax(found[0.001, 0.8].lift))]
    assert [names[i] for i in best.items] == ["liquor", "red/blush wine"]
    assert names[best.then] == "bottled beer", "the rule with the highest lift, 11.2, in arules' own vignette"
