"""Groups, figures, calendars and neighbours in a real browser."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import expect
from tests.web.lists.filling import context, make, people, value

from peyvand.platform.objects.records import update_record
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope


def settle(page: Any) -> None:
    page.wait_for_load_state("networkidle")


@pytest.fixture
def page(committed: Any, signed_in: Any) -> Any:
    made = signed_in(committed.sara)
    failures: list[str] = []
    made.on("pageerror", lambda error: failures.append(str(error)))
    made.on("console", lambda said: failures.append(said.text) if "Content Security" in said.text else None)
    yield made
    assert failures == []


def test_groups_open_close_and_load_when_they_are_opened(page: Any, committed: Any) -> None:
    people(committed.sara, 70, city="Qom")
    people(committed.sara, 3, city="Yazd")
    page.goto("/w/arman/people/?group=city&fold=1&pin=2")
    page.locator("tr.grp").nth(1).wait_for()
    settle(page)
    assert page.locator("tbody tr[data-id]:visible").count() == 0, "all begin closed"
    page.locator("[data-fold]").nth(1).click()
    expect(page.locator("tbody tr[data-id]:visible")).to_have_count(3)
    page.locator("[data-fold]").nth(1).press("Enter")
    expect(page.locator("tbody tr[data-id]:visible")).to_have_count(0)
    page.locator("[data-fold]").first.click()
    page.locator("tbody tr[data-id]").first.wait_for()
    settle(page)
    page.locator("[data-fold]").nth(1).scroll_into_view_if_needed()
    assert page.locator("tbody tr[data-id]:visible").count() >= 25
    second = page.locator("thead th[data-col]").nth(1)
    assert second.evaluate("cell => getComputedStyle(cell).position") == "sticky", "two columns stay"


def test_a_figure_is_chosen_in_the_row_of_totals(page: Any, committed: Any) -> None:
    make(
        committed.sara,
        "deal",
        {"name": "A", "amount": 20_000_000_000},
        {"name": "B", "amount": 40_000_000_000},
    )
    page.goto("/w/arman/deals/?view=all")
    settle(page)
    page.locator("#totals .sums summary").first.click()
    page.locator("[role=menuitemradio][href*='amount%3Aavg']").click()
    expect(page.locator("#totals")).to_contain_text("۳ میلیارد")
    expect(page).to_have_url(re.compile("sums=amount%3Aavg"))


def test_a_record_is_carried_to_another_day_and_taken_back_by_key(page: Any, committed: Any) -> None:
    [id] = make(committed.sara, "deal", {"name": "Carried", "expected_on": "2026-12-01"})
    page.goto("/w/arman/deals/calendar?at=2026-12-01")
    settle(page)
    card = page.locator(f"[data-card='{id}']")
    with page.expect_response(lambda answer: "/calendar/move" in answer.url):
        card.drag_to(page.locator("[data-day='2026-12-04']"))
    expect(page.locator(f"[data-day='2026-12-04'] [data-card='{id}']")).to_be_visible()
    assert value(committed.sara, "deal", id, "expected_on") == date(2026, 12, 4)
    with page.expect_response(lambda answer: "/calendar/move" in answer.url):
        page.keyboard.press("Control+z")
    expect(page.locator(f"[data-day='2026-12-01'] [data-card='{id}']")).to_be_visible()
    assert value(committed.sara, "deal", id, "expected_on") == date(2026, 12, 1)
    with page.expect_response(lambda answer: "/calendar/move" in answer.url):
        page.locator(f"[data-card='{id}']").press("Alt+ArrowLeft")
    expect(page.locator(f"[data-day='2026-12-02'] [data-card='{id}']")).to_be_visible()


def test_j_and_k_go_through_the_list_that_one_came_from(page: Any, committed: Any) -> None:
    first, second, third = make(
        committed.sara,
        "deal",
        {"name": "A", "amount": 1},
        {"name": "B", "amount": 2},
        {"name": "C", "amount": 3},
    )
    page.goto("/w/arman/deals/?view=all&sort=amount")
    settle(page)
    page.goto(f"/w/arman/deals/{first}/")
    expect(page.locator("pv-place")).to_contain_text("۱ از ۳")
    page.keyboard.press("j")
    page.wait_for_url(f"**/deals/{second}/")
    page.locator("pv-place nav").wait_for()
    page.keyboard.press("j")
    page.wait_for_url(f"**/deals/{third}/")
    page.locator("pv-place nav").wait_for()
    page.keyboard.press("k")
    page.wait_for_url(f"**/deals/{second}/")


def test_a_clash_is_decided_and_never_by_leaving(page: Any, committed: Any) -> None:
    [id] = people(committed.mina, 1, city="Qom")
    page.goto("/w/arman/people/?view=all&columns=name,city")
    settle(page)
    page.dblclick(f"td[data-edit$='/{id}/cell/city']")
    field = page.locator(".editing input[name=city]")
    field.fill("Mine")
    person = object_named("person")
    with workspace_scope(committed.arman.id), transaction.atomic():
        update_record(context(committed.mina), person, person.rows.get(id=id), {"city": "Theirs"})
    field.press("Enter")
    page.locator(".clash").wait_for()
    expect(page.locator(".clash")).to_contain_text("Mina Sadeghi")
    page.locator("h1").click()
    assert page.locator(".clash").is_visible()
    assert value(committed.sara, "person", id, "city") == "Theirs"
    page.locator(".clash button[value=mine]").click()
    expect(page.locator(f"td[data-edit$='/{id}/cell/city']")).to_have_text("Mine")
    assert value(committed.sara, "person", id, "city") == "Mine"


def test_no_screen_of_a_list_breaks_the_content_policy(page: Any, committed: Any) -> None:
    """The fixture fails on whatever the browser's console says of the policy."""
    [first, _] = make(committed.sara, "deal", {"name": "A", "amount": 1}, {"name": "B", "amount": 2})
    for address in (
        "deals/?view=1",
        "deals/?view=all&group=stage&columns=name:220,stage:140,amount&pin=2",
        "deals/board",
        "deals/calendar",
        "deals/timeline",
        f"deals/{first}/",
        "people/?view=all",
    ):
        page.goto(f"/w/arman/{address}")
        settle(page)
    page.goto("/w/arman/deals/?view=all")
    settle(page)
    # What htmx draws anew must take over no style from what stood there.
    page.locator("summary:has-text('گروه')").first.click()
    with page.expect_response(lambda answer: "group=stage" in answer.url):
        page.locator("[href*='group=stage']").first.click()
    page.locator("tr.grp").first.wait_for()
    settle(page)
