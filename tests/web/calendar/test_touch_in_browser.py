"""The calendar under a finger: what it rests on is carried, in the hours of a day and between the days of a list."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from peyvand.kernel import clock
from peyvand.kernel.persian.calendar import period
from peyvand.operational.activities.public import MEETING, Meeting
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope

pytestmark = pytest.mark.slow

HELD = re.compile(r"\bheld\b")


@pytest.fixture
def meeting(committed: Any) -> tuple[date, Any]:
    """A meeting of Sara's from nine to ten, on the Monday of the first whole week of next month."""
    tz = committed.arman.tz
    month = period("month", clock.today(tz), "jalali")[1]
    monday = period("week", month + timedelta(days=6), "jalali")[0] + timedelta(days=2)

    def at(hour: int) -> str:
        return datetime.combine(monday, time(hour), tz).isoformat()

    with workspace_scope(committed.arman.id):
        ctx = Context(user_actor(committed.arman.id, committed.sara.id), "web")
        made = create_record(ctx, MEETING, {"title": "جلسهٔ مناقصه", "starts_at": at(9), "ends_at": at(10)})
    return monday, made


class Finger:
    """One finger on a page."""

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)
        self._session.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
        self._at = 0.0, 0.0

    def _send(self, kind: str, *points: tuple[float, float]) -> None:
        touches = [{"x": x, "y": y} for x, y in points]
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    def rest(self, card: Locator) -> None:
        """Put it on a card until that is held."""
        expect(card.page.locator(":is(pv-hours,pv-calendar):defined")).to_be_attached()
        self._at = middle(card)
        self._send("touchStart", self._at)
        expect(card).to_have_class(HELD)

    def go(self, x: float, y: float) -> None:
        low, high = self._at
        for n in range(1, 9):
            self._send("touchMove", (low + (x - low) * n / 8, high + (y - high) * n / 8))
        self._at = x, y

    def by(self, x: float, y: float) -> None:
        self.go(self._at[0] + x, self._at[1] + y)

    def lift(self) -> None:
        self._send("touchEnd")


def middle(found: Locator) -> tuple[float, float]:
    box = found.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def stands(cast: Any, record: Any) -> tuple[date, str, str]:
    with workspace_scope(cast.arman.id):
        found = Meeting.objects.get(id=record.id)
    start, end = (at.astimezone(cast.arman.tz) for at in (found.starts_at, found.ends_at))
    return start.date(), f"{start:%H:%M}", f"{end:%H:%M}"


def test_in_the_hours_of_a_day(committed: Any, signed_in: Any, meeting: Any) -> None:
    monday, record = meeting
    page = signed_in(committed.sara, width=360)
    page.goto(f"/w/arman/calendar?span=day&at={monday}")
    card = page.locator(f'[data-card="meeting:{record.id}"]')
    expect(page.locator("pv-hours:defined")).to_be_attached()
    scrolled = page.locator("pv-hours").evaluate("box => box.scrollTop")
    finger = Finger(page)
    finger.rest(card)
    hour = page.locator(".hours-scale .hours-line span").nth(12).evaluate("one => one.clientHeight")
    finger.by(0, hour * 1.5)
    expect(card).to_contain_text("۱۰:۳۰–۱۱:۳۰")
    with page.expect_response(lambda answer: "calendar/move" in answer.url) as moved:
        finger.lift()
    assert moved.value.status == 204
    assert stands(committed, record) == (monday, "10:30", "11:30")
    assert page.locator("pv-hours").evaluate("box => box.scrollTop") == scrolled, (
        "the finger carried, it did not scroll"
    )
    # In the grid that came after it, what a resting finger lets go again where it was stays, and is not opened.
    expect(card).not_to_have_class(HELD)
    finger.rest(card)
    finger.lift()
    expect(card).not_to_have_class(HELD)
    assert "/calendar" in page.url
    assert stands(committed, record) == (monday, "10:30", "11:30")


@pytest.mark.parametrize("span", ["week", "month"])
def test_between_the_days_of_a_list(committed: Any, signed_in: Any, meeting: Any, span: str) -> None:
    monday, record = meeting
    page = signed_in(committed.sara, width=360)
    page.goto(f"/w/arman/calendar?span={span}&at={monday}")
    card = page.locator(f'[data-card="meeting:{record.id}"]')
    wednesday = monday + timedelta(days=2)
    day = page.locator(f'[data-day="{wednesday}"]')
    expect(day).to_be_hidden()
    finger = Finger(page)
    finger.rest(card)
    # Days without anything can be dropped on while something is held.
    expect(day).to_be_visible()
    finger.go(*middle(day))
    with page.expect_response(lambda answer: "calendar/move" in answer.url) as moved:
        finger.lift()
    assert moved.value.status == 204
    assert stands(committed, record) == (wednesday, "09:00", "10:00")
    expect(day.locator(f'[data-card="meeting:{record.id}"]')).to_be_visible()
