"""The calendar and the page that books times in a real browser: carried by key, booked on a phone, nothing for axe to find."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect
from tests.web.browsing import faults, overflows

from peyvand.kernel import clock
from peyvand.kernel.persian.calendar import period
from peyvand.operational.activities.public import MEETING, TASK, Meeting
from peyvand.operational.scheduling.public import BOOKING_PAGE, repeat_meeting
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope

pytestmark = pytest.mark.slow


@pytest.fixture
def week(committed: Any) -> Any:
    """Next week's Monday for Sara: two meetings at once, one of them repeated, a task, and a page to book her."""
    tz = committed.arman.tz
    with workspace_scope(committed.arman.id):
        ctx = Context(user_actor(committed.arman.id, committed.sara.id), "web")
        monday = period("week", clock.today(tz), "jalali")[1] + timedelta(days=2)

        def at(hour: int) -> str:
            return datetime.combine(monday, time(hour), tz).isoformat()

        first = create_record(ctx, MEETING, {"title": "جلسهٔ مناقصه", "starts_at": at(9), "ends_at": at(11)})
        second = create_record(
            ctx, MEETING, {"title": "بازدید کارگاه", "starts_at": at(10), "ends_at": at(12)}
        )
        repeat_meeting(ctx, second, unit="day", every=2)
        create_record(ctx, TASK, {"title": "ارسال پیشنهاد", "due_at": at(14)})
        page = create_record(ctx, BOOKING_PAGE, {"name": "مشاورهٔ خرید", "language": "fa"})
    return monday, first, page


@pytest.mark.parametrize(
    ("language", "width", "theme"), [("fa", 1440, "light"), ("en", 1440, "dark"), ("fa", 360, "dark")]
)
def test_nothing_for_axe_to_find(
    committed: Any, signed_in: Any, week: Any, language: str, width: int, theme: str
) -> None:
    monday, _, booked = week
    page = signed_in(committed.sara, language, width, theme)
    public = f"/b/{booked.workspace_id}-{booked.secret}"
    paths = [f"/w/arman/calendar?span={span}&at={monday}" for span in ("day", "week", "month")]
    for path in (*paths, "/w/arman/calendar/feed", public):
        page.goto(path)
        assert faults(page) == [], path
        assert not overflows(page), path
        if path != public:
            heights = page.evaluate(
                "(({scrollHeight, clientHeight}) => [scrollHeight, clientHeight])(document.documentElement)"
            )
            assert heights[0] == heights[1], f"{path}: the grid scrolls, the page beside it does not"


def test_carried_by_key_and_booked_on_a_phone(committed: Any, signed_in: Any, week: Any) -> None:
    monday, first, booked = week
    page = signed_in(committed.sara)
    page.goto(f"/w/arman/calendar?at={monday}")
    card = page.locator(f'[data-card="meeting:{first.id}"]')
    expect(card).to_contain_text("هم‌زمان با: بازدید کارگاه")
    expect(page.locator(".plan-ev.coming")).to_have_count(2)
    card.focus()
    with page.expect_response(lambda answer: "calendar/move" in answer.url) as moved:
        page.keyboard.press("Alt+ArrowLeft")
    assert moved.value.status == 204
    tuesday = monday + timedelta(days=1)
    expect(page.locator(f'[data-day="{tuesday}"] [data-card="meeting:{first.id}"]')).to_be_visible()

    phone = signed_in(committed.sara, width=360)
    phone.goto(f"/b/{booked.workspace_id}-{booked.secret}?from={monday}")
    phone.locator("section .btn").first.click()
    phone.get_by_label("نام شما").fill("لیلا بهشتی")
    phone.get_by_label("تلفن").fill("۰۹۱۲۱۲۳۴۵۶۷")
    phone.get_by_role("button", name="رزرو این زمان").click()
    expect(phone.get_by_text("زمان شما رزرو شد.")).to_be_visible()
    with workspace_scope(committed.arman.id):
        assert Meeting.objects.filter(person__name="لیلا بهشتی", owner=committed.sara).count() == 1
