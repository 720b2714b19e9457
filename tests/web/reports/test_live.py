"""The board follows the warehouse: its tiles come anew when a version of it was published."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from tests.web.boards.test_browser import site as served
from tests.web.reports.test_browser import sell

from peyvand.analytical.warehouse.filling import refresh
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.workspaces.scope import workspace_scope

pytestmark = pytest.mark.slow
site = served


def test_a_tile_tells_what_was_sold_meanwhile_without_a_reload(
    committed: Any, signed_in: Any, settings: Any, tmp_path: Path
) -> None:
    settings.WAREHOUSE_ROOT = tmp_path / "warehouse"
    with workspace_scope(committed.arman.id):
        ctx = Context(user_actor(committed.arman.id, committed.sara.id), "web")
        sell(ctx, "لیلا بهشتی", "اصفهان", 30_000)
    refresh(committed.arman)
    page = signed_in(committed.sara, live=True)
    # Open pages ask at some moment of the next seconds, each at its own: here at the first.
    page.add_init_script("Math.random = () => 0.001")
    asked: list[str] = []
    page.on(
        "request",
        lambda request: asked.append(request.url) if "insights/card/buyers" in request.url else None,
    )
    with page.expect_response("**/w/arman/live"):
        page.goto("/w/arman/insights")
    tile = page.get_by_role("region", name="خریداران", exact=True)
    expect(tile.locator(".v")).to_have_text("۱")
    page.evaluate("window.still = true")
    with workspace_scope(committed.arman.id):
        sell(ctx, "رضا کیانی", "تهران", 10_000)
    refresh(committed.arman)
    expect(tile.locator(".v")).to_have_text("۲", timeout=15_000)
    assert page.evaluate("window.still"), "the page was not loaded anew"
    assert len(asked) == 2
