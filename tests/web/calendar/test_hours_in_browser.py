"""The hours of the calendar in a real browser, in Persian: carried, stretched, made and walked through; minutes; what is next."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.web.browsing import faults, overflows

from peyvand.kernel import clock
from peyvand.kernel.persian.calendar import period
from peyvand.operational.activities.public import MEETING, TASK, Meeting, Task
from peyvand.operational.contacts.public import PERSON
from peyvand.operational.scheduling.public import repeat_meeting
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope

pytestmark = pytest.mark.slow


@pytest.fixture
def week(committed: Any) -> Any:
    """Next week's Monday for Sara: a meeting at nine, one that comes again at eleven, a task at two."""
    tz = committed.arman.tz
    with workspace_scope(committed.arman.id):
        ctx = Context(user_actor(committed.arman.id, committed.sara.id), "web")
        monday = period("week", clock.today(tz), "jalali")[1] + timedelta(days=2)

        def at(hour: int) -> str:
            return datetime.combine(monday, time(hour), tz).isoformat()

        first = create_record(ctx, MEETING, {"title": "جلسهٔ مناقصه", "starts_at": at(9), "ends_at": at(10)})
        again = create_record(ctx, MEETING, {"title": "هماهنگی", "starts_at": at(11), "ends_at": at(12)})
        repeat_meeting(ctx, again, unit="week")
        create_record(ctx, TASK, {"title": "ارسال پیشنهاد", "due_at": at(14)})
    return monday, first, again


def stands(cast: Any, record: Any) -> tuple[str, str]:
    with workspace_scope(cast.arman.id):
        found = Meeting.objects.get(id=record.id)
    tz = cast.arman.tz
    return f"{found.starts_at.astimezone(tz):%Y-%m-%d %H:%M}", f"{found.ends_at.astimezone(tz):%H:%M}"


def drag(page: Page, begin: tuple[float, float], by: tuple[float, float]) -> None:
    page.mouse.move(*begin)
    page.mouse.down()
    page.mouse.move(begin[0] + by[0] / 2, begin[1] + by[1] / 2, steps=4)
    page.mouse.move(begin[0] + by[0], begin[1] + by[1], steps=4)
    page.mouse.up()


def box(found: Locator) -> dict[str, float]:
    found.scroll_into_view_if_needed()
    measured = found.bounding_box()
    assert measured is not None
    return dict(measured)


def test_carried_stretched_and_made_by_mouse(committed: Any, signed_in: Any, week: Any) -> None:
    monday, first, again = week
    page = signed_in(committed.sara)
    page.goto(f"/w/arman/calendar?at={monday}")
    card = page.locator(f'[data-card="meeting:{first.id}"]')
    expect(card).to_have_css("position", "absolute")
    hour = box(page.locator(".hours-scale .hours-line span").nth(12))["height"]
    width = box(page.locator(".hours-col").first)["width"]
    place = box(card)
    with page.expect_response(lambda answer: "calendar/move" in answer.url) as moved:
        drag(page, (place["x"] + place["width"] / 2, place["y"] + 12), (-width, hour * 1.5))
    assert moved.value.status == 204
    tuesday = monday + timedelta(days=1)
    assert stands(committed, first) == (f"{tuesday} 10:30", "11:30")
    # In the grid that came after it, its lower edge is drawn down by half an hour.
    expect(
        page.locator(f'[data-day="{tuesday}"] [data-card="meeting:{first.id}"][data-low="630"]')
    ).to_be_visible()
    with page.expect_response(lambda answer: "calendar/move" in answer.url):
        page.locator(".toast button", has_text="برگردان").click()
    assert stands(committed, first) == (f"{monday} 09:00", "10:00")
    expect(
        page.locator(f'[data-day="{monday}"] [data-card="meeting:{first.id}"][data-low="540"]')
    ).to_be_visible()
    edge = box(page.locator(f'[data-card="meeting:{first.id}"] .hour-edge'))
    with page.expect_response(lambda answer: "calendar/move" in answer.url):
        drag(page, (edge["x"] + edge["width"] / 2, edge["y"] + edge["height"] / 2), (0, hour / 2))
    assert stands(committed, first) == (f"{monday} 09:00", "10:30")

    page.reload(wait_until="networkidle")
    # Of a series it is asked which; closing the question leaves it where it was.
    series = page.locator(f'[data-card="meeting:{again.id}"]')
    place = box(series)
    drag(page, (place["x"] + 20, place["y"] + 12), (0, hour))
    page.get_by_role("button", name="فقط همین یکی").wait_for()
    with page.expect_response(lambda answer: "part=days" in answer.url):
        page.keyboard.press("Escape")
    assert stands(committed, again) == (f"{monday} 11:00", "12:00")

    line = box(page.locator(f'.hours-col[data-day="{tuesday}"] .hours-line'))
    drag(page, (line["x"] + line["width"] / 2, line["y"] + hour * 15 + 2), (0, hour - 4))
    page.get_by_label("عنوان").fill("بازدید کارگاه")
    page.get_by_role("button", name="ایجاد", exact=True).last.click()
    expect(page.locator(f'[data-day="{tuesday}"] .hour-ev', has_text="بازدید کارگاه")).to_be_visible()
    with workspace_scope(committed.arman.id):
        made = Meeting.objects.get(title="بازدید کارگاه")
    assert stands(committed, made) == (f"{tuesday} 15:00", "16:00")


def test_by_key(committed: Any, signed_in: Any, week: Any) -> None:
    monday, first, _ = week
    page = signed_in(committed.sara)
    page.goto(f"/w/arman/calendar?at={monday}")
    card = page.locator(f'[data-card="meeting:{first.id}"]')
    expect(card).to_have_css("position", "absolute")
    card.focus()
    with page.expect_response(lambda answer: "calendar/move" in answer.url):
        page.keyboard.down("Alt")
        for key in ("ArrowDown", "ArrowDown", "ArrowLeft", "Shift+ArrowDown"):
            page.keyboard.press(key)
        expect(page.locator("pv-hours > p[aria-live]")).to_contain_text("۰۹:۳۰–۱۰:۴۵")
        page.keyboard.up("Alt")
    assert stands(committed, first) == (f"{monday + timedelta(days=1)} 09:30", "10:45")
    expect(page.locator(f'[data-card="meeting:{first.id}"][data-low="570"]')).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".hour-ev:focus")).to_contain_text("هماهنگی")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("ارسال پیشنهاد")


def test_held_then_minutes_then_what_comes_next(committed: Any, signed_in: Any) -> None:
    now = datetime.now(UTC)
    with workspace_scope(committed.arman.id):
        ctx = Context(user_actor(committed.arman.id, committed.sara.id), "web")
        person = create_record(ctx, PERSON, {"name": "لیلا بهشتی"})
        meeting = create_record(ctx, MEETING, {
            "title": "بررسی پیشنهاد", "starts_at": (now - timedelta(hours=2)).isoformat(),
            "ends_at": (now - timedelta(hours=1)).isoformat(), "about": f"person:{person.id}", "participants": [person.id],
        })  # fmt: skip
    page = signed_in(committed.sara)
    page.goto(f"/w/arman/meetings/{meeting.id}/")
    page.get_by_role("link", name="برگزار شد").or_(page.get_by_role("button", name="برگزار شد")).first.click()
    page.locator("#dialog .modal-f .btn.primary").click()
    decisions = page.get_by_label("تصمیم‌ها، هر کدام در یک سطر")
    decisions.fill("تخفیف پنج درصد")
    assert faults(page) == []
    page.locator("#dialog [data-add]").click()
    page.locator("#dialog [name=items-0-title]").fill("ارسال پیش‌فاکتور")
    page.locator("#dialog .modal-f .btn.primary").click()
    expect(page.get_by_role("link", name="ارسال پیش‌فاکتور")).to_be_visible()
    with workspace_scope(committed.arman.id):
        assert Task.objects.get().title == "ارسال پیش‌فاکتور"
        Task.objects.all().update(status="done")
    # With nothing planned any more, whoever completes something is asked what comes next, and answers by key.
    with workspace_scope(committed.arman.id):
        last = create_record(ctx, TASK, {"title": "تماس پایانی", "about": f"person:{person.id}"})
    page.goto(f"/w/arman/tasks/{last.id}/")
    page.get_by_role("button", name="انجام شد").first.click()
    expect(page.locator("#dialog h2")).to_contain_text("گام بعدی")
    expect(page.locator("#dialog [name=way]").first).to_be_focused()
    assert faults(page) == []
    page.keyboard.press("Enter")
    expect(page.locator("#dialog")).not_to_be_visible()
    with workspace_scope(committed.arman.id):
        assert Task.objects.get(status="open").kind == "call"


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (360, "dark")])
def test_quick_form_and_people_side_by_side(
    committed: Any, signed_in: Any, week: Any, width: int, theme: str
) -> None:
    monday, _, _ = week
    page = signed_in(committed.sara, "fa", width, theme)
    who = f"{committed.sara.id},{committed.mina.id}"
    for path in (f"calendar?at={monday}&span=day&who={who}", "calendar/new"):
        page.goto(f"/w/arman/{path}")
        assert faults(page) == [], path
        assert not overflows(page), path
