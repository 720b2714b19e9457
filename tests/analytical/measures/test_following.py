"""Series without gaps, marks that were crossed, and what what-if questions start from."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from tests.analytical.measures.making import CONTEXT, TODAY, YEAR, Filled, World, calendar

from peyvand.analytical.measures.asking import ask
from peyvand.analytical.measures.following import WHAT_IF, crossed, series, starting_points
from peyvand.analytical.measures.spans import ALWAYS, Span
from peyvand.analytical.methods.forecast import forecast
from peyvand.kernel.conditions import parse
from peyvand.kernel.errors import RuleViolation


@pytest.mark.parametrize("period", ["day", "week", "jalali_month", "month", "quarter"])
def test_a_series_has_every_period_and_adds_up(world: World, period: str) -> None:
    span = Span(date(2025, 3, 21), None)
    found = world.tables.fetch(
        series(world.tables, ["revenue", "deals_won"], period, span, context=CONTEXT)
    ).to_pydict()
    [total] = world.tables.fetch(
        ask(world.tables, ["revenue", "deals_won"], span=span, context=CONTEXT)
    ).to_pylist()
    assert found[period] == sorted(set(found[period]))
    assert len(found[period]) == len(span.known(TODAY).periods(*{
        "day": ("day", "jalali"), "week": ("week", "jalali"), "jalali_month": ("month", "jalali"), "month": ("month", "gregorian"),
        "quarter": ("quarter", "gregorian"),
    }[period]))  # type: ignore[arg-type]  # fmt: skip
    assert {"revenue": sum(found["revenue"]), "deals_won": sum(found["deals_won"])} == total
    if period != "quarter":
        assert len(forecast(found["revenue"], 2, season=1).expected) == 2


def test_a_series_of_each_of_many(world: World) -> None:
    rows = world.tables.fetch(
        series(world.tables, ["revenue", "win_rate"], "jalali_month", YEAR, ["team"], context=CONTEXT)
    ).to_pylist()
    teams = {row["team"] for row in rows}
    assert teams == {"شمال", "South", None}
    assert len(rows) == 12 * len(teams)
    assert all(row["revenue"] is not None for row in rows)
    assert any(row["win_rate"] is None for row in rows)


def test_an_empty_company_has_a_series_of_nothing(duck: Filled) -> None:
    tables = duck({"calendar_day": calendar()})
    found = tables.fetch(series(tables, ["revenue", "margin"], "month", YEAR, context=CONTEXT)).to_pydict()
    assert (found["revenue"], found["margin"]) == ([0] * 13, [None] * 13)
    assert tables.fetch(crossed(tables, "revenue", 1, TODAY, context=CONTEXT)).num_rows == 0
    with pytest.raises(RuleViolation):
        series(tables, ["revenue"], "month", ALWAYS, context=CONTEXT)


@pytest.mark.parametrize(("way", "begin"), [("up", None), ("down", None), ("up", date(2025, 3, 21))])
def test_who_crossed_a_mark(world: World, way: Any, begin: date | None) -> None:
    since, mark = date(2026, 6, 1), 60_000
    sales = world.rows["sale"]
    known = sales[sales.customer.notna() & (sales.day <= TODAY) & (sales.day >= (begin or date(1, 1, 1)))]
    now, was = known.groupby("customer").net.sum(), known[known.day < since].groupby("customer").net.sum()
    wanted = {
        int(who): (was.get(who), now[who])
        for who in now.index
        if (now[who] >= mark > was.get(who, 0) if way == "up" else now[who] < mark <= was.get(who, 0))
    }
    assert wanted or way == "down"
    found = world.told(crossed(world.tables, "revenue", mark, since, begin=begin, way=way, context=CONTEXT))
    got = {int(row["customer"]): (row["was"], row["now"]) for row in found.to_dict("records")}
    assert set(got) == set(wanted)
    for who, (before, after) in wanted.items():
        assert got[who][1] == after
        assert got[who][0] == before if before is not None else got[who][0] != got[who][0]


def test_a_rate_can_be_watched_too(world: World) -> None:
    asked = parse({"field": "series", "op": "is", "value": "الف"}, {"series": "text"})  # type: ignore[dict-item]
    found = world.told(
        crossed(
            world.tables,
            "average_order",
            5000,
            TODAY - timedelta(days=90),
            by="city",
            filters=asked,
            context=CONTEXT,
        )
    )
    assert all(found.now >= 5000)
    assert not any(found.was >= 5000)


def test_what_if_starts_from_each_month(world: World) -> None:
    rows = world.tables.fetch(starting_points(world.tables, YEAR, context=CONTEXT)).to_pylist()
    assert [row["jalali_month"] for row in rows] == YEAR.periods("month", "jalali")
    assert set(rows[0]) == {"jalali_month", *WHAT_IF}
    by_seller = world.tables.fetch(starting_points(world.tables, YEAR, ["member"], context=CONTEXT))
    assert by_seller.num_rows == 12 * 4
