"""Profit: every amount by hand, what is not known is said, and the curve is whose it is called."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analytical.customers.making import TODAY, figures, found, of, sale_table, told

from peyvand.analytical.customers.profit import CostsUnknown
from peyvand.analytical.customers.tiers import bringing
from peyvand.analytical.methods.guards import NotEnough

# Customer, net, cost; of 1,000 of 13,600 the cost is not known: all of customer 3's but for one in ten, and all of 5's.
SOLD: list[tuple[int | None, int, int | None]] = [
    (2, 5000, 2000), (2, -1000, -400), (3, 4500, 1500), (3, 500, None), (4, 2500, 2250), (5, 100, None), (6, -50, -20), (None, 900, 1),
]  # fmt: skip


def sales(rows: list[tuple[int | None, int, int | None]] = SOLD) -> pa.Table:
    table = sale_table((who, TODAY, net) for who, net, _ in rows)
    return table.append_column("cost", pa.array([cost for *_, cost in rows], pa.int64()))


WORK = pa.table({
    "interaction": ["call:1", "call:2", "note:1"], "customer": [4, 2, 2], "cost": [500, 150, None],
    "day": [TODAY, TODAY, TODAY],
})  # fmt: skip


def test_every_cost_is_taken_off_and_nobody_has_a_profit_whose_costs_are_not_known() -> None:
    finding = found("profit", {"sale": sales(), "interaction": WORK})
    # What customer 3 bought at an unknown cost is no profit; of customer 5 nothing is known.
    assert of(finding, "profit") == {2: 5000 - 1000 - 1600 - 150, 3: 4500 - 1500, 4: 2500 - 2250 - 500}
    assert of(finding, "profit_level") == {2: "good", 3: "core", 4: "loss"}
    assert of(finding, "profit_top") == {2: 67, 3: 34, 4: 100}
    said = told(finding, "profit")
    assert [(t, p["amount"]["money"], e) for t, p, e in said[2]["reasons"]] == [
        ("Sales of %(amount)s", 5000, 5000),
        ("Returns of %(amount)s", 1000, -1000),
        ("Goods that cost %(amount)s", 1600, -1600),
        ("Work that cost %(amount)s", 150, -150),
    ]
    assert said[3]["reasons"][-1][:2] == [
        "Left out, because their cost is not known: sales of %(amount)s", {"amount": {"money": 500}},
    ]  # fmt: skip
    card = figures(finding)
    assert (card["Revenue whose cost is known"], card["Profit"]) == (11_000, 5000)
    assert card["Height of the whale curve"] == pytest.approx(105)
    assert [note.params for note in finding.card.notes] == [{"share": {"percent": 4}}, {"n": 1}]


@pytest.mark.parametrize(("known", "percent"), [(0, 0), (79, 79)])
def test_where_costs_are_hardly_known_nothing_is_called_profit(known: int, percent: int) -> None:
    """79 of a hundred are too few; a cost of nothing is known all the same."""
    rows = [(2 * n + 2, 100, 0 if n < known else None) for n in range(100)]
    with pytest.raises(CostsUnknown) as refused:
        found("profit", {"sale": sales(rows)})
    assert refused.value.message.params == {"needs": {"percent": 80}, "has": {"percent": percent}}
    rows[known:] = [(2 * n + 2, 100, 0 if n < 80 else None) for n in range(known, 100)]
    assert len(of(found("profit", {"sale": sales(rows)}), "profit")) == 80


def test_what_is_not_known_yet_is_not_counted() -> None:
    earlier = TODAY - timedelta(days=1)
    with pytest.raises(NotEnough):
        found("profit", {"sale": sales()}, as_of=earlier)
    with pytest.raises(NotEnough):
        found("profit", {})


@given(st.lists(st.integers(-50, 1000), min_size=1, max_size=40))
def test_the_first_part_is_the_fewest_who_bring_the_share(amounts: list[int]) -> None:
    worth = np.array(amounts, np.float64)
    part = bringing(worth, (0.5, 0.8))
    total = np.maximum(worth, 0).sum()
    assert (part[worth <= 0] == 2).all()
    if total > 0:
        first = np.sort(worth[part == 0])
        assert first.sum() >= total / 2
        # Without the least of them, and who is tied with it, it would not be half.
        assert first[first > first[0]].sum() < total / 2
        assert worth[part == 0].min() > max(worth[part > 0], default=-np.inf)
