"""From sales to what people see: every analysis of customers is kept, told once, and read by name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import ibis
import pyarrow as pa
import pytest
from tests.analytical.customers.making import TODAY, lived, sale_table

from peyvand.analytical.analyses import running
from peyvand.analytical.analyses.contract import analysis_named
from peyvand.analytical.analyses.models import ModelCard
from peyvand.analytical.warehouse.star import customer_of
from peyvand.analytical.warehouse.tables import Tables, filled
from peyvand.kernel.conditions import parse
from peyvand.operational.catalog.public import PRODUCT
from peyvand.operational.contacts.public import COMPANY
from peyvand.platform.actions.context import Context
from peyvand.platform.events.models import EventRow
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.objects.insights import concluded
from peyvand.platform.objects.queries import ListQuery, fetch_page
from peyvand.platform.objects.records import create_records
from peyvand.platform.workspaces.scope import workspace_scope

KEYS = ("rfm", "value", "churn", "behaviour", "profit", "cohorts", "offers")


@pytest.fixture
def warehouse(monkeypatch: pytest.MonkeyPatch) -> dict[str, pa.Table]:
    given: dict[str, pa.Table] = {}

    made: list[Tables] = []

    @contextmanager
    def reading() -> Iterator[Tables]:
        if not made:
            made.append(filled(ibis.duckdb.connect(), given))
        yield made[0]

    monkeypatch.setattr(running, "reading", reading)
    return given


def run(cast: Any, key: str, as_of: date) -> ModelCard:
    analysis = analysis_named(key)
    assert analysis is not None
    id = running.run_analysis(cast.arman, analysis, as_of)
    with workspace_scope(cast.arman.id):
        card: ModelCard = ModelCard.objects.get(id=id)
    return card


def test_a_customer_who_stays_away_is_told_of_with_the_reason(
    committed: Any, warehouse: dict[str, pa.Table]
) -> None:
    with workspace_scope(committed.arman.id):
        ctx = Context(user_actor(committed.arman.id, committed.sara.id), "web")
        company = create_records(ctx, COMPANY, [{"name": "بازرگانی سپهر"}])[0].id
        products = [r.id for r in create_records(ctx, PRODUCT, [{"name": n} for n in ("چای", "قند", "کیک")])]
    us = customer_of("company", company)
    # Every 20 days until then; from then on silence.
    then = TODAY - timedelta(days=150)
    ours = [(us, then - timedelta(days=20 * n), 3_000_000) for n in range(30)]
    others = lived(range(10**9, 10**9 + 1400, 2), days=900)
    rows = [*ours, *others]
    sales = sale_table(rows)
    warehouse["sale"] = sales.append_column(
        "cost", pa.array([net // 2 for net in sales["net"].to_pylist()], pa.int64())
    )
    lines = [
        (customer, product, day)
        for n, (customer, day, _) in enumerate(rows)
        for product in (products[:2] if customer == us else (products[n % 3], products[(n + n // 7) % 3]))
    ]
    warehouse["sale_line"] = pa.table({
        "sale": pa.array([n // 2 for n in range(len(lines))], pa.int64()),
        "customer": pa.array([c for c, *_ in lines], pa.int64()),
        "product": pa.array([p for _, p, _ in lines], pa.int64()),
        "day": pa.array([d for *_, d in lines], pa.date32()),
        "quantity": pa.array([1.0] * len(lines)),
    })  # fmt: skip
    warehouse["product"] = pa.table({
        "product": pa.array(products, pa.int64()), "name": ["چای", "قند", "کیک"], "is_active": [True] * 3,
    })  # fmt: skip
    for key in KEYS:
        card = run(committed, key, then)
        assert (card.state, card.scored) == ("ready", 0 if key == "cohorts" else 1), key
        again = run(committed, key, then)
        assert (again.state, again.written) == ("ready", 0), key
    with workspace_scope(committed.arman.id):
        seen = {i.field.key: i for one in concluded(ctx, COMPANY, company) for i in one.insights}
        cake = parse({"field": "next_offer.name", "op": "is", "value": "کیک"}, COMPANY.condition_schema)
        offered = fetch_page(ListQuery(COMPANY, ctx.actor, ("name", "next_offer"), cake)).rows
    assert [row.values["next_offer"].id for row in offered] == [products[2]]
    assert {"expected_value", "alive", "churn_level", "behaviour", "profit", "next_offer"} <= set(seen)
    assert seen["churn_level"].value == "low"
    assert seen["next_offer"].value.id == products[2]
    assert seen["expected_value"].low
    # Labels name the span of the run, which the workspace may choose.
    assert str(COMPANY.field("expected_value").label) == "Expected value, 365 days ahead"
    assert str(COMPANY.field("churn_level").label) == "Churn risk, 90 days ahead"
    assert seen["expected_value"].reasons
    assert run(committed, "churn", TODAY).changed == 1
    with workspace_scope(committed.arman.id):
        fact = EventRow.objects.get(wire="insights.level_changed.v1", object="company", object_id=company)
    assert (fact.data["insight"], fact.data["direction"]) == ("churn_level", "up")
    assert fact.data["reasons"][0][1] == {"days": 20, "day": {"day": then.isoformat()}}
