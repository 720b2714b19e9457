"""Removal effects and Shapley values are exact, and no channel gains by how the paths are written down."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peyvand.analytical.methods.attribution import (
    Attribution,
    Paths,
    first_touch,
    last_touch,
    linear,
    markov,
    numbered,
    paths,
    removal,
    shapley,
)
from peyvand.analytical.methods.guards import NotEnough
from peyvand.kernel.errors import Invalid, RuleViolation

CHANNELS = 4
ALL = (first_touch, last_touch, linear, markov, shapley)
Told = list[tuple[list[int], int, int]]
TOLD = st.lists(
    st.tuples(
        st.lists(st.integers(0, CHANNELS - 1), min_size=1, max_size=6),
        st.integers(0, 50),
        st.integers(0, 50),
    ),
    min_size=1,
    max_size=8,
).map(lambda told: [*told, ([0, 1], 400, 3), ([2, 3], 1, 9)])


def _paths(told: Told) -> Paths:
    touches = [step for path, _, _ in told for step in path]
    sizes = [len(path) for path, _, _ in told]
    return paths(
        touches, sizes, [c for _, c, _ in told], [n for _, _, n in told], [2 * c for _, c, _ in told]
    )


def _converting(told: Told, allowed: set[int]) -> float:
    """Probability of a conversion with these channels alone, by following everybody from step to step."""
    steps: dict[object, dict[object, float]] = {}
    for path, good, bad in told:
        for end, count in (("yes", good), ("no", bad)):
            for a, b in zip(["start", *path], [*path, end], strict=True):
                steps.setdefault(a, {})
                steps[a][b] = steps[a].get(b, 0) + count
    here: dict[object, float] = {"start": 1.0}
    converted = 0.0
    for _ in range(3000):
        there: dict[object, float] = {}
        for state, chance in here.items():
            total = sum(steps[state].values())
            for to, count in steps[state].items():
                if to == "yes":
                    converted += chance * count / total
                elif to in allowed and total:
                    there[to] = there.get(to, 0) + chance * count / total
        here = there
        if sum(here.values()) < 1e-13:
            break
    return converted


@given(TOLD)
@settings(max_examples=40)
def test_removal_effects_are_what_is_lost_without_the_channel(told: Told) -> None:
    told = [(path, good + 1, bad) for path, good, bad in told]
    found = removal(_paths(told))
    everything = _converting(told, set(range(CHANNELS)))
    assert found.conversion == pytest.approx(everything, abs=1e-9)
    for channel in range(CHANNELS):
        without = _converting(told, set(range(CHANNELS)) - {channel})
        assert found.effect[channel] == pytest.approx(1 - without / everything, abs=1e-8)


@given(TOLD)
@settings(max_examples=15)
def test_shapley_is_the_mean_over_all_orders(told: Told) -> None:
    told = [(path, good + 1, bad) for path, good, bad in told]
    worth = {
        bits: _converting(told, {c for c in range(CHANNELS) if bits >> c & 1})
        for bits in range(1 << CHANNELS)
    }
    gains = np.zeros(CHANNELS)
    orders = list(permutations(range(CHANNELS)))
    for order in orders:
        bits = 0
        for channel in order:
            gains[channel] += worth[bits | 1 << channel] - worth[bits]
            bits |= 1 << channel
    total = sum(good for _, good, _ in told)
    expected = gains / len(orders) / worth[(1 << CHANNELS) - 1] * total
    assert shapley(_paths(told)).conversions == pytest.approx(expected, abs=1e-6)


@given(TOLD, st.randoms(use_true_random=False))
@settings(max_examples=10)
def test_every_rule_shares_out_all_and_does_not_mind_how_paths_are_listed(told: Told, chance: object) -> None:
    listed = [(path, good - good // 2, bad) for path, good, bad in told]
    listed += [(path, good // 2, 0) for path, good, _ in told]
    chance.shuffle(listed)  # type: ignore[attr-defined]
    for rule in ALL:
        found, again = rule(_paths(told)), rule(_paths(listed))
        assert found.conversions.sum() == pytest.approx(sum(good for _, good, _ in told))
        assert found.value == pytest.approx(2 * found.conversions, abs=1e-9)
        assert again.conversions == pytest.approx(found.conversions, abs=1e-7)
        assert (found.low <= found.high).all()
        assert rule(_paths(told)).low.tolist() == found.low.tolist(), "the same seed, the same interval"


@given(TOLD)
@settings(max_examples=10)
def test_the_chain_does_not_mind_a_touch_repeated_at_once(told: Told) -> None:
    """Three letters in a row take nobody from one channel to another."""
    stuttered = [([step for step in path for _ in range(3)], good, bad) for path, good, bad in told]
    for rule in (markov, shapley):
        assert rule(_paths(stuttered)).conversions == pytest.approx(rule(_paths(told)).conversions, abs=1e-6)


def test_a_small_case_worked_out_on_paper() -> None:
    """Half go mail → call and buy, half go call alone and do not. Without either channel nobody buys."""
    found = _paths([([0, 1], 500, 0), ([1], 0, 500)])
    assert removal(found).conversion == pytest.approx(0.5)
    assert removal(found).effect == pytest.approx([0.5, 1.0])
    assert markov(found).conversions == pytest.approx([500 / 3, 1000 / 3])
    assert shapley(found).conversions == pytest.approx([125, 375])
    assert first_touch(found).conversions.tolist() == [500, 0]
    assert last_touch(found).conversions.tolist() == [0, 500]
    assert linear(found).conversions.tolist() == [250, 250]


def test_the_interval_covers_a_known_share() -> None:
    """In 100 samples of one population, about 95 intervals hold the population's own share."""
    told: Told = [([0, 1], 300, 900), ([1], 200, 700), ([0], 100, 800), ([2, 1, 0], 150, 150)]
    truth = markov(_paths(told)).conversions / 750
    chance = np.random.default_rng(4)
    inside = []
    for seed in range(100):
        sample = [(path, int(chance.poisson(good)), int(chance.poisson(bad))) for path, good, bad in told]
        found: Attribution = markov(_paths(sample), seed=seed)
        inside.append((found.low <= truth * 750) & (truth * 750 <= found.high))
    assert 0.88 <= np.mean(inside) <= 1.0


def test_little_is_refused_and_says_how_much_is_missing() -> None:
    for told, needs, has in (
        ([([0, 1], 299, 5)], 300, 299),
        ([([1, 1], 500, 5)], 2, 1),
        ([([0, 1], 0, 500)], 300, 0),
    ):
        for rule in ALL:
            with pytest.raises(NotEnough) as refused:
                rule(_paths(told))
            assert (refused.value.needs, refused.value.has) == (needs, has)
    with pytest.raises(NotEnough):
        markov(paths([], [], []))
    with pytest.raises(NotEnough):
        markov(paths([], [0, 0], [300, 300]))


@pytest.mark.parametrize(
    ("touches", "lengths", "converted", "field"),
    [
        ([0, 1], [3], [1], "lengths"),
        ([0, 1], [2], [-1], "converted"),
        ([0, 1], [2], [float("nan")], "converted"),
        ([0, -1], [2], [1], "touches"),
        ([0, 10**9], [2], [1], "touches"),
        ([0, 1], [1, 1], [1], "converted"),
    ],
)
def test_paths_that_do_not_fit_are_named(
    touches: list[int], lengths: list[int], converted: list[float], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        paths(touches, lengths, converted)
    assert refused.value.problems[0].field == field


def test_too_many_channels_for_all_sets_are_refused() -> None:
    many = paths(np.arange(15), [15], [500])
    with pytest.raises(RuleViolation, match="14"):
        shapley(many)
    assert markov(many).conversions == pytest.approx(np.full(15, 500 / 15))


def test_path_data_has_the_known_effects(dataset: Callable[[str], Path]) -> None:
    """10,000 paths and 19,785 conversions of the R package ChannelAttribution, which simulates; these are exact."""
    with gzip.open(dataset("attribution/PathData.csv.gz"), "rt") as file:
        rows = list(csv.DictReader(file))
    touches, lengths, names = numbered([row["path"].split(" > ") for row in rows])
    columns = ("total_conversions", "total_null", "total_conversion_value")
    found = paths(touches, lengths, *([float(row[name]) for row in rows] for name in columns))
    known = {
        "alpha": 5344.95, "iota": 3884.61, "eta": 3340.85, "beta": 2527.35, "theta": 1971.91, "lambda": 1282.85,
        "epsilon": 599.57, "zeta": 381.06, "kappa": 274.36, "gamma": 171.15, "delta": 4.61, "mi": 1.72,
    }  # fmt: skip
    owed = markov(found)
    assert dict(zip(names, owed.conversions.round(2).tolist(), strict=True)) == known
    assert owed.conversions.sum() == pytest.approx(19_785, abs=1e-6)
    assert removal(found).conversion == pytest.approx(0.22385, abs=1e-5)
