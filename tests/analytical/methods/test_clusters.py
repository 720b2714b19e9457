"""Behavioural groups: found where they are, the same again, and refused in noise."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score

from peyvand.analytical.methods.clusters import clusters, likeness
from peyvand.analytical.methods.guards import NoSignal, NotEnough
from peyvand.kernel.errors import Invalid

NAMES = ("amount", "orders", "days_since")


def _customers(seed: int = 1) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Three kinds: seldom and small, often and small, big; as amounts, orders and days since the last."""
    chance = np.random.default_rng(seed)
    kinds = np.repeat([0, 1, 2], (300, 250, 100))
    typical = np.array([[20, 1.5, 300], [200, 30, 20], [20_000, 8, 40]])
    return typical[kinds] * np.exp(0.25 * chance.normal(size=(650, 3))), kinds


def test_three_kinds_are_three_groups_whatever_the_order_of_rows() -> None:
    features, kinds = _customers()
    found = clusters(features, NAMES)
    assert len(found.groups) == 3
    assert found.label.tolist() == kinds.tolist()
    assert [group.customers for group in found.groups] == [300, 250, 100]
    assert found.stability[3] >= 0.95
    assert int(np.abs(found.groups[2].apart).argmax()) == 0
    order = np.random.default_rng(3).permutation(len(kinds))
    again = clusters(features[order], NAMES)
    assert again.label.tolist() == found.label[order].tolist()
    later, truth = _customers(9)
    assert adjusted_rand_score(truth, found.assign(later)) == 1
    in_rials = clusters(features * [10, 1, 1], NAMES)
    assert in_rials.label.tolist() == found.label.tolist()


def test_likeness_is_the_adjusted_rand_index() -> None:
    chance = np.random.default_rng(2)
    for _ in range(20):
        one, other = chance.integers(0, 4, 60), chance.integers(0, 4, 60)
        assert likeness(one, other, 4) == pytest.approx(adjusted_rand_score(one, other))
        assert likeness(one, 3 - one, 4) == 1


def test_noise_has_no_groups_and_too_few_customers_are_said() -> None:
    chance = np.random.default_rng(4)
    around = chance.normal(size=(600, 6))
    with pytest.raises(NoSignal) as noise:
        clusters(np.exp(around), tuple("abcdef"))
    assert noise.value.lower < 0.8
    with pytest.raises(NoSignal):
        clusters(np.ones((300, 2)), ("a", "b"))
    with pytest.raises(NotEnough) as missing:
        clusters(np.ones((1, 1)), ("a",))
    assert (missing.value.needs, missing.value.has) == (200, 1)
    for bad, names in (
        (np.ones((300, 2)), ("a",)),
        (np.full((300, 1), np.nan), ("a",)),
        (np.ones(300), ("a",)),
    ):
        with pytest.raises(Invalid):
            clusters(bad, names)
