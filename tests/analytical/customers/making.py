"""Sales of people whose way of buying is known, and an analysis run on them without a database."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import ibis
import numpy as np
import pyarrow as pa

from peyvand.analytical.analyses.contract import Finding, Inputs, OwnField, analysis_named
from peyvand.analytical.warehouse.tables import filled
from peyvand.platform.identity.actor import Tenant

TODAY = date(2026, 11, 1)
TENANT = Tenant(1, "arman", "آرمان", "fa", "Asia/Tehran", "IRR", "rial", ())

Row = tuple[int | None, date, int]


def sale_table(rows: Iterable[Row]) -> pa.Table:
    """Sales of (customer's key, day, net)."""
    listed = list(rows)
    return pa.table(
        {
            "sale": pa.array(range(0, 2 * len(listed), 2), pa.int64()),
            "customer": pa.array([row[0] for row in listed], pa.int64()),
            "day": pa.array([row[1] for row in listed], pa.date32()),
            "net": pa.array([row[2] for row in listed], pa.int64()),
        }
    )


def lived(customers: Iterable[int], *, days: int = 900, seed: int = 7) -> list[Row]:
    """What these bought: each at a pace of their own, for amounts of their own, until they left, if they did."""
    chance = np.random.default_rng(seed)
    rows: list[Row] = []
    for customer in customers:
        first = int(chance.integers(0, days // 2))
        pace, leaves = 20 + 160 * chance.random(), 0.02 + 0.3 * chance.random()
        usual = 1_000_000 * float(np.exp(chance.normal()))
        at, gone = float(first), False
        while at < days and not gone:
            amount = round(usual * float(chance.gamma(4, 0.25))) + 1
            rows.append((customer, TODAY - timedelta(days=days - 1 - int(at)), amount))
            at += float(chance.exponential(pace)) + 1
            gone = bool(chance.random() < leaves)
    return rows


def found(
    key: str,
    tables: dict[str, pa.Table],
    *,
    as_of: date = TODAY,
    own: tuple[OwnField, ...] = (),
    **settings: Any,
) -> Finding:
    """What an analysis finds in these tables."""
    analysis = analysis_named(key)
    assert analysis is not None
    read = filled(ibis.duckdb.connect(), tables)
    return analysis.function(Inputs(read, as_of, TENANT, {**analysis.defaults, **settings}, own))


def of(finding: Finding, key: str) -> dict[int, Any]:
    """An insight's values by customer's key."""
    return {
        2 * id + (scores.object == "company"): value
        for scores in finding.scores
        for id, value in zip(scores.ids, scores.values[key][:], strict=True)
    }


def told(finding: Finding, key: str) -> dict[int, Any]:
    """What is told beside an insight, by customer's key."""
    return {
        2 * id + (scores.object == "company"): said
        for scores in finding.scores
        for id, said in zip(scores.ids, scores.told[key][:], strict=True)
    }


def figures(finding: Finding) -> dict[str, float]:
    return {figure.name: figure.value for figure in finding.card.figures}
