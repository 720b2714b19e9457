"""Browsers are driven as a person would drive them: nothing is done to a page before its scripts are there."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import pytest
from playwright.sync_api import Locator, Page

# What is done to an element, and where it stands: scripts move things.
ACTS = (
    *("check", "clear", "click", "dblclick", "dispatch_event", "drag_to", "fill", "focus", "hover", "press"),
    *("press_sequentially", "select_option", "set_checked", "set_input_files", "tap", "type", "uncheck"),
    *("bounding_box", "scroll_into_view_if_needed"),
)
VISITS = ("goto", "reload", "go_back", "go_forward")
HANDS = ("keyboard", "mouse", "touchscreen")


def there(page: Page) -> None:
    """Wait for a page's scripts, also for those that it fetches when something asks for them."""
    page.wait_for_load_state()
    page.locator("html:not([data-coming])").wait_for(state="attached")


def act_when_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every act of Playwright wait for the scripts of the page that its element stands on."""

    def on_an_element(act: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(act)
        def later(self: Locator, *args: Any, **options: Any) -> Any:
            # The element first: a click before may have led to another page, which may not be there yet.
            self.wait_for(state="attached", timeout=options.get("timeout"))
            there(self.page)
            return act(self, *args, **options)

        return later

    def by_selector(name: str) -> Callable[..., Any]:
        def at_once(self: Page, selector: str, *args: Any, **options: Any) -> Any:
            return getattr(self.locator(selector).first, name)(*args, **options)

        return at_once

    def whole(visit: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(visit)
        def until_there(self: Page, *args: Any, **options: Any) -> Any:
            answer = visit(self, *args, **options)
            there(self)
            return answer

        return until_there

    def hand(found: property) -> property:
        def when_there(self: Page) -> Any:
            there(self)
            return found.__get__(self)

        return property(when_there)

    for name in ACTS:
        monkeypatch.setattr(Locator, name, on_an_element(getattr(Locator, name)))
        if hasattr(Page, name):
            monkeypatch.setattr(Page, name, by_selector(name))
    for name in VISITS:
        monkeypatch.setattr(Page, name, whole(getattr(Page, name)))
    for name in HANDS:
        monkeypatch.setattr(Page, name, hand(getattr(Page, name)))
