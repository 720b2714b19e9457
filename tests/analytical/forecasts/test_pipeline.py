"""The pipeline forecast: deals read by their moves, months ahead by stage, and what is refused."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from tests.analytical.forecasts.making import TODAY, figures, found

from peyvand.analytical.analyses.columns import number_of
from peyvand.analytical.forecasts.pipeline import month_of_season
from peyvand.analytical.methods.guards import NotEnough

AMOUNT = 1_000


def world(days: int = 420, each_day: int = 3, seed: int = 1) -> dict[str, pa.Table]:
    """Deals that stand ten days in a first stage on average, then are won (two of three) or lost at a constant rate."""
    chance = np.random.default_rng(seed)
    deals: list[dict[str, Any]] = []
    moves: list[dict[str, Any]] = []
    for n in range(days * each_day):
        opened = TODAY - timedelta(days - n // each_day)
        moved = opened + timedelta(int(chance.geometric(0.1)))
        closed = moved + timedelta(int(chance.geometric(0.05)))
        status = "won" if chance.random() < 2 / 3 else "lost"
        steps = [(opened, "", "New", "open")]
        if moved <= TODAY:
            steps.append((moved, "New", "Offer", "open"))
        if closed <= TODAY:
            steps.append((closed, "Offer", status.title(), status))
        for day, before, after, became in steps:
            moves.append(
                {
                    "change": len(moves),
                    "deal": n,
                    "from_stage": before,
                    "to_stage": after,
                    "status": became,
                    "day": day,
                }
            )
        is_over = closed <= TODAY
        deals.append({
            "deal": n, "member": 7 + n % 4, "pipeline": "Sales", "stage": steps[-1][2], "status": status if is_over else "open", "amount": AMOUNT,
            "day": opened, "closed": closed if is_over else None,
        })  # fmt: skip
    for move in moves:
        move["at"] = move["day"]
    return {
        "deal": pa.Table.from_pylist(deals, schema=pa.schema([
            ("deal", pa.int64()), ("member", pa.int64()), ("pipeline", pa.string()), ("stage", pa.string()), ("status", pa.string()),
            ("amount", pa.int64()), ("day", pa.date32()), ("closed", pa.date32()),
        ])),
        "stage_change": pa.Table.from_pylist(moves, schema=pa.schema([
            ("change", pa.int64()), ("deal", pa.int64()), ("from_stage", pa.string()), ("to_stage", pa.string()),
            ("status", pa.string()), ("day", pa.date32()), ("at", pa.date32()),
        ])),
    }  # fmt: skip


def won_in(tables: dict[str, pa.Table], since: date, until: date) -> float:
    rows = tables["deal"].to_pylist()
    return sum(r["amount"] for r in rows if r["status"] == "won" and since <= r["closed"] <= until)


def test_months_ahead_are_what_such_deals_bring() -> None:
    """Three deals a day of which two are won: some sixty a month, and the open ones run dry."""
    tables = world()
    finding = found("pipeline_forecast", tables)
    more = finding.more
    assert [m["month"] for m in more["months"]] == ["2026-11-22", "2026-12-22", "2027-01-21", "2027-02-20"]
    for month in more["months"]:
        assert 45 * AMOUNT < month["expected"] < 75 * AMOUNT
        assert month["low"] < month["expected"] < month["high"]
    # The same month of the last quarter, and where that is not over yet, of the one before it.
    assert [m["again"] for m in more["months"]] == [
        None,
        won_in(tables, date(2026, 9, 23), date(2026, 10, 22)),
        won_in(tables, date(2026, 10, 23), date(2026, 11, 21)),
        won_in(tables, date(2026, 8, 23), date(2026, 9, 22)),
    ]
    of_open = [m["open"] for m in more["months"]]
    assert of_open == sorted(of_open, reverse=True)
    assert more["total"]["expected"] == pytest.approx(sum(m["expected"] for m in more["months"]))
    standing = tables["deal"].to_pandas().query("status == 'open'").groupby("stage").size().to_dict()
    assert {(s["pipeline"], s["stage"]): s["count"] for s in more["stages"]} == {
        ("Sales", k): n for k, n in standing.items()
    }
    assert all(s["expected"] == pytest.approx(s["chance"] * s["amount"]) for s in more["stages"])
    # In four months nearly all are decided: two of three are won, wherever they stand now.
    assert [s["chance"] for s in more["stages"]] == pytest.approx([2 / 3] * 2, abs=0.06)
    assert len(more["tried"]) >= 5
    assert more["inside"] >= len(more["tried"]) - 3
    assert figures(finding)["Open deals"] == sum(standing.values())


def test_deals_that_nobody_saw_open_teach_nothing_and_those_without_moves_stand_where_they_stand() -> None:
    tables = world(260)
    rows = tables["deal"].to_pylist()
    over = {"status": "won", "day": TODAY - timedelta(3), "closed": date(2026, 5, 1), "amount": 10**9}
    late = [{**rows[0], **over, "deal": 10**6 + n} for n in range(50)]
    still = {
        **rows[0],
        "deal": 10**7,
        "status": "open",
        "stage": "Elsewhere",
        "day": TODAY - timedelta(5),
        "closed": None,
    }
    mixed = {**tables, "deal": pa.Table.from_pylist([*rows, *late, still], schema=tables["deal"].schema)}
    more = found("pipeline_forecast", mixed).more
    assert max(m["expected"] for m in more["months"]) < 75 * AMOUNT
    assert [s["count"] for s in more["stages"] if s["stage"] == "Elsewhere"] == [1]


def test_a_month_in_which_nothing_was_won_widens_the_intervals() -> None:
    tables = world()
    rows = [
        {**r, "status": "lost"}
        if r["closed"] and date(2026, 8, 23) <= r["closed"] <= date(2026, 9, 22)
        else r
        for r in tables["deal"].to_pylist()
    ]
    quiet = {**tables, "deal": pa.Table.from_pylist(rows, schema=tables["deal"].schema)}

    def width(tables: Any) -> float:
        last = found("pipeline_forecast", tables).more["months"][-1]
        return float(last["high"] / last["low"])

    assert width(quiet) > 1.2 * width(tables)


def test_too_few_closed_deals_or_too_short_a_time_is_refused() -> None:
    for tables, what, needs in (
        ({}, "closed deals", 100),
        (world(40, 2), "closed deals", 100),
        (world(100), "days of history", 182),
    ):
        with pytest.raises(NotEnough) as missing:
            found("pipeline_forecast", tables)
        assert (missing.value.what, missing.value.needs) == (what, needs)


def test_on_the_last_day_of_a_month_the_next_is_the_first() -> None:
    more = found("pipeline_forecast", world(260), as_of=date(2026, 11, 21)).more  # 30 Aban
    assert [m["month"] for m in more["months"]] == ["2026-11-22", "2026-12-22", "2027-01-21"]


def test_the_month_of_the_season() -> None:
    days = [date(2026, 3, 20), date(2026, 3, 21), date(2026, 5, 22), date(2026, 6, 21), date(2026, 11, 22)]
    assert month_of_season(np.array([number_of(day) for day in days])).tolist() == [2, 0, 2, 2, 2]
