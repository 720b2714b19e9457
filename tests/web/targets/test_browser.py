"""Targets in a real browser, in Persian: set like a sheet, reached by a deal, and seen on a phone."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from peyvand.kernel import clock
from peyvand.kernel.persian.calendar import period
from peyvand.operational.sales.public import DEAL, win_deal
from peyvand.operational.targets.public import Quota
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope

pytestmark = pytest.mark.slow


def test_targets_are_set_in_a_sheet_and_what_was_reached_opens_its_deals(
    committed: Any, signed_in: Any
) -> None:
    start = period("month", clock.today(committed.arman.tz), "jalali")[0]
    page = signed_in(committed.sara)
    page.goto("/w/arman/targets")
    page.get_by_role("link", name="تعیین هدف‌ها").first.click()
    cell = page.locator(f"input[name='u{committed.babak.id}-{start.isoformat()}']")
    cell.fill("۱۲۰۰۰")
    page.get_by_role("button", name="ذخیره").first.click()
    expect(page.get_by_role("status").filter(has_text="هدف تغییر کرد").first).to_be_visible()
    expect(cell).to_have_value("۱۲٬۰۰۰")
    with workspace_scope(committed.arman.id):
        assert Quota.objects.get().amount == 120_000
        ctx = Context(user_actor(committed.arman.id, committed.babak.id), "web")
        win_deal(ctx, create_record(ctx, DEAL, {"name": "قرارداد بزرگ", "amount": 60_000}))
    page.goto("/w/arman/targets")
    row = page.get_by_role("row").filter(has_text="Babak Naderi")
    expect(row).to_contain_text("۵۰٪")
    row.locator("td a").first.click()
    expect(page.locator("#rows")).to_contain_text("قرارداد بزرگ")
    page.set_viewport_size({"width": 360, "height": 740})
    for path in ("targets", "reports/sales", "reports/funnel", "reports/forecast", "reports/team"):
        page.goto(f"/w/arman/{path}")
        expect(page.locator("h1")).to_be_visible()
        assert page.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        ), path


def test_a_mark_of_a_chart_opens_its_rows(committed: Any, signed_in: Any) -> None:
    with workspace_scope(committed.arman.id):
        for user, name, amount in (
            (committed.babak, "قرارداد بزرگ", 900_000),
            (committed.sara, "قرارداد کوچک", 300_000),
        ):
            ctx = Context(user_actor(committed.arman.id, user.id), "web")
            win_deal(ctx, create_record(ctx, DEAL, {"name": name, "amount": amount}))
    page = signed_in(committed.sara)
    refused: list[str] = []
    page.on(
        "console", lambda said: refused.append(said.text) if "Content Security Policy" in said.text else None
    )
    page.goto("/w/arman/reports/sales")
    chart = page.locator("pv-chart canvas")
    chart.wait_for()
    box = chart.bounding_box()
    # The greatest stands first: at the left, in Persian too.
    middle = {"x": box["width"] * 0.25, "y": box["height"] * 0.6}
    chart.hover(position=middle)
    expect(page.locator(".chart-tip")).to_contain_text("Babak Naderi")
    expect(page.locator(".chart-tip")).to_contain_text("۱۰۰٪")
    chart.click(position=middle)
    expect(page.locator("#rows")).to_contain_text("قرارداد بزرگ")
    expect(page.locator("#rows")).not_to_contain_text("قرارداد کوچک")
    assert refused == []


def test_the_sheet_opens_at_the_month_that_is_now(committed: Any, signed_in: Any) -> None:
    """On a phone too, whichever month it is: its head stands within what is seen, and who it is of beside it."""
    page = signed_in(committed.sara)
    for width in (1440, 360):
        page.set_viewport_size({"width": width, "height": 740})
        page.goto("/w/arman/targets/sheet")
        seen = page.locator("form .scroll-x")
        expect(seen).to_have_attribute("data-edged", "")
        inside = """strip => {
            const [all, head] = [strip, strip.querySelector('[aria-current=date]')].map(each => each.getBoundingClientRect())
            return head.left >= all.left - 1 && head.right <= all.right + 1
        }"""
        assert seen.evaluate(inside), width
        who = page.locator("form .scroll-x tbody th").first
        assert who.evaluate("th => th.getBoundingClientRect().right <= innerWidth + 1"), width
