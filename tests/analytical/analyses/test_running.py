"""An analysis from its tables to fields that lists show, and back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import ibis
import pyarrow as pa
import pytest

from peyvand.analytical.analyses import running
from peyvand.analytical.analyses.contract import all_analyses, analysis_named
from peyvand.analytical.analyses.jobs import run_all
from peyvand.analytical.analyses.models import AnalysisChoice, ModelCard
from peyvand.analytical.analyses.seeds import ensure_choices
from peyvand.analytical.warehouse.star import customer_of
from peyvand.analytical.warehouse.tables import Tables, filled
from peyvand.kernel import clock
from peyvand.kernel.conditions import parse
from peyvand.operational.contacts.public import PERSON
from peyvand.platform.actions.context import Context
from peyvand.platform.events.models import EventRow
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.insights.models import InsightRow, InsightRun
from peyvand.platform.objects.insights import concluded
from peyvand.platform.objects.queries import ListQuery, fetch_page, parse_sort
from peyvand.platform.objects.records import create_records
from peyvand.platform.workspaces.scope import workspace_scope

TODAY = date(2026, 11, 1)


@pytest.fixture
def buyers(committed: Any) -> list[int]:
    """Sixty people of Sara's."""
    with workspace_scope(committed.arman.id):
        ctx = Context(user_actor(committed.arman.id, committed.sara.id), "web")
        return [r.id for r in create_records(ctx, PERSON, [{"name": f"خریدار {n:02}"} for n in range(60)])]


def sales(ids: list[int], *, recent: int = 0) -> pa.Table:
    """Buyer n ordered n % 5 + 1 times, the last time n days ago; ``recent``: who ordered again today as well."""
    rows = [
        (2 * n, customer_of("person", id), TODAY - timedelta(days=n * 2 + 30 * k), 1_000_000 * (n % 7 + 1))
        for n, id in enumerate(ids)
        for k in range(n % 5 + 1)
    ]
    rows += [
        (9000, customer_of("person", id), TODAY, 50_000_000) for id in ids[len(ids) - recent :] if recent
    ]
    names = ("sale", "customer", "day", "net")
    return pa.table(dict(zip(names, (list(c) for c in zip(*rows, strict=True)), strict=True)))


@pytest.fixture
def warehouse(monkeypatch: pytest.MonkeyPatch) -> dict[str, pa.Table]:
    """Sales that stand for the warehouse's: what fills it is tested where it is filled."""
    given: dict[str, pa.Table] = {}

    @contextmanager
    def reading() -> Iterator[Tables]:
        yield filled(ibis.duckdb.connect(), given)

    monkeypatch.setattr(running, "reading", reading)
    return given


def rfm(cast: Any) -> ModelCard:
    analysis = analysis_named("rfm")
    assert analysis is not None
    id = running.run_analysis(cast.arman, analysis, TODAY)
    with workspace_scope(cast.arman.id):
        return ModelCard.objects.get(id=id)


def test_a_run_that_breaks_at_its_very_end_goes_on_no_longer(
    committed: Any, buyers: list[int], warehouse: dict[str, pa.Table], monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse["sale"] = sales(buyers)
    with monkeypatch.context() as broken:
        broken.setattr(running, "note_run", lambda *args, **told: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            rfm(committed)
    with workspace_scope(committed.arman.id):
        assert [card.state for card in ModelCard.objects.filter(analysis="rfm")] == ["failed"]
    assert rfm(committed).state == "ready"


def test_scores_are_fields(committed: Any, buyers: list[int], warehouse: dict[str, pa.Table]) -> None:
    warehouse["sale"] = sales(buyers)
    card = rfm(committed)
    assert (card.state, card.scored, card.rows) == ("ready", 60, 180)
    with workspace_scope(committed.arman.id):
        ctx = Context(user_actor(committed.arman.id, committed.sara.id), "web")
        champions = parse({"field": "rfm_segment", "op": "is", "value": "champions"}, PERSON.condition_schema)
        many = parse({"field": "order_count", "op": "gte", "value": 5}, PERSON.condition_schema)
        shown = ("name", "rfm_segment", "order_count", "bought_amount", "last_order")
        rows = fetch_page(
            ListQuery(PERSON, ctx.actor, shown, many, parse_sort("-bought_amount,rfm_segment", PERSON))
        ).rows
        assert [r.values["order_count"] for r in rows] == [5] * 12
        assert [r.values["bought_amount"] for r in rows] == sorted(
            (r.values["bought_amount"] for r in rows), reverse=True
        )
        best = fetch_page(ListQuery(PERSON, ctx.actor, shown, champions)).rows
        assert best
        assert {r.values["rfm_segment"] for r in best} == {"champions"}
        told = concluded(ctx, PERSON, best[0].id)
        assert next(i.field.key for i in told[0].insights) == "rfm_segment"
        # The three facts, and that the segment says nothing of the days ahead.
        assert len(told[0].insights[0].reasons) == 4


def test_a_second_run_writes_what_changed_and_tells_it(
    committed: Any, buyers: list[int], warehouse: dict[str, pa.Table]
) -> None:
    warehouse["sale"] = sales(buyers)
    rfm(committed)
    again = rfm(committed)
    assert (again.number, again.written, again.changed) == (2, 0, 0)
    warehouse["sale"] = sales(buyers, recent=1)
    third = rfm(committed)
    assert third.changed >= 1
    with workspace_scope(committed.arman.id):
        told = EventRow.objects.filter(wire="insights.level_changed.v1", object_id=buyers[-1]).get()
        assert told.data["insight"] == "rfm_segment"
        assert told.data["was"] != told.data["now"]


def test_too_little_is_said_and_forgets(
    committed: Any, buyers: list[int], warehouse: dict[str, pa.Table]
) -> None:
    warehouse["sale"] = sales(buyers)
    rfm(committed)
    warehouse["sale"] = sales(buyers[:7])
    card = rfm(committed)
    assert card.state == "refused"
    assert card.refusal[1]["needs"] == 50
    assert card.refusal[1]["has"] == 7
    with workspace_scope(committed.arman.id):
        assert not InsightRow.objects.filter(analysis="rfm").exists()


def test_all_run_here_and_now_whichever_of_them_breaks(
    committed: Any, buyers: list[int], warehouse: dict[str, pa.Table], monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse["sale"] = sales(buyers)
    with workspace_scope(committed.arman.id):
        ensure_choices()
        AnalysisChoice.objects.filter(key="value").update(is_on=False)
    analysis = analysis_named("cohorts")
    assert analysis is not None
    monkeypatch.setattr("peyvand.analytical.customers.cohorts.run", lambda given: 1 / 0)
    heard: list[tuple[str, int, int]] = []
    cards = run_all(
        replace(committed.arman, present=TODAY), lambda a, place, count: heard.append((a.key, place, count))
    )
    keys = [a.key for a in all_analyses() if a.key != "value"]
    assert heard == [(key, n, len(keys)) for n, key in enumerate(keys, 1)]
    assert [card.analysis for card in cards] == keys
    assert {card.as_of for card in cards} == {TODAY}
    states = {card.analysis: card.state for card in cards}
    assert (states["rfm"], states["churn"], states["cohorts"]) == ("ready", "refused", "failed")
    with workspace_scope(committed.arman.id):
        # An answer of another time grows old by the days that pass, not by those of its data.
        run = InsightRun.objects.get(analysis="rfm")
        assert (run.as_of, run.expires_on) == (TODAY, clock.today(committed.arman.tz) + timedelta(days=14))


def test_segments_refuse_where_nobody_bought_for_more_than_half_of_the_time(
    committed: Any, buyers: list[int], warehouse: dict[str, pa.Table]
) -> None:
    """Champions of 28 years ago are none: as the value of customers, segments say that newer data are needed."""
    warehouse["sale"] = sales(buyers)
    analysis = analysis_named("rfm")
    assert analysis is not None
    for years, state in ((0, "ready"), (1, "refused")):
        id = running.run_analysis(committed.arman, analysis, TODAY + timedelta(days=365 * years))
        with workspace_scope(committed.arman.id):
            assert ModelCard.objects.get(id=id).state == state
            assert InsightRow.objects.filter(analysis="rfm").exists() == (state == "ready")
