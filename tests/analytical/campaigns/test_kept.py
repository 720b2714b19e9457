"""From a trial to what people see: whom such a campaign changes stands at their records as long as the ranking is accepted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from tests.analytical.campaigns.making import trial_table, tried
from tests.analytical.customers.making import TODAY

from peyvand.analytical.analyses import running
from peyvand.analytical.analyses.contract import analysis_named
from peyvand.analytical.analyses.models import ModelCard
from peyvand.analytical.warehouse.tables import Tables, filled
from peyvand.operational.contacts.public import PERSON
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.objects.insights import concluded
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope


def test_who_is_changed_is_kept_with_reasons_until_the_ranking_is_refused(
    committed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with workspace_scope(committed.arman.id):
        ctx = Context(user_actor(committed.arman.id, committed.sara.id), "web")
        person = create_record(ctx, PERSON, {"name": "لیلا بهشتی"}).id
    given = tried()
    # Leila bought five times and more; nobody else of them is here.
    bought = pc.value_counts(given["sale"]["customer"]).to_pylist()
    best = max(bought, key=lambda one: one["counts"])["values"]

    def moved(table: pa.Table) -> pa.Table:
        who = table["customer"].to_numpy()
        others = 2 * (person + 10_000) + who
        return table.set_column(
            table.schema.get_field_index("customer"),
            "customer",
            pa.array(np.where(who == best, 2 * person, others)),
        )

    @contextmanager
    def reading() -> Iterator[Tables]:
        yield filled(ibis.duckdb.connect(), {name: moved(table) for name, table in given.items()})

    monkeypatch.setattr(running, "reading", reading)
    analysis = analysis_named("uplift")
    assert analysis is not None

    def run() -> tuple[ModelCard, dict[str, Any]]:
        card = ModelCard.objects.get(id=running.run_analysis(committed.arman, analysis, TODAY))
        seen = {i.field.key: i for one in concluded(ctx, PERSON, person) for i in one.insights}
        return card, seen

    with workspace_scope(committed.arman.id):
        card, seen = run()
        assert (card.state, card.scored, card.is_better) == ("ready", 1, True)
        assert seen["uplift"].value > 5
        assert seen["uplift_level"].value == "more"
        said = [reason.text for reason in seen["uplift"].reasons]
        assert said[0] == "As measured by a campaign with a control group"
        assert len(said) == 3
        assert run()[0].written == 0, "a night without news writes nothing"
        given["trial"] = trial_table([True, False] * 20, [True, False] * 20)
        card, seen = run()
        assert (card.state, card.is_better, seen) == ("ready", None, {})
