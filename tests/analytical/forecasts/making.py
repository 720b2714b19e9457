"""Sales and deals whose course is known, and an analysis run on them without a database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import ibis
import pyarrow as pa
from tests.analytical.customers.making import TENANT
from tests.analytical.measures.making import calendar

from peyvand.analytical.analyses.contract import Finding, Inputs, analysis_named
from peyvand.analytical.warehouse.tables import filled
from peyvand.kernel.persian.calendar import Calendar, shift

TODAY = date(2026, 11, 22)  # 1 Azar 1405
PERSIAN, ENGLISH = TENANT, replace(TENANT, language="en")
CALENDAR = calendar(date(2023, 12, 1))


def found(
    key: str, tables: Mapping[str, pa.Table], *, english: bool = False, as_of: date = TODAY, **settings: Any
) -> Finding:
    """What an analysis finds in these tables."""
    analysis = analysis_named(key)
    assert analysis is not None
    read = filled(ibis.duckdb.connect(), {"calendar_day": CALENDAR, **tables})
    tenant = ENGLISH if english else PERSIAN
    return analysis.function(Inputs(read, as_of, tenant, {**analysis.defaults, **settings}))


def months(first: date, count: int, calendar: Calendar) -> list[date]:
    return [shift(first, n, "month", calendar) for n in range(count)]


def sales(rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Sales; what is not told of one is as usual."""
    usual = {"customer": 2, "member": 7, "deal": None, "is_return": False, "discount": 0, "cost": None}
    listed = [{**usual, "sale": 2 * n, "gross": row["net"], **row} for n, row in enumerate(rows)]
    return pa.Table.from_pylist(
        listed,
        schema=pa.schema([
            ("sale", pa.int64()), ("customer", pa.int64()), ("member", pa.int64()), ("deal", pa.int64()), ("day", pa.date32()),
            ("is_return", pa.bool_()), ("gross", pa.int64()), ("discount", pa.int64()), ("net", pa.int64()), ("cost", pa.int64()),
        ]),
    )  # fmt: skip


def each_month(amounts: Iterable[int], first: date, calendar: Calendar, **more: Any) -> list[dict[str, Any]]:
    """One sale on the third day of each month from this one on."""
    return [
        {"day": shift(first, n, "month", calendar) + timedelta(2), "net": amount, **more}
        for n, amount in enumerate(amounts)
    ]


def figures(finding: Finding) -> dict[str, float]:
    return {figure.name: figure.value for figure in finding.card.figures}
