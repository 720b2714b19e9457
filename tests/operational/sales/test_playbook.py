"""The playbook of stages, and what happens when several press at once."""

from __future__ import annotations

import threading

import pytest
from django.db import connections, transaction

from peyvand.kernel.errors import Conflict, Invalid
from peyvand.operational.sales.public import (
    DEAL,
    PLAYBOOK_ITEM,
    Deal,
    LostReason,
    PlaybookTick,
    Stage,
    StageMove,
    lose_deal,
    move_deal,
    move_deals,
    tick_item,
    win_deal,
)  # fmt: skip
from peyvand.platform.actions.context import Context, job_context
from peyvand.platform.events.models import EventRow
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.objects.records import create_record, create_records
from peyvand.platform.workspaces.scope import workspace_scope

FA = "/w/arman/deals/"


@pytest.fixture
def ctx(cast, acting):
    with workspace_scope(cast.arman.id):
        yield acting(cast.babak)


def stages() -> list[Stage]:
    return list(Stage.objects.order_by("position"))


def item(ctx, name: str, **values):
    return create_record(
        job_context(ctx.tenant), PLAYBOOK_ITEM, {"name": name, "stage": stages()[0].id, **values}
    )


def test_a_stage_is_left_once_what_its_playbook_requires_is_done(ctx):
    first, _, third = (
        item(ctx, "Budget known", is_required=True),
        item(ctx, "Nice to know"),
        item(ctx, "Map", is_required=True),
    )
    deal = create_record(ctx, DEAL, {"name": "By the book"})
    tick_item(ctx, deal, item=first.id)
    with pytest.raises(Invalid) as caught, transaction.atomic():
        move_deal(ctx, deal, stage=stages()[1].id)
    [problem] = caught.value.problems
    assert (problem.field, problem.message.params["item"]) == ("ticked", third.name)
    move_deal(ctx, Deal.objects.get(id=deal.id), stage=stages()[1].id, ticked=[third.id])
    assert Deal.objects.get(id=deal.id).stage_id == stages()[1].id
    assert set(PlaybookTick.objects.values_list("item_id", flat=True)) == {first.id, third.id}


def test_a_done_playbook_lets_the_deal_go_and_loss_asks_for_nothing(ctx):
    needed = item(ctx, "Budget known", is_required=True)
    going, lost = create_records(ctx, DEAL, [{"name": "Going"}, {"name": "Lost"}])
    tick_item(ctx, going, item=needed.id)
    win_deal(ctx, Deal.objects.get(id=going.id))
    lose_deal(ctx, Deal.objects.get(id=lost.id), lost_reason=LostReason.objects.first().id)
    assert dict(Deal.objects.values_list("name", "status")) == {"Going": "won", "Lost": "lost"}


def test_in_a_set_those_that_may_not_go_are_named(ctx):
    needed = item(ctx, "Budget known", is_required=True)
    deals = create_records(ctx, DEAL, [{"name": "Ready"}, {"name": "Not ready"}])
    tick_item(ctx, deals[0], item=needed.id)
    with pytest.raises(Invalid):
        move_deals(ctx, deals, stage=stages()[1].id)


def test_a_tick_said_twice_is_told_once_and_can_be_taken_back(ctx):
    needed = item(ctx, "Budget known")
    deal = create_record(ctx, DEAL, {"name": "Twice"})
    for done in (True, True, False, False):
        tick_item(ctx, deal, item=needed.id, done=done)
    told = EventRow.objects.filter(wire="sales.playbook_ticked.v1").order_by("id")
    assert [row.data["is_done"] for row in told] == [True, False]
    assert not PlaybookTick.objects.exists()


def test_another_stages_item_is_refused(ctx):
    other = item(ctx, "Elsewhere", stage=stages()[1].id)
    deal = create_record(ctx, DEAL, {"name": "Here"})
    with pytest.raises(Invalid) as caught:
        tick_item(ctx, deal, item=other.id)
    assert caught.value.problems[0].field == "item"


def test_the_page_shows_the_playbook_and_ticks_it(cast, ctx, browse):
    needed = item(ctx, "Budget known", is_required=True, link="https://example.com/budget")
    deal = create_record(ctx, DEAL, {"name": "On the page"})
    client = browse(cast.babak)
    page = client.get(f"{FA}{deal.id}/").content.decode()
    assert "Budget known" in page
    assert "https://example.com/budget" in page
    assert "۰ از ۱" in page
    answer = client.post(
        f"{FA}{deal.id}/do/tick", {"item": needed.id, "done": "1"}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 200, answer.content.decode()
    assert PlaybookTick.objects.get(deal_id=deal.id).by_id == cast.babak.id
    assert "۱ از ۱" in client.get(f"{FA}{deal.id}/").content.decode()
    refused = client.post(
        f"{FA}{deal.id}/do/tick", {"item": needed.id, "done": "0"}, headers={"HX-Request": "true"}
    )
    assert refused.status_code == 200
    assert not PlaybookTick.objects.exists()


def test_the_dialog_of_winning_has_boxes_for_what_is_open_and_goes_on_in_one_step(cast, ctx, browse):
    one, two = (item(ctx, name, is_required=True) for name in ("Budget known", "Map drawn"))
    item(ctx, "Nice to know")
    deal = create_record(ctx, DEAL, {"name": "Sold"})
    client, at = browse(cast.babak), f"{FA}{deal.id}/do/win"
    asked = client.get(at, headers={"HX-Request": "true"}).content.decode()
    assert f'name="ticked" value="{one.id}"' in asked
    assert "Nice to know" not in asked
    refused = client.post(at, {"ticked": ["", one.id]}, headers={"HX-Request": "true"})
    assert refused.status_code == 422
    # What was ticked is still so, and nothing of it is kept before the deal goes.
    assert f'name="ticked" value="{one.id}" checked' in refused.content.decode()
    assert not PlaybookTick.objects.exists()
    won = client.post(at, {"ticked": ["", one.id, two.id]}, headers={"HX-Request": "true"})
    assert won.status_code == 200, won.content.decode()
    assert Deal.objects.get(id=deal.id).status == "won"
    assert PlaybookTick.objects.count() == 2


def test_the_board_asks_for_the_playbook_and_the_fields_at_once(cast, ctx, browse):
    needed, second = item(ctx, "Budget known", is_required=True), stages()[1]
    Stage.objects.filter(id=second.id).update(required=["expected_on"])
    deal = create_record(ctx, DEAL, {"name": "Carried"})
    client, move = browse(cast.babak), {"card": deal.id, "stage": second.id, "from": deal.stage_id}
    asked = client.post(f"{FA}board/move", move, headers={"HX-Request": "true"})
    assert asked.status_code == 422
    assert f'name="ticked" value="{needed.id}"' in asked.content.decode()
    assert 'name="expected_on"' in asked.content.decode()
    typed = {**move, "asked": "1", "ticked": ["", needed.id], "expected_on": "2026-12-01"}
    done = client.post(f"{FA}board/move", typed, headers={"HX-Request": "true"})
    assert done.status_code == 200, done.content.decode()
    assert Deal.objects.get(id=deal.id).stage_id == second.id


def test_a_button_pressed_twice_wins_once(cast, ctx, browse):
    deal = create_record(ctx, DEAL, {"name": "Twice won"})
    client = browse(cast.babak)
    for _ in range(2):
        client.post(f"{FA}{deal.id}/do/win", {}, headers={"HX-Request": "true"})
    assert EventRow.objects.filter(wire="sales.deal_won.v1").count() == 1
    assert StageMove.objects.filter(deal_id=deal.id, to_stage__kind="won").count() == 1


def test_of_two_who_win_one_deal_at_once_one_wins_and_the_other_is_told(committed):
    with workspace_scope(committed.arman.id):
        deal = create_record(
            Context(user_actor(committed.arman.id, committed.babak.id), "web"), DEAL, {"name": "Both"}
        )
    at_once, said = threading.Barrier(2, timeout=30), []

    def win(user_id: int) -> None:
        try:
            with workspace_scope(committed.arman.id):
                ctx = Context(user_actor(committed.arman.id, user_id), "web")
                mine = Deal.objects.get(id=deal.id)
                at_once.wait()
                win_deal(ctx, mine)
            said.append("won")
        except Conflict:
            said.append("told")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=win, args=(user.id,)) for user in (committed.babak, committed.mina)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(said) == ["told", "won"]
    with workspace_scope(committed.arman.id):
        assert EventRow.objects.filter(wire="sales.deal_won.v1", object_id=deal.id).count() == 1
        assert StageMove.objects.filter(deal_id=deal.id, to_stage__kind="won").count() == 1
