from __future__ import annotations

from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest

from peyvand.operational.sales.models import Deal
from peyvand.platform.workspaces.scope import workspace_scope

pytestmark = pytest.mark.slow
BOARD = "/w/arman/deals/board"


@pytest.fixture
def site(committed: Any) -> Iterator[str]:
    """The application as it is served, live updates included, with the cast committed."""
    import asyncio
    import socket

    from granian.constants import Interfaces
    from granian.server.embed import Server

    from peyvand.config.asgi import application

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Server(application, address="127.0.0.1", port=port, interface=Interfaces.ASGI, websockets=False)
    loop = asyncio.new_event_loop()
    thread = Thread(target=lambda: loop.run_until_complete(server.serve()), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{port}"
    loop.call_soon_threadsafe(server.stop)
    thread.join(10)


@pytest.fixture
def cards(committed: Any, deal: Any, open_stages: Any) -> tuple[list[Any], list[Deal]]:
    from peyvand.platform.actions.context import Context
    from peyvand.platform.identity.actor import user_actor

    with workspace_scope(committed.arman.id):
        ctx = Context(user_actor(committed.arman.id, committed.sara.id), "web")
        stages = open_stages()
        made = [deal(ctx, name, stages[0], amount="1000000") for name in ("one", "two", "three")]
        deal(ctx, "other", stages[1])
    return stages, made


def _lane(page: Any, stage: Any) -> list[str]:
    titles: list[str] = page.locator(f'[data-stage="{stage.id}"] .deal h3').all_inner_texts()
    return titles


def _carry(page: Any, card: Any, target: Any) -> None:
    """With the mouse, as a hand does it: several small movements."""
    start, end = card.bounding_box(), target.bounding_box()
    page.mouse.move(start["x"] + 30, start["y"] + 10)
    page.mouse.down()
    page.mouse.move(start["x"] + 45, start["y"] + 20, steps=4)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + end["height"] / 2, steps=12)
    page.wait_for_timeout(100)
    page.mouse.up()


def test_a_card_dragged_here_moves_there_too(committed: Any, cards: Any, signed_in: Any) -> None:
    stages, (_, two, _) = cards
    here, there = signed_in(committed.sara, "fa", live=True), signed_in(committed.mina, "en", live=True)
    for page in (here, there):
        page.goto(BOARD)
        page.wait_for_selector("pv-board .vh[role=status]", state="attached")
    there.evaluate("window.sameDocument = true")
    with here.expect_response("**/board/move*") as answer:
        _carry(here, here.locator(f"#card-{two.id}"), here.locator(f'[data-stage="{stages[2].id}"] .cards'))
    assert answer.value.status == 200
    here.wait_for_selector(f'[data-stage="{stages[2].id}"] #card-{two.id}')
    there.wait_for_selector(f'[data-stage="{stages[2].id}"] #card-{two.id}')
    assert there.evaluate("window.sameDocument") is True
    assert "1 deal" in there.locator(f"#stage-{stages[2].id}-head").inner_text()
    here.get_by_role("button", name="برگردان").click()
    there.wait_for_selector(f'[data-stage="{stages[0].id}"] #card-{two.id}')
    here.wait_for_selector(f'[data-stage="{stages[0].id}"] #card-{two.id}')
    assert _lane(here, stages[0]) == ["three", "two", "one"]


@pytest.mark.parametrize(("language", "onward"), [("fa", "ArrowLeft"), ("en", "ArrowRight")])
def test_a_card_is_carried_by_keys_along_the_reading_direction(
    committed: Any, cards: Any, signed_in: Any, language: str, onward: str
) -> None:
    stages, (one, _, three) = cards
    page = signed_in(committed.sara, language, live=True)
    page.goto(BOARD)
    page.wait_for_selector("pv-board .vh[role=status]", state="attached")
    page.locator(f"#card-{three.id}").focus()
    for key in ("Space", onward, "ArrowDown"):
        page.keyboard.press(key)
    with page.expect_response("**/board/move*"):
        page.keyboard.press("Space")
    page.wait_for_timeout(800)
    assert page.locator(f"#card-{three.id}:focus").count() == 1
    assert _lane(page, stages[1]) == ["other", "three"]
    with workspace_scope(committed.arman.id):
        assert list(
            Deal.objects.filter(stage=stages[1]).order_by("-board_rank").values_list("name", flat=True)
        ) == ["other", "three"]
    assert one.stage_id == stages[0].id


def test_a_loss_is_asked_about_and_can_be_thought_over(committed: Any, cards: Any, signed_in: Any) -> None:
    stages, (one, _, _) = cards
    page = signed_in(committed.sara, "en", live=True)
    page.goto(BOARD)
    page.wait_for_selector("pv-board .vh[role=status]", state="attached")

    def carry_to_lost() -> None:
        card = page.locator(f"#card-{one.id}").bounding_box()
        page.mouse.move(card["x"] + 30, card["y"] + 10)
        page.mouse.down()
        page.mouse.move(card["x"] + 60, card["y"] + 40, steps=5)
        drop = page.locator(".drop.lost").bounding_box()
        page.mouse.move(drop["x"] + drop["width"] / 2, drop["y"] + drop["height"] / 2, steps=12)
        page.wait_for_timeout(100)
        page.mouse.up()
        page.wait_for_selector("dialog#dialog[open]")

    carry_to_lost()
    page.keyboard.press("Escape")
    page.wait_for_selector(f'[data-stage="{stages[0].id}"] #card-{one.id}')
    carry_to_lost()
    page.select_option("#f-lost_reason", index=1)
    page.locator("dialog .modal-f button:not([data-close])").click()
    page.wait_for_selector(f"#card-{one.id}", state="detached")
    page.locator(f"#stage-{stages[0].id}-head", has_text="2 deals").wait_for()
    with workspace_scope(committed.arman.id):
        assert Deal.objects.get(id=one.id).status == "lost"
