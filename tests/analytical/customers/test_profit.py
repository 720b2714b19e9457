"""Profit: every amount by hand, what is not known is said, and the curve is whose it is called."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analytical.customers.making import TODAY, figures, found, of, sale_table, told

from peyvand.analytical.customers.tiers import bringing
from peyvand.analytical.methods.guards import NotEnough


def sales(cost: bool = True) -> pa.Table:
    rows = [(2, 1000, 400), (2, -200, -80), (3, 600, None), (4, 500, 450), (6, -50, -20), (None, 900, 1)]
    table = sale_table((who, TODAY, net) for who, net, _ in rows)
    return table.append_column("cost", pa.array([c if cost else None for *_, c in rows], pa.int64()))


WORK = pa.table({
    "interaction": ["call:1", "call:2", "note:1"], "customer": [4, 2, 2], "cost": [100, 30, None],
    "day": [TODAY, TODAY, TODAY],
})  # fmt: skip


def test_every_cost_is_taken_off_and_what_is_not_known_is_said() -> None:
    finding = found("profit", {"sale": sales(), "interaction": WORK})
    assert of(finding, "profit") == {2: 1000 - 200 - 400 + 80 - 30, 3: 600, 4: 500 - 450 - 100}
    assert of(finding, "profit_level") == {2: "good", 3: "core", 4: "loss"}
    assert of(finding, "profit_top") == {2: 67, 3: 34, 4: 100}
    said = told(finding, "profit")
    assert [(t, p["amount"]["money"], e) for t, p, e in said[2]["reasons"]] == [
        ("Sales of %(amount)s", 1000, 1000),
        ("Returns of %(amount)s", 200, -200),
        ("Goods that cost %(amount)s", 320, -320),
        ("Work that cost %(amount)s", 30, -30),
    ]
    assert said[3]["reasons"][1][1] == {"share": {"percent": 100}}
    card = figures(finding)
    assert (card["Revenue"], card["Profit"]) == (1900, 1000)
    assert card["Height of the whale curve"] == pytest.approx(105)
    assert [note.params for note in finding.card.notes] == [{"share": {"percent": 26}}]
    assert finding.more["called"] == "profit"


def test_without_costs_it_is_called_revenue() -> None:
    finding = found("profit", {"sale": sales(cost=False)})
    assert of(finding, "profit") == {2: 800, 3: 600, 4: 500}
    assert finding.more["called"] == "revenue"
    assert len(finding.card.notes) == 2


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
