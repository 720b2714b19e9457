"""The reports of a real B2B pipeline agree with what the files themselves say, reckoned apart from any of our queries."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path
from statistics import median

import pytest

from peyvand.administration.members.actions import create_workspace
from peyvand.integrations.transfer.running import Wish, run_import
from peyvand.operational.targets.outcomes import WAYS, outcomes
from peyvand.operational.targets.periods import EVER, Span
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import system_actor
from peyvand.platform.workspaces.scope import workspace_scope

DATA = Path(__file__).parents[4] / "shared" / "data" / "pipeline"
FILES = ("sales_pipeline.csv", "accounts.csv", "products.csv", "sales_teams.csv")
pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the public data set shared/data/pipeline is not beside the project"
)
Row = dict[str, str]
# How the price list writes what one file of the set writes otherwise.
PRODUCT = {"GTXPro": "GTX Pro"}
ALWAYS = Span(EVER, "gregorian")


def read(name: str) -> list[Row]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def days(row: Row) -> int:
    return (date.fromisoformat(row["close_date"]) - date.fromisoformat(row["engage_date"])).days


def quarter(row: Row) -> str:
    closed = date.fromisoformat(row["close_date"])
    return f"Q{(closed.month - 1) // 3 + 1} {closed.year}"


def expected(rows: list[Row], key: Callable[[Row], str]) -> dict[str, tuple[object, ...]]:
    """By key: won, lost, share won, cents won, and the mean and the median of the days that won deals took."""
    parts: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["deal_stage"] in ("Won", "Lost"):
            parts[key(row)].append(row)
    found: dict[str, tuple[object, ...]] = {}
    for name, part in parts.items():
        won = [row for row in part if row["deal_stage"] == "Won"]
        took = [days(row) for row in won]
        cents = sum(int(row["close_value"]) * 100 for row in won)
        found[name] = (
            len(won), len(part) - len(won), Fraction(len(won), len(part)), cents, Fraction(sum(took), len(took)), median(took),
        )  # fmt: skip
    return found


@pytest.fixture
def fresh(db, tmp_path):
    tenant = create_workspace("fresh", "Fresh", language="en", currency="USD")
    report = run_import(
        Context(system_actor(tenant), "cli"), [DATA / name for name in FILES], Wish(refused=tmp_path)
    )
    assert report.is_complete
    return tenant


def agree(line, want: tuple[object, ...]) -> None:
    won, lost, rate, cents, mean, middle = want
    assert (line.won, line.lost, line.won_amount) == (won, lost, cents)
    assert line.rate == float(rate)
    # A mean has as many digits as the database gives; the sum of the days is whole, and must be met exactly.
    assert round(line.mean_days * line.won) == mean * won
    assert abs(Fraction(line.mean_days) - mean) < Fraction(1, 10**9)
    assert line.median_days == middle


def test_win_rate_cycle_and_revenue_agree_with_the_files(fresh, subtests):
    # One import for both: it takes longer than they do.
    with subtests.test("per agent, team, product and quarter"):
        every_way_agrees(fresh)
    with subtests.test("one quarter of each agent"):
        one_quarter_agrees(fresh)


def every_way_agrees(fresh):
    rows = read("sales_pipeline.csv")
    manager = {row["sales_agent"]: row["manager"] for row in read("sales_teams.csv")}
    keys: dict[str, Callable[[Row], str]] = {
        "owner": lambda row: row["sales_agent"],
        "team": lambda row: manager[row["sales_agent"]],
        "product": lambda row: PRODUCT.get(row["product"], row["product"]),
        "quarter": quarter,
    }
    with workspace_scope(fresh.id):
        actor = system_actor(fresh)
        for way, key in keys.items():
            lines, total = outcomes(actor, WAYS[way], ALWAYS)
            want = expected(rows, key)
            assert {line.name for line in lines} == set(want), way
            for line in lines:
                agree(line, want[line.name])
            assert total is not None
            agree(total, expected(rows, lambda row: "all")["all"])
        at_work = [row for row in rows if row["deal_stage"] not in ("Won", "Lost")]
        assert total.at_work == len(at_work) == 2089


def one_quarter_agrees(fresh):
    rows = [row for row in read("sales_pipeline.csv") if row["close_date"] and quarter(row) == "Q3 2017"]
    span = Span("own", "gregorian", date(2017, 7, 1), date(2017, 10, 1))
    with workspace_scope(fresh.id):
        lines, total = outcomes(system_actor(fresh), WAYS["owner"], span)
    want = expected(rows, lambda row: row["sales_agent"])
    ended = [line for line in lines if line.ended]
    assert {line.name for line in ended} == set(want)
    for line in ended:
        agree(line, want[line.name])
    assert total is not None
    assert total.ended == len(rows)
