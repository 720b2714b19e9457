"""The manager's view: each person's figures, deals that stand still with their reasons, and over whom one looks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.operational.targets.scenes import deal, ids_behind, links

from peyvand.kernel import clock
from peyvand.operational.activities.objects import CALL, TASK
from peyvand.operational.sales.public import Stage, win_deal
from peyvand.operational.targets.objects import QUOTA
from peyvand.operational.targets.periods import Span
from peyvand.operational.targets.team import board, people_of, stalled
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import program_of

# A Sunday; the Persian week began the day before.
NOON = datetime(2026, 8, 9, 9, tzinfo=UTC)
QUARTER = Span("own", "jalali", date(2026, 6, 22), date(2026, 9, 23))


@pytest.fixture
def summer():
    with clock.freeze(NOON) as moment:
        yield moment


def test_a_manager_looks_over_the_own_people_and_a_member_over_nobody(cast, acting, browse, summer):
    with workspace_scope(cast.arman.id):
        assert {id for id, _name in people_of(acting(cast.mina).actor)} == {cast.mina.id, cast.babak.id}
        assert people_of(acting(cast.babak).actor) == []
        assert {id for id, _name in people_of(acting(cast.sara).actor)} >= {
            cast.sara.id,
            cast.mina.id,
            cast.babak.id,
        }
    assert browse(cast.babak).get("/w/arman/reports/team").status_code == 403
    page = browse(cast.mina).get("/w/arman/reports/team").content.decode()
    assert "Babak Naderi" in page
    assert "Vida Viewer" not in page


def test_the_board_tells_of_each_person(cast, acting, browse, summer):
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.mina)
        create_record(
            ctx, QUOTA, {"owner": cast.babak.id, "amount": 1000, "unit": "quarter", "starts_on": "2026-08-09"}
        )
        mine = acting(cast.babak)
        first = deal(mine, "First", amount=300, probability=50, expected_on=date(2026, 9, 1))
        second = deal(mine, "Second", amount=80, probability=50, expected_on=date(2026, 12, 1))
        won = deal(mine, "Won", amount=400)
        win_deal(mine, won)
        for days in (0, 1, 3):
            create_record(
                mine, CALL, {"started_at": (NOON - timedelta(days=days)).isoformat(), "title": "Call"}
            )
        create_record(mine, TASK, {"title": "Late", "due_at": (NOON - timedelta(hours=1)).isoformat()})
        rows = {m.id: m for m in board(ctx.actor, people_of(ctx.actor), QUARTER, "jalali")}
    babak = rows[cast.babak.id]
    assert (babak.open_count, babak.open_amount, babak.weighted, babak.ahead) == (2, 380, 190, 300)
    assert (babak.won_amount, babak.target, babak.coverage) == (400, 1000, 0.5)
    assert (babak.done["call"], babak.activities_before, babak.overdue, babak.stepless) == ((2, 1), 1, 1, 2)
    assert rows[cast.mina.id].open_count == 0
    page = browse(cast.mina).get("/w/arman/reports/team").content.decode()
    found = [ids_behind(program_of(cast.mina, cast.arman), url) for url in links(page)]
    for wanted in ({first.id, second.id}, {won.id}, {first.id}):
        assert wanted in found
    assert browse(cast.mina).get(f"/w/arman/reports/team?person={cast.babak.id}").status_code == 200


def test_deals_that_stand_still_say_why(cast, acting, summer):
    with workspace_scope(cast.arman.id):
        Stage.objects.filter(kind="open").update(rots_after=20)
        mine = acting(cast.babak)
        with clock.freeze(NOON - timedelta(days=30)):
            old = deal(mine, "Old", amount=10)
            planned = deal(mine, "Planned", amount=99)
        deal(mine, "Fresh", amount=5000)
        late = deal(mine, "Late", amount=20, expected_on=NOON.date() - timedelta(days=2))
        theirs = deal(acting(cast.sara), "Theirs", amount=1, expected_on=date(2026, 1, 1))
        found = stalled(acting(cast.mina).actor, {cast.babak.id})
    assert [each.id for each in found] == [planned.id, late.id, old.id]
    said = {each.id: [str(reason) for reason in each.reasons] for each in found}
    assert said[old.id] == [
        "30 d in its stage, over its limit",
        "no next step",
        "unchanged for 30 days",
    ]
    assert said[late.id] == ["2 d past its expected day", "no next step"]
    assert theirs.id not in said


def test_the_board_costs_the_same_for_more_people_and_deals(cast, acting, summer):
    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            board(acting(cast.sara).actor, people_of(acting(cast.sara).actor), QUARTER, "jalali")
            stalled(acting(cast.sara).actor, [cast.babak.id, cast.sara.id])
        return len(seen)

    with workspace_scope(cast.arman.id):
        deal(acting(cast.babak), "One", amount=1)
        cost()
        before = cost()
        for n in range(12):
            deal(acting(cast.sara if n % 2 else cast.babak), f"Deal {n}", amount=n)
        assert cost() == before
