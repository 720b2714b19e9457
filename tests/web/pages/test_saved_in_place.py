"""A dialog over a page that stays: it closes when it saved, and the page beneath shows what changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.objects.records import create_record
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope


def test_a_dialog_that_saved_stays_closed(signed_in: Callable[..., Any], committed: Any) -> None:
    with workspace_scope(committed.arman.id):
        ctx = Context(user_actor(committed.arman.id, committed.sara.id), "web")
        create_record(ctx, object_named("competitor"), {"name": "کاشی شمال"})
    page = signed_in(committed.sara)
    page.goto("/w/arman/settings/competitors")
    page.click(".sort-list a.strong")
    page.fill("#dialog input[name=name]", "کاشی جنوب")
    page.click("#dialog footer .btn.primary")
    page.locator(".sort-list", has_text="کاشی جنوب").wait_for()
    expect(page.locator("#dialog")).to_be_hidden()
    assert page.evaluate("document.querySelector('#dialog').open") is False
