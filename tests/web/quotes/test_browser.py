"""A quote in a real browser: written from a deal, sent, and accepted by the customer on a phone without an account."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from peyvand.operational.catalog.public import PRODUCT, Tax
from peyvand.operational.contacts.public import COMPANY
from peyvand.operational.quotes.public import Quote
from peyvand.operational.sales.public import DEAL
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope

pytestmark = pytest.mark.slow


def test_from_the_deal_to_the_customers_signature(
    committed: Any, signed_in: Any, chromium: Any, site: str
) -> None:
    with workspace_scope(committed.arman.id):
        ctx = Context(user_actor(committed.arman.id, committed.sara.id), "web")
        tax = Tax.objects.get()
        product = create_record(ctx, PRODUCT, {"name": "سرور", "price": 900_000_000, "tax": tax.id})
        company = create_record(ctx, COMPANY, {"name": "صنایع نوین"})
        deal = create_record(
            ctx,
            DEAL,
            {"name": "تجهیز دفتر", "company": company.id, "lines": [{"product": product.id, "quantity": 2}]},
        )
    page = signed_in(committed.sara)
    page.goto(f"/w/arman/deals/{deal.id}/")
    page.get_by_role("link", name="ساختن پیش‌فاکتور").click()
    page.wait_for_selector("input[name=lines-0-quantity]")
    row, sums = page.locator(".rep.priced output"), page.locator("output[data-sum]")
    expect(sums).to_have_text(["۱۸۰٬۰۰۰٬۰۰۰", "۰", "۱۸٬۰۰۰٬۰۰۰", "۱۹۸٬۰۰۰٬۰۰۰"])
    page.fill("input[name=lines-0-discount]", "۱۰")
    expect(sums).to_have_text(["۱۸۰٬۰۰۰٬۰۰۰", "۱۸٬۰۰۰٬۰۰۰", "۱۶٬۲۰۰٬۰۰۰", "۱۷۸٬۲۰۰٬۰۰۰"])
    expect(row.first).to_have_text("۱۸۰٬۰۰۰٬۰۰۰")
    page.locator("[data-add]").last.click()
    page.fill("input[name=lines-1-description]", "نصب و راه‌اندازی")
    page.fill("input[name=lines-1-price]", "۵٬۰۰۰٬۰۰۰")
    page.click(".form-acts .primary")
    page.wait_for_selector(".rec-head")
    expect(page.locator("#rec-side")).to_contain_text("نصب و راه‌اندازی")

    page.get_by_role("button", name="ثبت ارسال").first.click()
    link = page.get_by_role("link", name="صفحهٔ مشتری")
    address = link.get_attribute("href")
    with workspace_scope(committed.arman.id):
        quote = Quote.objects.get(deal_id=deal.id)
        assert quote.status == "sent"
    assert address == f"/q/{committed.arman.id}-{quote.secret}"

    phone = chromium.new_context(viewport={"width": 360, "height": 740}, locale="fa-IR", base_url=site)
    try:
        guest = phone.new_page()
        guest.goto(address)
        expect(guest.locator("h1")).to_have_text("پیش‌فاکتور")
        assert guest.evaluate("document.documentElement.scrollWidth") <= 360
        guest.fill("#signer", "مریم کریمی")
        guest.fill("#signature", "مریم کریمی")
        guest.check("input[name=consent]")
        guest.get_by_role("button", name="پذیرش پیش‌فاکتور").click()
        expect(guest.locator(".notice.good")).to_contain_text("مریم کریمی")
    finally:
        phone.close()
    with workspace_scope(committed.arman.id):
        assert Quote.objects.get(id=quote.id).status == "accepted"
    page.reload()
    expect(page.locator("#rec-side")).to_contain_text("مریم کریمی")
