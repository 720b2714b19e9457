"""Another engine than DuckDB's files holds the same tables, those of outside sources too: really Spark, where Java is there."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.analytical.conftest import SPARK
from tests.analytical.warehouse.taken import added, confirmed, rows

from peyvand.analytical.measures.asking import ask
from peyvand.analytical.warehouse.filling import refresh
from peyvand.analytical.warehouse.objects import OUTSIDE
from peyvand.analytical.warehouse.public import reading
from peyvand.kernel.conditions import EvalContext
from peyvand.operational.contacts.public import COMPANY
from peyvand.operational.orders.public import ORDER
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.records import create_record, delete_records

VISITS = "نام;مبلغ;روز\nآوند;1200;2026-01-02\nکاوه;5;2026-01-03\n"


@pytest.mark.timeout(600)
@pytest.mark.parametrize("address", ["duckdb", pytest.param("pyspark", marks=SPARK.marks)])
def test_outside_tables_stand_there_beside_the_star_and_go_again(
    here: Context, cast: Any, settings: Any, request: pytest.FixtureRequest, tmp_path: Path, address: str
) -> None:
    if address == "pyspark":
        request.getfixturevalue("spark")
    settings.ANALYTICS = f"{address}://{tmp_path / 'engine.db' if address == 'duckdb' else ''}"
    company = create_record(here, COMPANY, {"name": "آوند"})
    create_record(here, ORDER, {
        "company": company.id, "status": "placed", "ordered_at": "2026-01-02T09:00:00Z",
        "lines": [{"description": "کاشی", "quantity": 2, "price": 600}],
    })  # fmt: skip
    source = added(here, VISITS.encode())
    done = confirmed(here, cast, source, customer_column="نام", customer_by="name")
    assert (done.state, done.problem) == ("done", "")
    us = 2 * company.id + 1
    told = [("آوند", 1200, date(2026, 1, 2), us), ("کاوه", 5, date(2026, 1, 3), None)]
    columns = ("نام", "مبلغ", "روز", "customer")
    assert sorted(rows("x", *columns), key=repr) == sorted(told, key=repr)
    context = EvalContext(date(2026, 11, 22), ZoneInfo("Asia/Tehran"), "jalali")
    # Two who read at once: one that ends leaves the other its session.
    with reading() as one:
        with reading() as other:
            joined = other.outside("x").inner_join(other["sale"], "customer")
            assert other.fetch(joined.agg(net=joined.net.sum())).to_pylist() == [{"net": 1200}]
        assert one.fetch(ask(one, ["revenue"], context=context)).to_pylist() == [{"revenue": 1200}]
    other_one = create_record(here, COMPANY, {"name": "کاوه"})
    refresh(cast.arman)
    assert {row[1] for row in rows("x", "نام", "customer")} == {us, 2 * other_one.id + 1}
    delete_records(here, OUTSIDE, [source])
    refresh(cast.arman)
    with reading() as tables, pytest.raises(KeyError):
        tables.outside("x")
