"""A salesperson and the way of a deal in a real browser: playbook, people with roles, and what comes next."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from peyvand.operational.activities.public import Task
from peyvand.operational.contacts.public import PERSON
from peyvand.operational.sales.public import DEAL, PLAYBOOK_ITEM, Deal, Pipeline, PlaybookTick, Stage
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope

pytestmark = pytest.mark.slow


def top(of: Any) -> int:
    """How far from the top of the window something begins, in whole pixels."""
    box = of.bounding_box()
    assert box is not None
    return round(box["y"])


def test_a_deal_goes_on_by_its_playbook_and_is_asked_what_comes_next(committed: Any, signed_in: Any) -> None:
    with workspace_scope(committed.arman.id):
        ctx = Context(user_actor(committed.arman.id, committed.sara.id), "web")
        first, second = Stage.objects.order_by("position")[:2]
        Pipeline.objects.update(wants_step=True)
        create_record(ctx, PLAYBOOK_ITEM, {"name": "بودجه روشن شود", "stage": first.id, "is_required": True})
        create_record(ctx, PERSON, {"family_name": "بهشتی"})
        deal = create_record(ctx, DEAL, {"name": "کاشی سالن"})
    page = signed_in(committed.sara)
    page.goto(f"/w/arman/deals/{deal.id}/")
    page.set_viewport_size({"width": 360, "height": 740})
    # On a telephone what comes next stands before the composer, and the menu of the rest beside the buttons.
    assert top(page.locator("#rec-related .soon").last) < top(page.locator(".composer"))
    assert top(page.locator("#rec-head .acts>.menu")) == top(page.locator("#rec-head .acts>.btn").first)
    expect(page.locator(".tabbar").get_by_role("link", name="معامله‌ها", exact=True)).to_be_visible()
    page.set_viewport_size({"width": 1280, "height": 800})
    page.get_by_role("button", name=second.name, exact=True).click()
    expect(page.locator("#dialog")).to_contain_text("بودجه روشن شود")
    page.locator("#dialog").get_by_role("checkbox", name="بودجه روشن شود").check()
    page.click("#dialog .primary")
    expect(page.locator("#dialog h2")).to_contain_text("برنامه‌ریزی گام بعدی")
    page.fill("#dialog [name=title]", "تماس با مدیر خرید")
    page.click("#dialog .primary")
    expect(page.locator("#dialog")).to_be_hidden()
    with workspace_scope(committed.arman.id):
        assert Deal.objects.get(id=deal.id).stage_id == second.id
        assert PlaybookTick.objects.filter(deal_id=deal.id).count() == 1
        assert Task.objects.get(about_object="deal", about_id=deal.id).title == "تماس با مدیر خرید"
