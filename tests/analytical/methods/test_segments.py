"""RFM, cohorts and the whale curve: a second way to count each, published figures, invariances and refusals."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from peyvand.analytical.methods.guards import NotEnough
from peyvand.analytical.methods.segments import (
    LABELS,
    RULES,
    Segment,
    cohorts,
    fifths,
    migration,
    rfm,
    whale,
)
from peyvand.kernel.errors import Invalid

ORDERS = st.lists(
    st.tuples(st.integers(1, 9), st.integers(0, 11), st.integers(-4, 20)), min_size=1, max_size=60
)


@pytest.fixture(scope="module")
def retail(
    dataset: Callable[[str], Path],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Clean lines of Online Retail: customer, month since 1970, amount."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    table = pq.read_table(dataset("purchases/online_retail.parquet"))
    clean = table.filter(
        (pc.field("Quantity") > 0) & (pc.field("UnitPrice") > 0) & pc.field("CustomerID").is_valid()
    )
    month = clean["InvoiceDate"].to_numpy().astype("datetime64[M]").astype(np.int64)
    paid = clean["Quantity"].to_numpy() * clean["UnitPrice"].to_numpy()
    return clean["CustomerID"].to_numpy().astype(np.int64), month, paid


def test_online_retail_is_as_published(retail: tuple[NDArray[np.int64], ...]) -> None:
    who, month, paid = retail
    found = cohorts(who, month, paid, int(month.max()))
    assert found.customers[0][:6] == (885, 324, 286, 340, 321, 352)
    assert found.retention[0][1] == pytest.approx(324 / 885)
    assert (len(who), float(paid.sum())) == (397_884, pytest.approx(8_911_407.90, abs=0.01))
    _, place = np.unique(who, return_inverse=True)
    curve = whale(np.bincount(place, paid))
    assert len(curve.order) == 4338
    assert (curve.top(0.2), curve.top(0.01)) == (
        pytest.approx(0.7459, abs=5e-5),
        pytest.approx(0.3178, abs=5e-5),
    )


@given(ORDERS, st.randoms(use_true_random=False))
def test_rfm_is_what_counting_by_hand_gives(rows: list[tuple[int, int, int]], chance: object) -> None:
    def ask(given: list[tuple[int, int, int]], as_of: int = 9):  # type: ignore[no-untyped-def]
        return rfm(
            [r[0] for r in given], [r[1] for r in given], [r[2] for r in given], as_of, buyers=0, days=0
        )

    found = ask(rows)
    known = [row for row in rows if row[1] <= 9]
    orders = {who: [d for w, d, paid in known if w == who and paid > 0] for who in {r[0] for r in known}}
    buyers = sorted(who for who, days in orders.items() if days)
    assert found.customers.tolist() == buyers
    assert found.recency.tolist() == [9 - max(orders[w]) for w in buyers]
    assert found.frequency.tolist() == [len(orders[w]) for w in buyers]
    assert found.amount.tolist() == [sum(p for x, _, p in known if x == w) for w in buyers]
    for value, fifth in ((-found.recency, found.r), (found.frequency, found.f), (found.amount, found.m)):
        assert fifth.tolist() == [sum(v < x for v in value) * 5 // len(buyers) + 1 for x in value]
    assert list(found.segments) == [
        RULES[r - 1][(f + m + 1) // 2 - 1] for r, f, m in zip(found.r, found.f, found.m, strict=True)
    ]
    mixed = list(rows)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert ask(mixed).segments == found.segments
    moved = migration(found, ask(rows, 11))
    assert sum(map(sum, moved.counts)) == len({*buyers, *ask(rows, 11).customers.tolist()})
    assert sum(map(sum, moved.counts[:-1])) == len(buyers)
    assert [sum(row) for row in moved.counts[:-1]] == [found.segments.count(s) for s in Segment]


@given(ORDERS)
def test_cohorts_are_what_counting_by_hand_gives(rows: list[tuple[int, int, int]]) -> None:
    begun: dict[int, int] = {}
    for who, period, paid in rows:
        if paid > 0 and period <= 9:
            begun[who] = min(begun.get(who, 99), period)
    ask = ([r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows], 9)
    if len(set(begun.values())) < 1:
        with pytest.raises(NotEnough):
            cohorts(*ask, least=1)
        return
    found = cohorts(*ask, least=1)
    for row, period in enumerate(found.periods):
        for age in range(len(found.periods)):
            if period + age > 9:
                assert found.customers[row][age] is found.amounts[row][age] is None
                continue
            here = [r for r in rows if begun.get(r[0]) == period and r[1] == period + age]
            assert found.customers[row][age] == len({r[0] for r in here if r[2] > 0})
            assert found.amounts[row][age] == sum(r[2] for r in here)


def test_every_segment_has_a_name_and_a_place() -> None:
    assert {segment for row in RULES for segment in row} == set(Segment) == set(LABELS)
    assert fifths([1, 1, 1, 1, 9]).tolist() == [1, 1, 1, 1, 5]
    assert fifths([]).tolist() == []


def test_customers_who_cost_bend_the_whale_back() -> None:
    curve = whale([10, -30, 60, 60])
    assert (curve.total, curve.peak, curve.peak_at) == (100, pytest.approx(1.3), 0.75)
    assert (curve.top(0.5), curve.top(1), curve.top(0)) == (pytest.approx(1.2), pytest.approx(1), 0)
    assert np.isnan(whale([5, -5]).top(1))
    assert whale([3.0]).top(1) == 1
    with pytest.raises(NotEnough):
        whale([])
    with pytest.raises(Invalid):
        curve.top(1.5)


def test_too_little_is_refused() -> None:
    with pytest.raises(NotEnough) as missing:
        rfm([], [], [], 9)
    assert (missing.value.needs, missing.value.has) == (50, 0)
    with pytest.raises(NotEnough) as missing:
        rfm(range(60), [5] * 60, [1] * 60, 9)
    assert (missing.value.needs, missing.value.has) == (90, 5)
    with pytest.raises(NotEnough):
        rfm(range(60), [200] * 60, [1] * 60, 9)  # all of it is dated ahead
    with pytest.raises(Invalid):
        rfm([1], [5], [float("nan")], 9)
