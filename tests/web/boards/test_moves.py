from __future__ import annotations

import json
import threading
from typing import Any

from django.test import Client

from peyvand.kernel import clock
from peyvand.operational.activities.public import Task
from peyvand.operational.sales.models import Deal, LostReason, StageMove
from peyvand.platform.events.models import EventRow
from peyvand.platform.identity.models import Membership
from peyvand.platform.identity.sessions import ACCOUNT, SessionStore
from peyvand.platform.workspaces.scope import workspace_scope

MOVE = "/w/arman/deals/board/move"


def _toast(answer: Any) -> dict[str, str]:
    return dict(json.loads(answer["HX-Trigger"])["toast"])


def test_a_card_goes_between_two_others_and_the_undo_takes_it_back(
    cast: Any, acting: Any, visiting: Any, deal: Any, open_stages: Any
) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        first, second, *_ = open_stages()
        low, middle, top = (deal(ctx, name, first) for name in ("low", "middle", "top"))
        under, over = (deal(ctx, name, second) for name in ("under", "over"))
    client = visiting(cast.sara)
    answer = client.post(
        MOVE, {"card": middle.id, "stage": second.id, "from": first.id, "before": under.id, "after": over.id}
    )
    html = answer.content.decode()
    assert answer.status_code == 200
    assert f'data-card="{middle.id}" data-lane="{second.id}"' in html
    assert html.count('hx-swap-oob="true"') == 6  # five heads and the total
    with workspace_scope(cast.arman.id):
        column = Deal.objects.filter(stage=second).order_by("-board_rank").values_list("name", flat=True)
        assert list(column) == ["over", "middle", "under"]
    client.post(_toast(answer)["undo"])
    with workspace_scope(cast.arman.id):
        assert list(
            Deal.objects.filter(stage=first).order_by("-board_rank").values_list("name", flat=True)
        ) == ["top", "middle", "low"]
    assert low.id
    assert top.id


def test_within_a_column_only_the_order_changes(
    cast: Any, acting: Any, visiting: Any, deal: Any, open_stages: Any
) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        stage = open_stages()[0]
        low, top = deal(ctx, "low", stage), deal(ctx, "top", stage)
    answer = visiting(cast.sara).post(
        MOVE, {"card": low.id, "stage": stage.id, "from": stage.id, "before": top.id, "after": ""}
    )
    assert answer.status_code == 200
    assert "HX-Trigger" not in answer
    with workspace_scope(cast.arman.id):
        assert list(
            Deal.objects.filter(stage=stage).order_by("-board_rank").values_list("name", flat=True)
        ) == ["low", "top"]
        assert StageMove.objects.filter(deal=low).count() == 1


def test_the_gate_asks_only_for_what_is_missing(
    cast: Any, acting: Any, visiting: Any, deal: Any, open_stages: Any
) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        first, second, *_ = open_stages()
        second.required = ["amount", "source"]
        second.save()
        card = deal(ctx, "Tiles", first, source="website")
    client = visiting(cast.sara)
    place = {"card": card.id, "stage": second.id, "from": first.id, "before": "", "after": ""}
    asked = client.post(MOVE, place)
    html = asked.content.decode()
    assert asked.status_code == 422
    assert 'name="amount"' in html
    assert 'name="lost_reason"' not in html
    assert "f-source" not in html
    wrong = client.post(MOVE, {**place, "asked": "1", "amount": "a lot"}, headers={"HX-Request": "true"})
    assert wrong.status_code == 422
    assert 'value="a lot"' in wrong.content.decode()
    assert "aria-invalid" in wrong.content.decode()
    done = client.post(MOVE, {**place, "asked": "1", "amount": "250000"}, headers={"HX-Request": "true"})
    assert done.status_code == 200
    assert json.loads(done["HX-Trigger"])["closeDialog"] is True
    with workspace_scope(cast.arman.id):
        card.refresh_from_db()
        assert (card.stage_id, card.amount) == (second.id, 2_500_000)


def test_a_loss_wants_its_reason(cast: Any, acting: Any, visiting: Any, deal: Any, open_stages: Any) -> None:
    with workspace_scope(cast.arman.id):
        stage = open_stages()[0]
        card = deal(acting(cast.sara), "Tiles", stage)
        reason = LostReason.objects.order_by("position").first()
    assert reason is not None
    client = visiting(cast.sara)
    place = {"card": card.id, "stage": "lost", "from": stage.id}
    asked = client.post(MOVE, place)
    assert asked.status_code == 422
    assert reason.name in asked.content.decode()
    assert "Why was “Tiles” lost?" in asked.content.decode()
    without = client.post(
        MOVE, {**place, "asked": "1", "lost_reason": "", "lost_note": "They built it themselves"}
    )
    assert without.status_code == 422
    assert "They built it themselves" in without.content.decode()
    with workspace_scope(cast.arman.id):
        card.refresh_from_db()
        assert card.status == "open"
    done = client.post(
        MOVE, {**place, "asked": "1", "lost_reason": reason.id, "lost_note": "They built it themselves"}
    )
    assert done.status_code == 200
    with workspace_scope(cast.arman.id):
        card.refresh_from_db()
        assert (card.status, card.lost_reason_id, card.lost_note) == (
            "lost",
            reason.id,
            "They built it themselves",
        )
    assert client.post(_toast(done)["undo"]).status_code == 200
    with workspace_scope(cast.arman.id):
        card.refresh_from_db()
        assert (card.status, card.stage_id, card.lost_reason_id, card.closed_on) == (
            "open",
            stage.id,
            None,
            None,
        )


def test_a_win_is_dated_today_and_leaves_the_board(
    cast: Any, acting: Any, visiting: Any, deal: Any, open_stages: Any, still: Any
) -> None:
    with workspace_scope(cast.arman.id):
        stage = open_stages()[0]
        card = deal(acting(cast.sara), "Tiles", stage)
    answer = visiting(cast.sara).post(MOVE, {"card": card.id, "stage": "won", "from": stage.id})
    assert answer.status_code == 200
    assert f"card-{card.id}" not in answer.content.decode()
    with workspace_scope(cast.arman.id):
        card.refresh_from_db()
        assert (card.status, card.closed_on) == ("won", clock.today(cast.arman.tz))


def test_later_makes_a_task_about_the_deal(
    cast: Any, acting: Any, visiting: Any, deal: Any, open_stages: Any
) -> None:
    with workspace_scope(cast.arman.id):
        stage = open_stages()[0]
        card = deal(acting(cast.sara), "Tiles", stage)
    client = visiting(cast.sara)
    place = {"card": card.id, "stage": "later", "from": stage.id}
    assert client.post(MOVE, place).status_code == 422
    empty = client.post(MOVE, {**place, "asked": "1", "remind_on": "", "remind_of": "Ring"})
    assert empty.status_code == 422
    assert (
        client.post(
            MOVE, {**place, "asked": "1", "remind_on": "2030-05-04", "remind_of": "Ring again"}
        ).status_code
        == 200
    )
    with workspace_scope(cast.arman.id):
        task = Task.objects.get(about_object="deal", about_id=card.id)
        assert (task.title, task.due_at.astimezone(cast.arman.tz).isoformat()[:16]) == (
            "Ring again",
            "2030-05-04T09:00",
        )


def test_a_move_from_where_the_card_no_longer_is_changes_nothing(
    cast: Any, acting: Any, visiting: Any, deal: Any, open_stages: Any
) -> None:
    with workspace_scope(cast.arman.id):
        first, second, third, *_ = open_stages()
        card = deal(acting(cast.sara), "Tiles", first)
    client = visiting(cast.sara)
    assert client.post(MOVE, {"card": card.id, "stage": second.id, "from": first.id}).status_code == 200
    late = client.post(MOVE, {"card": card.id, "stage": third.id, "from": first.id})
    assert late.status_code == 409
    assert "moved by a colleague" in _toast(late)["text"]
    assert json.loads(late["HX-Trigger"])["changed"] == {"object": "deal", "ids": [card.id]}
    with workspace_scope(cast.arman.id):
        assert Deal.objects.get(id=card.id).stage_id == second.id


def test_who_may_not_changes_nothing(
    cast: Any, acting: Any, visiting: Any, deal: Any, open_stages: Any
) -> None:
    with workspace_scope(cast.arman.id):
        first, second, *_ = open_stages()
        card = deal(acting(cast.sara), "Tiles", first)
        facts = EventRow.objects.count()
    place = {"card": card.id, "stage": second.id, "from": first.id}
    assert visiting(cast.viewer).post(MOVE, place).status_code == 403
    assert visiting(cast.babak).post(MOVE, place).status_code == 404
    assert visiting(cast.cyrus).post(MOVE, place).status_code == 404
    assert visiting(cast.cyrus).post("/w/rival/deals/board/move", place).status_code == 404
    with workspace_scope(cast.arman.id):
        assert Deal.objects.get(id=card.id).stage_id == first.id
        assert EventRow.objects.count() == facts


def test_of_two_moves_at_once_one_wins_and_the_other_is_told(
    committed: Any, deal: Any, open_stages: Any
) -> None:
    from peyvand.platform.actions.context import Context
    from peyvand.platform.identity.actor import user_actor

    cast = committed
    with workspace_scope(cast.arman.id):
        first, second, third, *_ = open_stages()
        card = deal(Context(user_actor(cast.arman.id, cast.sara.id), "web"), "Tiles", first)
    account = Membership.objects.get(workspace_id=cast.arman.id, user_id=cast.sara.id).account_id
    session = SessionStore()
    session[ACCOUNT] = account
    session.create()
    statuses: list[int] = []
    ready = threading.Barrier(2)

    def carry(stage: int) -> None:
        from django.db import connections

        client = Client()
        client.cookies["peyvand_session"] = session.session_key
        ready.wait(60)
        statuses.append(client.post(MOVE, {"card": card.id, "stage": stage, "from": first.id}).status_code)
        connections.close_all()

    hands = [threading.Thread(target=carry, args=(stage.id,)) for stage in (second, third)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join(60)
    assert sorted(statuses) == [200, 409]
    with workspace_scope(cast.arman.id):
        assert StageMove.objects.filter(deal=card).count() == 2
