"""The page of all results in a real browser: nothing for axe to find, nothing that scrolls sideways, keys that work."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import expect
from tests.web.browsing import faults, overflows

from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.objects.records import create_record
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope


def fill(cast: Any) -> None:
    with workspace_scope(cast.arman.id):
        ctx = Context(user_actor(cast.arman.id, cast.sara.id), "web")
        for name, tags in (
            ("صنایع کاشی البرز", ["مهم"]),
            ("بازرگانی البرز شرق", []),
            ("البرز", ["همکار قدیمی"]),
        ):
            create_record(ctx, object_named("company"), {"name": name, "tags": tags})
        create_record(ctx, object_named("person"), {"given_name": "علی‌رضا", "family_name": "البرزی"})
        text = (
            "جلسه با مدیر خرید. " * 20
            + "قرار شد نمونهٔ کاشی‌های البرز را تا پایان ماه بفرستیم. "
            + "پیگیری شود. " * 20
        )
        create_record(ctx, object_named("note"), {"text": text})


@pytest.mark.parametrize(
    ("language", "width", "theme"),
    [("fa", 1440, "light"), ("fa", 360, "dark"), ("en", 1440, "dark"), ("en", 360, "light")],
)
def test_results(committed: Any, signed_in: Any, language: str, width: int, theme: str) -> None:
    fill(committed)
    page = signed_in(committed.sara, language, width, theme)
    for path in (
        "/w/arman/search",
        "/w/arman/search?q=البرز",
        "/w/arman/search?q=البرز&object=note",
        "/w/arman/search?q=قققققق",
    ):
        page.goto(path)
        assert faults(page) == [], path
        assert not overflows(page), path


def test_from_the_palette_to_all_results_and_a_record_by_keys(committed: Any, signed_in: Any) -> None:
    fill(committed)
    page = signed_in(committed.sara, "fa", 1440, "light")
    page.goto("/w/arman/")
    page.keyboard.press("Control+k")
    page.locator("dialog.palette [role=option]").first.wait_for()
    page.keyboard.type("البرز")
    # Not the way to what half of the word would find.
    all_results = page.locator(f"dialog.palette .opt[href$='/search?q={quote('البرز')}']")
    all_results.wait_for()
    expect(page.locator("dialog.palette .opt[href*='/notes/']")).to_have_count(1)
    for _ in range(12):
        if all_results.get_attribute("aria-selected") == "true":
            break
        page.keyboard.press("ArrowDown")
    expect(all_results).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    page.locator(".found-line mark").first.wait_for()
    page.locator(".found-line").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/companies/*/")
