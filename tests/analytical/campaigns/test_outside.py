"""Campaigns that were tried elsewhere: described once, read out of an outside table, and told like any other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from django.db import transaction

from peyvand.analytical.analyses.contract import Inputs
from peyvand.analytical.analyses.models import ModelCard
from peyvand.analytical.campaigns import hooks
from peyvand.analytical.campaigns.models import CampaignTrial
from peyvand.analytical.campaigns.objects import CAMPAIGN_TRIAL
from peyvand.analytical.campaigns.outside import _column
from peyvand.analytical.campaigns.uplift import run
from peyvand.analytical.warehouse.public import OutsideTable
from peyvand.analytical.warehouse.star import Column
from peyvand.analytical.warehouse.tables import filled
from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope

BODY = {
    "name": "Letters of spring", "source": "letters", "arm": "segment", "treated": "Letter", "control": "none",
    "outcome": "visit", "known": "age, city",
}  # fmt: skip


@pytest.fixture
def ctx(cast: Any, acting: Callable[..., Context]) -> Iterator[Context]:
    with workspace_scope(cast.arman.id):
        yield acting(cast.sara)


def letters(many: int = 6000) -> pa.Table:
    """A third got a letter, which moves the young alone; a third nothing; a third something else."""
    chance = np.random.default_rng(3)
    age, arm = chance.integers(20, 70, many), chance.integers(0, 3, many)
    came = chance.random(many) < 0.2 + 0.2 * (arm == 0) * (age < 40)
    return pa.table({
        "segment": np.array(["Letter", "None", "Parcel"])[arm], "age": age, "city": np.array(["Yazd", "Qom"])[age % 2],
        "visit": came, "orders": came * 2, "note": ["x"] * many,
    })  # fmt: skip


def told(ctx: Context, table: pa.Table | None) -> dict[str, Any]:
    backend = ibis.duckdb.connect()
    tables = filled(backend, {})
    backend.create_database("outside")
    if table is not None:
        backend.create_table("letters", obj=table, database="outside")
    return dict(run(Inputs(tables, date(2026, 11, 22), ctx.tenant)).more)


def test_its_groups_and_outcomes_are_read_and_told(ctx: Context) -> None:
    made = create_record(ctx, CAMPAIGN_TRIAL, BODY)
    table = letters()
    more = told(ctx, table)
    [trial] = more["trials"]
    assert (trial["key"], trial["name"], trial["since"]) == (
        f"campaign_trial:{made.id}",
        "Letters of spring",
        None,
    )
    assert trial["treated"][1] == table["segment"].to_pylist().count("Letter")
    assert trial["alone"][1] == table["segment"].to_pylist().count("None")
    assert (trial["verdict"], trial["missing"]) == ("better", [0, 0])
    assert trial["fields"][0][0] == "age"
    assert more["scored_by"] == "", "of our customers it knows nothing"
    for outcome, came in (("orders", ""), ("orders", "2"), ("visit", "true")):
        CampaignTrial.objects.update(outcome=outcome, came=came, known="")
        [same] = told(ctx, table)["trials"]
        assert (same["treated"], same["alone"]) == (trial["treated"], trial["alone"])
    assert (same["ranking"], same["code"]) == (None, "no_fields"), "without fields the mean effect is all"


def test_what_cannot_be_read_says_why(ctx: Context) -> None:
    create_record(ctx, CAMPAIGN_TRIAL, BODY)
    gone = letters().drop_columns(["age"])
    for table, why in (
        (None, ["There is no outside table %(name)s.", {"name": {"name": "letters"}}]),
        (gone, ["The table has no column %(name)s any more.", {"name": {"name": "age"}}]),
        (
            letters().filter(pc.equal(letters()["segment"], "None")),
            ["Nobody has %(value)s in the column %(name)s.", {"value": {"name": "Letter"}, "name": {"name": "segment"}}],
        ),
    ):  # fmt: skip
        more = told(ctx, table)
        assert (more["trials"], [one[2] for one in more["unread"]]) == ([], [why])


def test_what_is_described_must_be_there(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    columns = tuple(Column(name, "varchar", "") for name in ("segment", "visit", "age", "city"))
    monkeypatch.setattr(hooks, "outside_tables", lambda: [OutsideTable("letters", columns)])
    create_record(ctx, CAMPAIGN_TRIAL, BODY)
    for wrong, at in (
        ({"source": "orders"}, "source"), ({"arm": "group"}, "arm"), ({"outcome": "bought"}, "outcome"), ({"control": " letter"}, "control"),
        ({"known": "age، town"}, "known"), ({"known": "age, visit"}, "known"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused, transaction.atomic():
            create_record(ctx, CAMPAIGN_TRIAL, BODY | wrong)
        assert refused.value.problems[0].field == at


def test_only_who_sees_outside_tables_sees_their_campaigns(cast: Any, ctx: Context, browse: Any) -> None:
    made = create_record(ctx, CAMPAIGN_TRIAL, BODY)
    ModelCard.objects.create(
        analysis="uplift", number=1, state="ready", as_of=date(2026, 11, 20), started_at=clock.now(), more=told(ctx, letters())
    )  # fmt: skip
    page = browse(cast.sara).get("/w/arman/insights/uplift")
    assert page.context["trial"]["key"] == f"campaign_trial:{made.id}"
    assert page.context["page"].endswith(f"/campaign_trials/{made.id}/")
    assert page.context["tenths"][0].name == "۱"


def test_a_long_text_does_not_make_every_cell_as_wide() -> None:
    column = _column(pa.chunked_array([["x" * 100_000, "y"]]))
    assert list(column[1:]) == ["y"]
    assert column.itemsize <= 400
