"""Customers' measures on the engine against the same mathematics over arrays, on histories of every kind."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from tests.analytical.measures.making import CONTEXT, FIRST, TODAY, Filled, World, calendar

from peyvand.analytical.measures import customers
from peyvand.analytical.measures.asking import ask
from peyvand.analytical.measures.spans import ALWAYS
from peyvand.analytical.methods import segments
from peyvand.analytical.methods.clv.purchases import summarise
from peyvand.analytical.methods.guards import NotEnough
from peyvand.analytical.warehouse.tables import Tables
from peyvand.kernel.persian.calendar import parts

EPOCH = date(1970, 1, 1)
AS_OF = TODAY


def day(n: int) -> date:
    return TODAY - timedelta(days=n)


# customer, day, net, cost of the goods
HISTORIES: dict[str, list[tuple[int | None, date | None, int, int | None]]] = {
    "nothing": [],
    "one customer": [(4, day(3), 50, 20)],
    "one-time buyers": [(2 * n, day(n % 7), 10 + n % 3, None) for n in range(1, 30)],
    "the future": [(4, day(10), 5, 1), (4, day(-1), 100, 1), (6, day(-30), 7, 1)],
    "returns, gifts and nobody": [
        (4, day(40), 100, 60), (4, day(40), -30, -18), (4, day(5), 20, None), (6, day(9), 0, 0), (8, day(9), -5, -1),
        (10, day(90), 10, 5), (10, day(1), -80, -40), (None, day(2), 1000, 1), (12, None, 9, 9), (12, day(60), 9, 10),
        (14, day(33), 40, 70), (14, day(33), 40, 70), (14, day(2), 40, 1),
    ],
}  # fmt: skip


@pytest.fixture(scope="module", params=["world", *HISTORIES])
def history(
    request: pytest.FixtureRequest, duck: Filled, world: World
) -> tuple[Tables, list[dict[str, Any]]]:
    """Tables, and the sales that count: of known customers, on known days up to today."""
    if request.param == "world":
        tables, rows = world.tables, world.rows["sale"].to_dict("records")
    else:
        names = ("customer", "day", "net", "cost")
        rows = [
            {"sale": 2 * n, **dict(zip(names, row, strict=True))}
            for n, row in enumerate(HISTORIES[request.param])
        ]
        types = [
            ("sale", pa.int64()),
            ("customer", pa.int64()),
            ("day", pa.date32()),
            ("net", pa.int64()),
            ("cost", pa.int64()),
        ]
        tables = duck(
            {"calendar_day": calendar(), "sale": pa.Table.from_pylist(rows, schema=pa.schema(types))}
        )
    return tables, [
        r
        for r in rows
        if r["customer"] == r["customer"] and r["customer"] is not None and r["day"] and r["day"] <= TODAY
    ]


def arrays(rows: list[dict[str, Any]]) -> tuple[Any, Any, Any]:
    who = np.array([row["customer"] for row in rows], np.int64)
    when = np.array([(row["day"] - EPOCH).days for row in rows], np.int64)
    return who, when, np.array([row["net"] for row in rows], np.float64)


def number(when: date) -> int:
    return (when - EPOCH).days


def test_each_customers_orders_rolled_up(history: tuple[Tables, list[dict[str, Any]]]) -> None:
    tables, rows = history
    wanted = {}
    for who in {row["customer"] for row in rows}:
        own = [row for row in rows if row["customer"] == who]
        days = [row["day"] for row in own if row["net"] > 0]
        known = [row for row in own if row["cost"] is not None and row["cost"] == row["cost"]]
        if days:
            wanted[int(who)] = {
                "first": min(days), "last": max(days), "orders": len(days), "revenue": sum(row["net"] for row in own),
                "margin": sum(row["net"] - row["cost"] for row in known) if known else None,
                "costed": sum(row["net"] for row in known),
            }  # fmt: skip
    found = tables.fetch(customers.buyers(customers.orders(tables, AS_OF))).to_pylist()
    assert {row.pop("customer"): row for row in found} == wanted


def test_the_lines_roll_up_to_the_same_as_the_sales(world: World) -> None:
    by_sale, by_line = (
        world.tables.fetch(customers.orders(world.tables, AS_OF, of=of)).sort_by("sale").to_pylist()  # type: ignore[arg-type]
        for of in ("sale", "sale_line")
    )
    assert by_line == [{key: row[key] for key in by_line[0]} for row in by_sale]


def test_fifths_and_segments(history: tuple[Tables, list[dict[str, Any]]]) -> None:
    tables, rows = history
    found = tables.fetch(
        customers.rfm(customers.buyers(customers.orders(tables, AS_OF)), AS_OF).order_by("customer")
    ).to_pydict()
    try:
        wanted = segments.rfm(*arrays(rows), number(AS_OF), buyers=1, days=1)
    except NotEnough:
        assert found["customer"] == []
        return
    told = {
        "customer": wanted.customers, "recency": wanted.recency, "frequency": wanted.frequency, "amount": wanted.amount,
        "r": wanted.r, "f": wanted.f, "m": wanted.m,
    }  # fmt: skip
    assert {key: found[key] for key in told} == {key: column.tolist() for key, column in told.items()}
    assert found["segment"] == [segment.value for segment in wanted.segments]


def test_who_went_from_segment_to_segment(world: World) -> None:
    dates = (date(2026, 1, 20), AS_OF)
    before, after = (customers.rfm(customers.buyers(customers.orders(world.tables, at)), at) for at in dates)
    rows = world.rows["sale"]
    known = rows[rows.customer.notna()].to_dict("records")
    was, now = (
        segments.rfm(*arrays([r for r in known if r["day"] <= at]), number(at), buyers=1, days=1)
        for at in dates
    )
    wanted = segments.migration(was, now)
    names = [*(segment.value for segment in wanted.segments), None]
    told = {(names[i], names[j]): n for i, row in enumerate(wanted.counts) for j, n in enumerate(row) if n}
    found = world.tables.fetch(customers.migration(before, after)).to_pylist()
    assert {(row["was"], row["now"]): row["customers"] for row in found} == told


def test_what_models_of_lifetime_value_know(history: tuple[Tables, list[dict[str, Any]]]) -> None:
    tables, rows = history
    wanted = summarise(*arrays(rows)[:2], number(AS_OF), arrays(rows)[2])
    found = tables.fetch(
        customers.purchases(customers.orders(tables, AS_OF), AS_OF).order_by("customer")
    ).to_pydict()
    assert found.pop("spend") == pytest.approx(wanted.spend.tolist())
    assert found == {
        "customer": wanted.customers.tolist(), "repeats": wanted.repeats.tolist(), "last": wanted.last.tolist(),
        "age": wanted.age.tolist(),
    }  # fmt: skip


@pytest.mark.parametrize("by", ["jalali", "gregorian"])
def test_cohorts(history: tuple[Tables, list[dict[str, Any]]], by: Any) -> None:
    tables, rows = history
    who, _, paid = arrays(rows)
    month = np.array([parts(row["day"], by)[0] * 12 + parts(row["day"], by)[1] for row in rows], np.int64)
    year, this, _ = parts(AS_OF, by)
    orders = customers.orders(tables, AS_OF)
    found = tables.fetch(customers.cohorts(tables, orders, customers.buyers(orders), by)).to_pylist()
    told = {}
    for row in found:
        start = parts(row["cohort"], by)
        assert start[2] == 1
        told[start[0] * 12 + start[1], row["age"]] = (row["customers"], row["amount"])
    assert len(told) == len(found)
    try:
        wanted = segments.cohorts(who, month, paid, year * 12 + this, least=1)
    except NotEnough:
        assert told == {}
        return
    table = {
        (first, age): (n, amount)
        for first, counts, amounts in zip(wanted.periods, wanted.customers, wanted.amounts, strict=True)
        for age, (n, amount) in enumerate(zip(counts, amounts, strict=True))
        if n or amount
    }
    assert {key: value for key, value in told.items() if any(value)} == table


def test_the_whale_curve(history: tuple[Tables, list[dict[str, Any]]]) -> None:
    tables, _ = history
    rolled = customers.buyers(customers.orders(tables, AS_OF))
    for column in ("revenue", "margin"):
        curve = customers.whale(rolled, column)
        found = tables.fetch(curve.order_by("place")).to_pydict()
        worth = tables.fetch(rolled.filter(rolled[column].notnull()).order_by("customer")).to_pydict()
        if not worth["customer"]:
            assert found["place"] == []
            continue
        wanted = segments.whale(worth[column])
        assert found["customer"] == [worth["customer"][n] for n in wanted.order]
        assert found["place"] == list(range(1, len(wanted.order) + 1))
        assert set(found["of"]) == {len(wanted.order)}
        if wanted.total <= 0:
            assert set(found["cumulative"]) == {None}
            continue
        assert found["cumulative"] == pytest.approx(wanted.cumulative.tolist())
        for share in (0, 0.2, 0.5, 1):
            [row] = tables.fetch(customers.brought_by(curve, share)).to_pylist()
            assert row["share"] == pytest.approx(wanted.top(share))


def test_profit_after_service_names_what_is_not_known(duck: Filled) -> None:
    """Revenue − goods − cost to serve; a customer whose costs are not known has no profit, rather than all of the revenue."""
    tables = duck(
        {
            "sale": pa.table({"sale": [2, 4, 6], "customer": [2, 2, 4], "day": [FIRST] * 3, "net": [100, -20, 70],
                              "cost": [60, -12, None], "is_return": [False, True, False], "gross": [110, -20, 70],
                              "discount": [10, 0, 0]}),
            "interaction": pa.table({"interaction": ["call:1", "call:2"], "customer": [2, 6], "day": [FIRST] * 2, "cost": [15, 9]}),
        }
    )  # fmt: skip
    asked = ["revenue", "discount", "returned", "goods_cost", "service_cost", "profit", "cost_known"]
    found = tables.fetch(ask(tables, asked, ["customer"], span=ALWAYS, context=CONTEXT)).to_pylist()
    assert {row.pop("customer"): tuple(row.values()) for row in found} == {
        2: (80, 10, 20, 48, 15, 17, 100.0),
        4: (70, 0, 0, None, None, None, 0.0),
        6: (0, 0, 0, None, 9, None, None),
    }
