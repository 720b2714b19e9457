"""Every measure asked of each engine: the answers are those of DuckDB, which other tests hold against pandas and NumPy."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
from tests.analytical.conftest import SPARK
from tests.analytical.measures.making import CONTEXT, TODAY, YEAR, Filled, World, rows

from peyvand.analytical.measures import customers, deals, following, goods, paths
from peyvand.analytical.measures.asking import ask, rows_of
from peyvand.analytical.measures.catalogue import MEASURES
from peyvand.analytical.measures.dimensions import FIELDS
from peyvand.analytical.warehouse.tables import Tables
from peyvand.kernel.conditions import parse

FILTER = parse(
    {"and": [{"field": "city", "op": "contains", "value": "تبریز"}, {"field": "member", "op": "is_not", "value": "me"},
             {"field": "day", "op": "within", "value": {"last": 12, "unit": "month"}}, {"field": "is_return", "op": "is", "value": False}]},
    FIELDS,
)  # fmt: skip
SPARSE = ["revenue", "margin_rate", "items", "win_rate", "profit", "conversion"]
NOW = datetime(2026, 11, 22, 8)


def questions(tables: Tables) -> Iterator[tuple[str, Any]]:
    orders = customers.orders(tables, TODAY)
    buyers = customers.buyers(orders)
    segments = customers.rfm(buyers, TODAY)
    before = customers.rfm(customers.buyers(customers.orders(tables, date(2026, 1, 1))), date(2026, 1, 1))
    yield "every measure", ask(tables, sorted(MEASURES), ["jalali_year"], context=CONTEXT)
    yield "compared", ask(tables, SPARSE, ["jalali_quarter"], span=YEAR, compare="year", context=CONTEXT)
    yield "by names", ask(tables, ["revenue", "buyers"], ["weekday", "team", "city"], context=CONTEXT)
    yield (
        "by both calendars",
        ask(tables, ["orders", "leads"], ["quarter", "jalali_quarter", "year", "week"], context=CONTEXT),
    )
    yield "filtered", ask(tables, ["revenue", "items"], ["jalali_month", "city"], FILTER, context=CONTEXT)
    yield "behind a mark", rows_of(tables, "orders", {"team": "شمال"}, FILTER, context=CONTEXT)
    yield "behind hours", rows_of(tables, "hours", {}, context=CONTEXT)
    yield "orders of lines", customers.orders(tables, TODAY, of="sale_line")
    yield "buyers", buyers
    yield "segments", segments
    yield "migration", customers.migration(before, segments)
    yield "purchases", customers.purchases(orders, TODAY)
    yield "cohorts", customers.cohorts(tables, orders, customers.buyers(orders), "jalali")
    yield "whale curve", customers.whale(buyers, "margin")
    yield "the best fifth", customers.brought_by(customers.whale(buyers, "revenue"), 0.2)
    yield "bought together", goods.bought_with(goods.baskets(tables, context=CONTEXT), 3)
    yield "products", goods.products(tables, YEAR, context=CONTEXT)
    yield "bottlenecks", deals.bottlenecks(tables, NOW, "team")
    yield "ways", paths.touch_paths(tables, TODAY)
    yield (
        "series",
        following.series(tables, ["revenue", "win_rate"], "jalali_month", YEAR, ["team"], context=CONTEXT),
    )
    yield "crossed", following.crossed(tables, "revenue", 60_000, date(2026, 6, 1), context=CONTEXT)


def plain(value: Any) -> Any:
    if isinstance(value, float):
        return None if value != value else float(f"{value:.9g}")
    return value


def answer(tables: Tables, question: Any) -> list[tuple[Any, ...]]:
    """The rows in one order; NULL and a float's "no number" are the same."""
    found = tables.fetch(question).to_pylist()
    return sorted((tuple(map(plain, row.values())) for row in found), key=repr)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("engine", [SPARK], indirect=True)
def test_every_engine_answers_alike(world: World, engine: Filled) -> None:
    other = engine(rows())
    for (name, here), (_, there) in zip(questions(world.tables), questions(other), strict=True):
        wanted = answer(world.tables, here)
        assert wanted, name
        assert answer(other, there) == wanted, name
