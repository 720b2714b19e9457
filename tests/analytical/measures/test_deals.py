"""Stays in stages and bottlenecks against pandas, and a story whose answer is known."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from tests.analytical.measures.making import Filled, World

from peyvand.analytical.measures.deals import bottlenecks, stays

NOW = datetime(2026, 11, 22, 8)


def expected(world: World) -> pd.DataFrame:
    moves = world.rows["stage_change"].merge(world.rows["member"][["member", "team"]], on="member")
    moves = moves[moves["at"] <= NOW]
    last = moves.sort_values(["at", "change"]).groupby("deal").tail(1)
    gone = moves[moves.from_stage != ""].assign(stage=lambda f: f.from_stage, ended="on")
    standing = last.assign(
        stage=last.to_stage, ended="standing", hours=(NOW - last["at"]).dt.total_seconds() / 3600
    )
    return pd.concat([gone, standing])


@pytest.mark.parametrize("by", ["", "member", "team"])
def test_where_the_hours_go(world: World, by: Any) -> None:
    wanted = expected(world)
    found = world.told(bottlenecks(world.tables, NOW, by))
    keys = [by, "stage"] if by else ["stage"]
    groups = wanted.groupby(keys)
    assert len(found) == groups.ngroups
    for row in found.to_dict("records"):
        group = groups.get_group(tuple(row[key] for key in keys))
        over, still = group[group.ended != "standing"], group[group.ended == "standing"]
        slow = np.quantile(over.hours, 0.9) if len(over) else np.nan
        assert (row["stays"], row["moved_on"], row["standing"]) == (len(over), len(over), len(still))
        assert row["late"] == (still.hours > slow).sum()
        got = [row[key] for key in ("hours", "waiting", "median", "slow", "share", "on_rate")]
        median = over.hours.median() if len(over) else np.nan
        told = [
            group.hours.sum(),
            still.hours.sum(),
            median,
            slow,
            group.hours.sum() * 100 / wanted.hours.sum(),
        ]
        np.testing.assert_allclose(got, [*told, 100 if len(over) else np.nan], rtol=1e-9)


def test_what_becomes_of_deals_in_a_stage(duck: Filled) -> None:
    """Deal 1 is won, 2 goes back and is lost, 3 stands in "offer" for two days, 4 was lost and reopened an hour ago."""
    moves = [
        (1, "", "talk", None, 0, "open", 1, None), (1, "talk", "offer", 0, 1, "open", 2, 24.0), (1, "offer", "won", 1, 2, "won", 5, 72.0),
        (2, "", "offer", None, 1, "open", 1, None), (2, "offer", "talk", 1, 0, "open", 2, 24.0), (2, "talk", "lost", 0, 3, "lost", 3, 24.0),
        (3, "", "offer", None, 1, "open", 20, None),
        (4, "", "talk", None, 0, "open", 1, None), (4, "talk", "lost", 0, 3, "lost", 2, 24.0), (4, "lost", "talk", 3, 0, "open", 22, 480.0),
        (5, "", "talk", None, 0, "open", 30, None),
    ]  # fmt: skip
    names = ("deal", "from_stage", "to_stage", "from_position", "to_position", "status", "at", "hours")
    rows = [{"change": n, **dict(zip(names, move, strict=True))} for n, move in enumerate(moves)]
    for row in rows:
        row["at"] = datetime(2026, 11, row["at"], 7 if row["deal"] == 4 else 8)
    tables = duck({"stage_change": pa.Table.from_pylist(rows)})
    told = tables.fetch(stays(tables, NOW)).to_pylist()
    ends = sorted((row["deal"], row["stage"], row["ended"], row["hours"]) for row in told)
    assert ends == [
        (1, "offer", "won", 72.0), (1, "talk", "on", 24.0), (2, "offer", "back", 24.0), (2, "talk", "lost", 24.0),
        (3, "offer", "standing", 48.0), (4, "lost", "back", 480.0), (4, "talk", "lost", 24.0), (4, "talk", "standing", 1.0),
    ]  # fmt: skip
    found = {row["stage"]: row for row in tables.fetch(bottlenecks(tables, NOW)).to_pylist()}
    talk = found["talk"]
    assert (talk["stays"], talk["moved_on"], talk["lost"], talk["standing"], talk["late"]) == (3, 1, 2, 1, 0)
    assert talk["on_rate"] == pytest.approx(100 / 3)
    assert (found["offer"]["back"], found["offer"]["standing"], found["offer"]["waiting"]) == (1, 1, 48.0)


def test_no_deals_are_no_bottlenecks(duck: Filled) -> None:
    tables = duck({})
    assert tables.fetch(bottlenecks(tables, NOW, "team")).num_rows == 0
