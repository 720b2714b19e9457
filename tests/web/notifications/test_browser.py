"""The bell in a real browser: it rings in one window for what is done in another, and fits every screen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect
from tests.web.boards.test_browser import site as served
from tests.web.browsing import faults, overflows

from peyvand.kernel import clock
from peyvand.operational.activities.public import NOTE, TASK
from peyvand.operational.activities.reminding import tell_due
from peyvand.operational.contacts.public import PERSON
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.objects.records import create_record, create_records
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.telling import tell_all

pytestmark = pytest.mark.slow
site = served


def tell(committed: Any) -> None:
    """What the worker does: it cannot run beside Playwright's event loop."""
    with workspace_scope(committed.arman.id):
        tell_all(committed.arman)


def person_of(committed: Any) -> Any:
    with workspace_scope(committed.arman.id):
        ctx = Context(user_actor(committed.arman.id, committed.sara.id), "web")
        return create_record(ctx, PERSON, {"name": "ندا کریمی", "owner": committed.babak.id})


def test_a_mention_in_one_window_rings_the_bell_in_another(committed: Any, signed_in: Any) -> None:
    person = person_of(committed)
    here, there = signed_in(committed.sara, "fa", live=True), signed_in(committed.babak, "fa", live=True)
    with there.expect_response("**/w/arman/live"):
        there.goto("/w/arman/people/")
    expect(there.locator(".bell-n b")).to_have_count(0)
    here.goto(f"/w/arman/people/{person.id}/")
    here.locator("pv-composer textarea[data-mention]").first.fill("لطفاً پیگیری کن ")
    here.locator("pv-composer textarea[data-mention]").first.press_sequentially("@Bab")
    here.get_by_role("option", name="Babak Naderi").click()
    with here.expect_response(lambda answer: answer.request.method == "POST") as sent:
        here.keyboard.press("Control+Enter")
    assert sent.value.ok
    tell(committed)
    expect(there.locator(".bell-n b")).to_have_text("۱")
    there.locator(".bell > summary").click()
    line = there.locator(".bell-pane .told > li")
    expect(line).to_contain_text("\u2068Sara Moini\u2069 از شما نام برد: \u2068لطفاً پیگیری کن")
    expect(there.locator(".bell-n b")).to_have_count(0)
    line.get_by_role("link").click()
    there.wait_for_url("**/w/arman/notes/*/")
    there.locator(".bell > summary").click()
    expect(there.locator(".bell-pane .told > li.new")).to_have_count(0)
    expect(there.locator(".bell-pane .told > li")).to_have_count(1)


@pytest.mark.parametrize(
    ("language", "width", "theme"),
    [("fa", 1440, "light"), ("en", 1440, "dark"), ("fa", 360, "dark"), ("en", 360, "light")],
)
def test_the_bell_and_its_pages_fit_and_have_no_faults(
    committed: Any, signed_in: Any, language: str, width: int, theme: str
) -> None:
    with workspace_scope(committed.arman.id):
        ctx = Context(user_actor(committed.arman.id, committed.sara.id), "web")
        soon = clock.now() + timedelta(minutes=1)
        create_records(ctx, TASK, [
            {"title": "تماس با مدیر خرید شرکت آوند طب پارس دربارهٔ شرایط پرداخت", "owner": committed.babak.id, "due_at": soon, "reminders": ["at"]},
        ])  # fmt: skip
        create_records(
            ctx,
            TASK,
            [{"title": f"کار {name}", "owner": committed.babak.id} for name in ["الف", "ب", "پ", "ت"]],
        )
        create_record(ctx, NOTE, {"text": f"@[Babak](user:{committed.babak.id}) ببین"})
        with clock.freeze(soon + timedelta(seconds=1)):
            assert tell_due(committed.arman) == 1
    tell(committed)
    page = signed_in(committed.babak, language, width, theme)
    page.goto("/w/arman/")
    expect(page.locator(".bell-n b")).to_have_text("۶" if language == "fa" else "6")
    page.locator(".bell > summary").click()
    expect(page.locator(".bell-pane .told > li.new").first).to_be_visible()
    assert faults(page) == []
    assert not overflows(page)
    box = page.locator(".bell-pane").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    for path in (
        "/w/arman/notifications/",
        "/w/arman/settings/notifications",
        "/w/arman/notifications/?show=unread",
    ):
        page.goto(path)
        assert faults(page) == [], path
        assert not overflows(page), path


def test_by_key_and_put_off(committed: Any, signed_in: Any) -> None:
    with workspace_scope(committed.arman.id):
        ctx = Context(user_actor(committed.arman.id, committed.babak.id), "web")
        soon = clock.now() + timedelta(minutes=1)
        create_records(ctx, TASK, [{"title": "تماس", "due_at": soon, "reminders": ["at"]}])
        with clock.freeze(soon + timedelta(seconds=1)):
            tell_due(committed.arman)
    tell(committed)
    page = signed_in(committed.babak, "fa", live=True)
    page.goto("/w/arman/people/")
    page.keyboard.press("g")
    page.keyboard.press("n")
    line = page.locator(".bell-pane .told > li.new")
    expect(line).to_contain_text("یادآوری: تماس")
    line.get_by_label("بعداً یادآوری کن").click()
    page.get_by_role("menuitem", name="تا ۱۰ دقیقهٔ دیگر").click()
    expect(page.get_by_text("دوباره یادآوری می‌شود")).to_be_visible()
    expect(page.locator(".bell-pane .told > li.new")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator(".bell[open]")).to_have_count(0)
