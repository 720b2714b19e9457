"""A condition means the same on the engine and in Python: generated conditions over records of every type."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.analytical.measures.making import CONTEXT, TODAY, Filled

from peyvand.analytical.measures.compiled import compiled
from peyvand.kernel.conditions import (
    OPERATORS,
    Age,
    All,
    Any_,
    Compare,
    Condition,
    FieldType,
    Not,
    Takes,
    matches,
)
from peyvand.kernel.persian.calendar import UNITS
from peyvand.kernel.ranges import LABELS, Rolling

KINDS = [kind for kind in FieldType if kind is not FieldType.links]
NAMES = ["علی‌رضا", "عليرضا", "Ali", "ali  reza", "%", "a_b", "ﻻله", "", "١٢"]
HELD: dict[FieldType, list[Any]] = {
    FieldType.text: NAMES,
    FieldType.number: [-2.5, -1.0, 0.0, 0.5, 1.0, 2.0],
    FieldType.money: [-3, -1, 0, 1, 2**53 + 1],
    FieldType.choice: ["won", "lost", "", "1"],
    FieldType.date: [TODAY + timedelta(n) for n in (-400, -31, -30, -7, -1, 0, 1, 30)],
    FieldType.instant: [
        datetime(2026, 11, 21, 20, 29, 59, 999999, tzinfo=UTC) + timedelta(microseconds=n) for n in (0, 1, 86_400_000_000)
    ],
    FieldType.flag: [True, False],
    FieldType.link: [1, 2, 12],
    FieldType.user: [7, 8, 9],
}  # fmt: skip
TYPES = {
    FieldType.text: pa.string(), FieldType.number: pa.float64(), FieldType.money: pa.int64(), FieldType.choice: pa.string(),
    FieldType.date: pa.date32(), FieldType.instant: pa.timestamp("us"), FieldType.flag: pa.bool_(),
    FieldType.link: pa.int64(), FieldType.user: pa.int64(),
}  # fmt: skip
COLUMN = {
    FieldType.text: "number", FieldType.money: "gross", FieldType.choice: "source", FieldType.date: "day",
    FieldType.instant: "at", FieldType.flag: "is_return", FieldType.link: "customer", FieldType.user: "member",
}  # fmt: skip
half = st.integers(-6, 6).map(lambda n: Decimal(n) / 2)
ASKED: dict[FieldType, st.SearchStrategy[Any]] = {
    FieldType.text: st.sampled_from([name for name in NAMES if name] + ["علي", "لا", "12", "_"]),
    FieldType.number: half | st.integers(-3, 3),
    FieldType.money: half | st.sampled_from([-3, -2, 0, 1, 2**53, 2**53 + 1]),
    FieldType.choice: st.sampled_from(["won", "lost", "1", "none"]),
    FieldType.date: st.sampled_from(HELD[FieldType.date]),
    FieldType.instant: st.sampled_from([*HELD[FieldType.instant], TODAY, date(2026, 11, 21)]),
    FieldType.flag: st.booleans(),
    FieldType.link: st.sampled_from(["1", "12", "012", "x", "-1"]),
    FieldType.user: st.sampled_from(["7", "9", "me", "my_team", "x"]),
}


def records() -> list[dict[str, Any]]:
    chance = Random(3)
    return [{kind.value: chance.choice([None, *HELD[kind]]) for kind in KINDS} for _ in range(60)]


@st.composite
def comparisons(draw: st.DrawFn) -> Compare:
    kind = draw(st.sampled_from(KINDS))
    operator = draw(st.sampled_from(OPERATORS[kind]))
    one = ASKED[kind]
    if operator.takes is Takes.pair:
        pair = st.tuples(one, one).filter(lambda v: type(v[0]) is type(v[1]) or not isinstance(v[0], date))
        return Compare(kind.value, operator.name, tuple(sorted(draw(pair))), kind)
    values: dict[Takes, st.SearchStrategy[Any]] = {
        Takes.nothing: st.none(),
        Takes.one: one,
        Takes.many: st.lists(one, min_size=1, max_size=3).map(tuple),
        Takes.range: st.sampled_from(sorted(LABELS)) | st.builds(Rolling, st.just("last"), st.integers(1, 9), st.sampled_from(UNITS)),
        Takes.age: st.builds(Age, st.integers(1, 9), st.sampled_from(UNITS)),
    }  # fmt: skip
    return Compare(kind.value, operator.name, draw(values[operator.takes]), kind)


def groups(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    parts = st.lists(inner, max_size=3).map(tuple)
    return st.one_of(parts.map(All), parts.map(Any_), inner.map(Not))


conditions: st.SearchStrategy[Condition] = st.recursive(comparisons(), groups, max_leaves=4)


def stored(known: list[dict[str, Any]]) -> dict[str, pa.Table]:
    """The records as sales with a line each, in the columns that fit."""

    def column(kind: FieldType) -> pa.Array:
        values = [record[kind.value] for record in known]
        bare = [at.replace(tzinfo=None) if isinstance(at, datetime) else at for at in values]
        return pa.array(bare, TYPES[kind])

    place = pa.array(range(len(known)))
    sale = {"sale": place} | {name: column(kind) for kind, name in COLUMN.items()}
    return {
        "sale": pa.table(sale),
        "sale_line": pa.table({"sale": place, "quantity": column(FieldType.number)}),
    }


@pytest.mark.timeout(300)
def test_the_engine_and_python_agree(engine: Filled) -> None:
    known = records()
    tables = engine(stored(known))
    sale = tables["sale"].drop("cost").inner_join(tables["sale_line"].select("sale", "quantity"), "sale")

    @settings(
        max_examples=25 if tables.backend.name == "duckdb" else 2,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(st.lists(conditions, min_size=8, max_size=12))
    def agree(asked: list[Condition]) -> None:
        told = {
            f"c{n}": compiled(each, lambda field: sale[COLUMN.get(FieldType(field), "quantity")], CONTEXT)
            for n, each in enumerate(asked)
        }
        found = tables.fetch(sale.select("sale", **told).order_by("sale")).to_pydict()
        for n, each in enumerate(asked):
            assert found[f"c{n}"] == [matches(each, record, CONTEXT) for record in known], each

    agree()
