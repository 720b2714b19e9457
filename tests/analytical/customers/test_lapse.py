"""Contracts at risk: learned from those that ended, said of the riskiest of each customer."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pytest
from tests.analytical.customers.making import TODAY, figures, found, of, told

from peyvand.analytical.analyses.columns import own_value
from peyvand.analytical.analyses.contract import OwnField
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
    kinds = [(p, e) for t, p, e in said if p.get("field") == {"text": "Kind"}]
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
    assert {name for name, *_ in finding.card.weights} == {"Kind"}
    assert finding.card.beside.instead == "The result shown comes from that one field alone."
    assert len(set(of(finding, "lapse_risk").values())) == 2


def test_fields_that_the_workspace_added_are_learned_from() -> None:
    """Who pays by cheque leaves four times as often; nothing else says so."""
    chance, rows, own = np.random.default_rng(9), [], []
    for n in range(2000):
        cheque = bool(chance.integers(2))
        begun = int(chance.integers(100, 400))
        lasted = int(chance.exponential(100 if cheque else 2000)) + 1
        ended = TODAY - timedelta(days=begun - lasted) if lasted < begun else None
        rows.append((n, 2 * n + 2, "monthly", TODAY - timedelta(days=begun), None, ended, 4000))
        own.append(orjson.dumps({"c_1": "o1" if cheque else "o2", "c_2": 7}).decode())
    tables = contracts(rows)
    tables["customer"] = pa.table({"customer": pa.array([row[1] for row in rows], pa.int64()), "own": own})
    pays = OwnField("person", "c_1", "Way of payment", "choice", {"o1": "Cheque", "o2": "Card"})
    fields = (pays, OwnField("company", "c_2", "Branches", "number"))
    without, finding = found("lapse", tables), found("lapse", tables, own=fields)
    ordered = "Pairs ranked correctly"
    assert figures(finding)[ordered] > figures(without)[ordered] + 5
    assert finding.card.weights[0][0] == "Way of payment"
    # What no person has is no field of people.
    assert "Branches" not in {name for name, *_ in finding.card.weights}
    risk = of(finding, "lapse_risk")
    running = [n for n, row in enumerate(rows) if row[5] is None]
    by_cheque = [risk[2 * n + 2] for n in running if "o1" in own[n]]
    by_card = [risk[2 * n + 2] for n in running if "o2" in own[n]]
    assert np.mean(by_cheque) > 3 * np.mean(by_card)
    reasons = next(iter(told(finding, "lapse_level").values()))["reasons"]
    mine = next(one for one in reasons if one[1].get("field") == {"name": "Way of payment"})
    # A role from which the field is hidden is not told of it, by its key.
    assert mine[3] == "c_1"
    assert mine[1]["value"]["name"] in ("Cheque", "Card")
    assert [
        own_value(OwnField("person", "c_3", "Years", "number"), value) for value in (1.0, 2.5, np.nan)
    ] == [1, {"number": 2.5}, None]
    assert reasons[-1][0] == "Of all that ran, %(share)s ended within as many days"


def test_what_says_the_same_as_a_field_of_ours_is_not_counted_twice() -> None:
    rows = lasting()
    words = {"monthly": "o1", "yearly": "o2"}
    own = [
        orjson.dumps({"c_1": (TODAY - row[3]).days // 30, "c_2": words[row[2]], "c_3": n % 7}).decode()
        for n, row in enumerate(rows)
    ]
    tables = contracts(rows)
    tables["customer"] = pa.table({"customer": pa.array([row[1] for row in rows], pa.int64()), "own": own})
    fields = (
        OwnField("person", "c_1", "Tenure", "number"),
        OwnField("person", "c_2", "Contract", "choice", {"o1": "Monthly", "o2": "Yearly"}),
        OwnField("person", "c_3", "Weekday", "number"),
    )
    card = found("lapse", tables, own=fields).card
    left = [
        note.params["field"] for note in card.notes if note.template.startswith("%(field)s says the same")
    ]
    assert left == ["Tenure", "Contract"]
    assert not {name for name, *_ in card.weights} & {"Tenure", "Contract"}
