"""From the draft to the paid invoice in the browser, in Persian: issue, record the payment, see that nothing is owed."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from peyvand.operational.billing.objects import INVOICE
from peyvand.operational.contacts.public import COMPANY
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope

pytestmark = pytest.mark.slow


def test_a_draft_is_issued_and_paid(committed: Any, signed_in: Any) -> None:
    with workspace_scope(committed.arman.id):
        ctx = Context(user_actor(committed.arman.id, committed.sara.id), "web")
        company = create_record(ctx, COMPANY, {"name": "آوند"})
        lines = [{"description": "نصب و راه‌اندازی", "price": 7_000_000, "quantity": 1}]
        invoice = create_record(ctx, INVOICE, {"company": company.id, "lines": lines})
    page = signed_in(committed.sara)
    page.goto(f"/w/arman/invoices/{invoice.id}/")
    page.get_by_role("button", name="صدور", exact=True).or_(
        page.get_by_role("link", name="صدور", exact=True)
    ).first.click()
    dialog = page.locator("#dialog")
    dialog.locator("footer button").last.click()
    expect(page.locator("main")).to_contain_text("INV-")
    page.get_by_role("button", name="ثبت پرداخت").or_(
        page.get_by_role("link", name="ثبت پرداخت")
    ).first.click()
    expect(dialog.locator("input[name=amount]")).to_have_value("۷۰۰٬۰۰۰")
    dialog.locator("footer button").last.click()
    expect(page.locator("main")).to_contain_text("تسویه شده است")
    with workspace_scope(committed.arman.id):
        invoice.refresh_from_db()
        assert (invoice.status, invoice.balance) == ("paid", 0)
