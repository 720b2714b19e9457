"""Ways of buying: groups are found where they are, named by what sets them apart, and keep their names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from tests.analytical.customers.making import TODAY, Row, found, of, sale_table, told

from peyvand.analytical.analyses.contract import Finding
from peyvand.analytical.customers import behaviour
from peyvand.analytical.methods.guards import NoSignal, NotEnough


def bought() -> list[Row]:
    """200 who buy often and lately, 150 who bought little long ago, 100 who give few but huge orders."""
    chance = np.random.default_rng(1)
    rows: list[Row] = []
    for customer in range(2, 902, 2):
        often, big = customer < 402, customer >= 702
        orders = int(chance.integers(25, 40)) if often else int(chance.integers(2, 5)) if big else 1
        last = (
            int(chance.integers(1, 12))
            if often
            else int(chance.integers(40, 60))
            if big
            else int(chance.integers(400, 600))
        )
        typical = 200_000_000 if big else 1_000_000
        for n in range(orders):
            amount = round(typical * float(np.exp(0.2 * chance.normal())))
            rows.append((customer, TODAY + timedelta(days=-last - 12 * n), amount))
    return rows  # fmt: skip


def grouped(
    monkeypatch: pytest.MonkeyPatch, rows: list[Row], former: Mapping[str, Any], **more: Any
) -> Finding:
    monkeypatch.setattr(behaviour, "_former", lambda tenant: former)
    return found("behaviour", {"sale": sale_table(rows)}, **more)


def test_groups_are_called_by_what_sets_them_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    finding = grouped(monkeypatch, bought(), {})
    group = of(finding, "behaviour")
    assert [group[one] for one in (2, 400)] == ["frequent"] * 2
    assert [group[one] for one in (702, 900)] == ["big"] * 2
    assert {group[one] for one in range(402, 702, 2)} == {"quiet"}
    template, params, _ = told(finding, "behaviour")[900]["reasons"][0]
    assert template.startswith("%(own)s a day of buying")
    assert params["value"]["money"] == pytest.approx(200_000_000, rel=0.1)
    own = [amount for who, _day, amount in bought() if who == 900]
    assert params["own"]["money"] == pytest.approx(np.mean(own), abs=1)
    # Of another of the group it says what that one did.
    assert told(finding, "behaviour")[702]["reasons"][0][1]["own"] != params["own"]


def test_groups_keep_their_names_from_run_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    first = grouped(monkeypatch, bought(), {})
    renamed = dict(first.more) | {
        "groups": [
            group | ({"key": "seldom"} if group["key"] == "quiet" else {}) for group in first.more["groups"]
        ]
    }
    again = grouped(monkeypatch, bought(), renamed, as_of=TODAY + timedelta(days=5))
    # "Buy rarely" is as true of the quiet ones: what a group was called it stays.
    assert {of(again, "behaviour")[one] for one in range(402, 702, 2)} == {"seldom"}
    assert of(again, "behaviour")[2] == "frequent"
    assert all(group["was_known"] for group in again.more["groups"])
    false = dict(first.more) | {"groups": [group | {"key": "discounts"} for group in first.more["groups"]]}
    third = grouped(monkeypatch, bought(), false)
    assert of(third, "behaviour") == of(first, "behaviour")


def test_few_customers_and_customers_all_alike_have_no_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotEnough) as refusal:
        grouped(monkeypatch, bought()[:100], {})
    assert refusal.value.needs == 200
    with pytest.raises(NotEnough):
        grouped(monkeypatch, [], {})
    alike: list[Row] = [(one, TODAY - timedelta(days=10), 500) for one in range(2, 602, 2)]
    with pytest.raises(NoSignal):
        grouped(monkeypatch, alike, {})
