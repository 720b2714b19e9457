"""A report in a real browser, in Persian: asked, read, followed to its rows, kept, and found on the dashboard."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from peyvand.analytical.warehouse.filling import refresh
from peyvand.kernel import clock
from peyvand.operational.contacts.public import PERSON
from peyvand.operational.orders.public import ORDER
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope

pytestmark = pytest.mark.slow


def sell(ctx: Context, name: str, province: str, price: int) -> None:
    """Sell something to a new person of a province."""
    person = create_record(
        ctx, PERSON, {"name": name, "addresses": [{"province": province, "primary": True}]}
    )
    create_record(ctx, ORDER, {
        "person": person.id, "status": "placed", "ordered_at": (clock.now() - timedelta(minutes=5)).isoformat(),
        "lines": [{"description": "کاشی", "quantity": 1, "price": price}],
    })  # fmt: skip


def test_a_report_is_asked_followed_kept_and_found_on_the_dashboard(
    committed: Any, signed_in: Any, settings: Any, tmp_path: Path
) -> None:
    settings.WAREHOUSE_ROOT = tmp_path / "warehouse"
    with workspace_scope(committed.arman.id):
        ctx = Context(user_actor(committed.arman.id, committed.sara.id), "web")
        sell(ctx, "لیلا بهشتی", "اصفهان", 3000)
        sell(ctx, "رضا کیانی", "استان خراسان رضوی", 1000)
        sell(ctx, "مهمان", "بغداد", 1000)
    refresh(committed.arman)
    page = signed_in(committed.sara)
    page.goto("/w/arman/reports/build?span=ever")
    # What there is to choose from is found as one types.
    page.get_by_label("سنجه", exact=True).first.fill("سفارش‌ها")
    page.get_by_role("option").filter(has_text="سفارش‌ها").first.click()
    # What was chosen is on the page before the next is chosen: the form comes anew with the answer.
    expect(page.locator("#report .kpi")).to_contain_text("سفارش‌ها")
    page.get_by_role("combobox", name="گروه‌بندی بر پایهٔ").first.fill("استان")
    page.get_by_role("option").filter(has_text="استان").first.click()
    table = page.locator("#report table.tbl")
    expect(table.get_by_role("row").filter(has_text="اصفهان")).to_contain_text("۱")
    expect(table.get_by_role("row").last).to_contain_text("۳")
    expect(page.locator("#report pv-chart canvas")).to_be_visible()

    page.get_by_label("نمودار").select_option("map")
    tiles = page.locator(".iran a")
    expect(tiles).to_have_count(2)
    expect(tiles.filter(has_text="خ. رضوی")).to_be_visible()
    expect(page.locator("#report")).to_contain_text("بیرون از استان‌ها: بغداد")
    tiles.filter(has_text="اصفهان").click()
    expect(page.locator("#rows")).to_contain_text("لیلا بهشتی")
    expect(page.locator("#rows")).not_to_contain_text("رضا کیانی")

    page.go_back()
    expect(tiles).to_have_count(2)
    page.get_by_text("ذخیرهٔ گزارش", exact=True).click()
    page.get_by_label("نام", exact=True).fill("سفارش استان‌ها")
    page.get_by_label("روی داشبورد").check()
    page.get_by_role("button", name="ذخیره", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("سفارش استان‌ها")
    page.goto("/w/arman/insights")
    card = page.get_by_role("region", name="سفارش استان‌ها")
    card.scroll_into_view_if_needed()
    expect(card.locator(".iran a")).to_have_count(2)
    card.get_by_role("link", name="دیدن گزارش").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("سفارش استان‌ها")
