from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import expect

from peyvand.operational.sales.models import Deal
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.installation import eventually, free_port
from peyvand.web.live import LiveUpdates

pytestmark = pytest.mark.slow
BOARD = "/w/arman/deals/board"


@pytest.fixture
def site(committed: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The application as it is served, live updates included, with the cast committed.

    What it holds is its own, and ended with it: live updates belong to one event loop, and a connection left open by a
    thread would be found in the middle of some other test.
    """
    from granian.constants import Interfaces
    from granian.server.embed import Server

    from peyvand.config import asgi

    monkeypatch.setattr(asgi, "_live", LiveUpdates())
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)
    port = free_port()
    server = Server(
        asgi.application, address="127.0.0.1", port=port, interface=Interfaces.ASGI, websockets=False
    )
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        await server.serve()

    def listens() -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 5):
            return True
        return False

    thread = Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert eventually(listens)
    yield f"http://127.0.0.1:{port}"
    loops[0].call_soon_threadsafe(server.stop)
    thread.join(60)
    assert not thread.is_alive()


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


def _titles(page: Any, stage: Any) -> Any:
    """Of the cards in a lane, from the top."""
    return page.locator(f'[data-stage="{stage.id}"] .deal h3')


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
    expect(there.locator(f"#stage-{stages[2].id}-head")).to_contain_text("1 deal")
    here.get_by_role("button", name="برگردان").click()
    there.wait_for_selector(f'[data-stage="{stages[0].id}"] #card-{two.id}')
    here.wait_for_selector(f'[data-stage="{stages[0].id}"] #card-{two.id}')
    expect(_titles(here, stages[0])).to_have_text(["three", "two", "one"])


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
    expect(_titles(page, stages[1])).to_have_text(["other", "three"])
    # The page hears of its own move too, and draws the lane once more: the card keeps the focus.
    page.wait_for_timeout(800)
    expect(page.locator(f"#card-{three.id}")).to_be_focused()
    expect(_titles(page, stages[1])).to_have_text(["other", "three"])
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
