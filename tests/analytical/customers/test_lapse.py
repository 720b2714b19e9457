"""Contracts at risk: learned from those that ended, said of the riskiest of each customer."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from tests.analytical.customers.making import TODAY, figures, found, of, told

from peyvand.analytical.methods.guards import NotEnough

Contract = tuple[int, int, str, date, date | None, date | None, int]


def contracts(rows: list[Contract]) -> dict[str, pa.Table]:
    names = ("subscription", "customer", "kind", "started", "ends", "ended", "amount")
    types = (pa.int64(), pa.int64(), pa.string(), pa.date32(), pa.date32(), pa.date32(), pa.int64())
    columns = {
        name: pa.array([row[n] for row in rows], type)
        for n, (name, type) in enumerate(zip(names, types, strict=True))
    }
    return {"subscription": pa.table(columns)}


def lasting(seed: int = 5) -> list[Contract]:
    """1,500 contracts of 400 days: of the monthly ones every fortieth ends each day's tenth part, of the yearly ones hardly one."""
    chance = np.random.default_rng(seed)
    rows: list[Contract] = []
    for n in range(1500):
        monthly = n % 2 == 0
        begun = int(chance.integers(100, 400))
        lasted = int(chance.exponential(120 if monthly else 2500)) + 1
        ended = TODAY - timedelta(days=begun - lasted) if lasted < begun else None
        kind = "monthly" if monthly else "yearly"
        rows.append(
            (
                n,
                2 * n + 2,
                kind,
                TODAY - timedelta(days=begun),
                None,
                ended,
                int(chance.integers(1, 9)) * 1000,
            )
        )
    return rows  # fmt: skip


def test_the_riskiest_contract_of_a_customer_is_told_with_its_reasons() -> None:
    extra: list[Any] = [
        (9001, 9001, "yearly", TODAY - timedelta(days=200), TODAY + timedelta(days=165), None, 4000),
        (9002, 9001, "monthly", TODAY - timedelta(days=200), None, None, 4000),
        (9003, 9003, "monthly", TODAY - timedelta(days=90), None, TODAY - timedelta(days=3), 4000),
        (9004, 9005, "monthly", TODAY + timedelta(days=9), None, None, 4000),
    ]
    finding = found("lapse", contracts([*lasting(), *extra]))
    risk = of(finding, "lapse_risk")
    running = {customer: kind for _, customer, kind, _, _, ended, _ in lasting() if ended is None}
    assert set(risk) == {*running, 9001}
    mean = {
        kind: np.mean([risk[one] for one in running if running[one] == kind])
        for kind in ("monthly", "yearly")
    }
    assert mean["monthly"] == pytest.approx(100 * (1 - np.exp(-30 / 120)), abs=4)
    assert mean["yearly"] < 4
    assert risk[9001] > 15
    said = told(finding, "lapse_level")[9001]["reasons"]
    kinds = [(p, e) for t, p, e in said if p["field"] == {"text": "Its kind"}]
    assert [p["value"] for p, _ in kinds] == [{"name": "monthly"}]
    assert kinds[0][1] > 0
    assert figures(finding)["Running contracts"] == len(running) + 2
    assert finding.card.beside is not None
    interval = told(finding, "lapse_risk")[9001]
    assert interval["low"] <= risk[9001] <= interval["high"]


def test_few_that_ended_are_refused_with_what_is_missing() -> None:
    ended_late = [row for row in lasting() if row[5] is None or row[5] > TODAY - timedelta(days=10)]
    count = sum(row[5] is not None for row in ended_late)
    with pytest.raises(NotEnough) as refusal:
        found("lapse", contracts(ended_late))
    assert (refusal.value.needs, refusal.value.has) == (40, count)
    with pytest.raises(NotEnough):
        found("lapse", {})


def test_where_one_field_says_it_all_it_is_what_is_said() -> None:
    """Nothing but the kind tells who ends: learning from more cannot be surely better, and the card says so."""
    finding = found("lapse", contracts([(*row[:6], 5000) for row in lasting()]))
    assert finding.card.beside is not None
    assert not finding.card.beside.is_better
    assert {name for name, _ in finding.card.weights} == {"Its kind"}
    assert finding.card.beside.instead == "What is shown is what that one field says."
    assert len(set(of(finding, "lapse_risk").values())) == 2
