"""The shell in a real browser: nothing for axe to find, nothing that scrolls sideways, keys that work."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect
from tests.web.browsing import faults, overflows

PAGES = ("/w/arman/", "/w/arman/account/")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 360])
@pytest.mark.parametrize("language", ["fa", "en"])
def test_pages_of_the_shell(committed: Any, signed_in: Any, language: str, width: int, theme: str) -> None:
    page = signed_in(committed.sara, language, width, theme)
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    for path in PAGES:
        page.goto(path)
        assert faults(page) == [], path
        assert not overflows(page), path
    assert [e for e in errors if "/live" not in e and "ERR_FAILED" not in e] == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 360])
@pytest.mark.parametrize("language", ["fa", "en"])
def test_the_way_in(site: str, chromium: Any, language: str, width: int, theme: str) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 800}, base_url=site, locale=language)
    context.add_cookies([{"name": "theme", "value": theme, "url": site}])
    page = context.new_page()
    for path in ("/sign-in", "/forgot", "/reset/nothing", "/invite/nothing", "/nowhere"):
        page.goto(path)
        assert page.locator("html").get_attribute("lang") == language
        assert faults(page) == [], path
        assert not overflows(page), path
    context.close()


def test_signing_in_by_hand_and_jumping_by_key(site: str, chromium: Any, committed: Any) -> None:
    context = chromium.new_context(base_url=site, locale="en")
    page = context.new_page()
    page.goto("/w/arman/account/")
    page.fill("#email", "sara@arman.example")
    page.fill("#password", "correct horse 1")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/w/arman/account/")
    page.keyboard.press("Control+k")
    page.locator("dialog.palette [role=option]").first.wait_for()
    page.keyboard.type("امروز")
    # Not what half of the word had found.
    expect(page.locator("dialog.palette mark").first).to_have_text("امروز")
    expect(page.locator("dialog.palette [aria-selected=true]")).to_contain_text("امروز")
    assert faults(page) == []
    page.keyboard.press("Enter")
    page.wait_for_url("**/w/arman/")
    page.locator("details.menu summary[data-key=c]").click()
    page.locator("[role=menuitem]:visible").first.wait_for()
    assert faults(page) == []
    context.close()
