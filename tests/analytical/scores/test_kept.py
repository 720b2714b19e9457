"""A lead's score is kept, said in the reader's language beside the points of the rules, and forgotten when nothing tells it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import ibis
import pyarrow as pa
import pytest
from django.utils.translation import override
from tests.analytical.customers.making import TODAY
from tests.analytical.scores.test_scores import leads

from peyvand.analytical.analyses import running
from peyvand.analytical.analyses.contract import analysis_named
from peyvand.analytical.analyses.models import ModelCard
from peyvand.analytical.warehouse.tables import Tables, filled
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.objects.insights import concluded
from peyvand.platform.objects.queries import ListQuery, fetch_page
from peyvand.platform.objects.records import create_records
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope


def test_a_lead_shows_its_chance_and_its_reasons(committed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = object_named("lead")
    with workspace_scope(committed.arman.id):
        ctx = Context(user_actor(committed.arman.id, committed.sara.id), "web")
        ours = create_records(ctx, spec, [{"name": "چاپ کاتالوگ", "family_name": "صالحی"}])[0].id

    def given(telling: bool) -> Tables:
        rows = dict(leads(telling))
        # The record of ours comes in place of the newest lead; others are not in the database.
        known = rows["lead"].slice(0, rows["lead"].num_rows - 1)
        known = known.set_column(
            0, "lead", pa.array([10**9 + n for n in known["lead"].to_pylist()], pa.int64())
        )
        own = {
            "lead": ours,
            "status": "new",
            "source": "exhibition",
            "score": 3,
            "day": TODAY - timedelta(days=5),
        }
        made = pa.Table.from_pylist([own], schema=known.schema)
        touch = rows["touch"]
        moved = pa.array([10**9 + n for n in touch["lead"].to_pylist()], pa.int64())
        touch = touch.set_column(touch.column_names.index("lead"), "lead", moved)
        return filled(ibis.duckdb.connect(), {"lead": pa.concat_tables([known, made]), "touch": touch})

    def run(tables: Tables) -> ModelCard:
        @contextmanager
        def reading() -> Iterator[Tables]:
            yield tables

        monkeypatch.setattr(running, "reading", reading)
        analysis = analysis_named("lead_score")
        assert analysis is not None
        id = running.run_analysis(committed.arman, analysis, TODAY)
        with workspace_scope(committed.arman.id):
            card: ModelCard = ModelCard.objects.get(id=id)
        return card

    card = run(given(telling=True))
    assert (card.state, card.written) == ("ready", 1)
    with workspace_scope(committed.arman.id), override("fa"):
        [one] = concluded(ctx, spec, ours)
        seen = {insight.field.key: insight for insight in one.insights}
        row = fetch_page(ListQuery(spec, ctx.actor, ("name", "score", "lead_score", "lead_level"))).rows[0]
    assert 25 < seen["lead_score"].value < 55
    assert seen["lead_score"].low < seen["lead_score"].value < seen["lead_score"].high
    assert "منبع: نمایشگاه" in [told.text for told in seen["lead_level"].reasons]
    assert row.values["lead_score"] == seen["lead_score"].value
    refused = run(given(telling=False))
    assert refused.state == "refused"
    assert refused.refusal[0].startswith("No usable signal")
    with workspace_scope(committed.arman.id):
        assert concluded(ctx, spec, ours) == []
