"""In a real browser, in Persian: a stranger fills in a form on a phone; a colleague takes the lead up and makes a deal of it."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from peyvand.operational.leads.models import Lead, LeadForm
from peyvand.operational.leads.objects import LEAD_FORM
from peyvand.operational.leads.web import public
from peyvand.operational.sales.public import Deal
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope

pytestmark = pytest.mark.slow


@pytest.fixture
def form(committed: Any) -> LeadForm:
    with workspace_scope(committed.arman.id):
        ctx = Context(user_actor(committed.arman.id, committed.sara.id), "web")
        made: LeadForm = create_record(ctx, LEAD_FORM, {
            "name": "درخواست قیمت", "language": "fa", "heading": "قیمت بخواهید", "asked": ["name", "phone", "company_name", "message"],
            "gives_to": committed.sara.id,
        })  # fmt: skip
        return made


def test_from_a_stranger_s_phone_to_a_deal(
    committed: Any, form: LeadForm, signed_in: Any, chromium: Any, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The machine types faster than any person.
    monkeypatch.setattr(public, "QUICKEST", 0)
    visitor = chromium.new_page(viewport={"width": 360, "height": 780}, base_url=site)
    problems: list[str] = []
    visitor.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    visitor.goto(f"/f/{form.token}?utm_source=instagram")
    expect(visitor.get_by_role("heading", name="قیمت بخواهید")).to_be_visible()
    assert visitor.evaluate("document.documentElement.scrollWidth <= innerWidth")
    visitor.get_by_label("نام", exact=True).fill("پروین احمدی")
    visitor.get_by_label("تلفن").fill("۰۹۱۲۳۴۵۶۷۸۹")
    visitor.get_by_label("شرکت").fill("آوند")
    visitor.get_by_label("پیام").fill("قیمت ده دستگاه")
    visitor.get_by_role("button", name="ارسال").click()
    expect(visitor.get_by_text("درخواست شما رسید")).to_be_visible()
    assert problems == []
    visitor.close()

    page = signed_in(committed.sara)
    page.goto("/w/arman/leads/")
    page.get_by_role("link", name="پروین احمدی").first.click()
    expect(page.locator("#lead-score")).to_contain_text("شرکت معلوم است")
    expect(page.get_by_text("فرم درخواست قیمت را از پروین احمدی دریافت کرد")).to_be_visible()
    page.get_by_role("button", name="آغاز پیگیری").or_(
        page.get_by_role("link", name="آغاز پیگیری")
    ).first.click()
    dialog = page.locator("#dialog")
    if dialog.get_by_role("button", name="آغاز پیگیری").count():
        dialog.get_by_role("button", name="آغاز پیگیری").click()
    expect(page.get_by_text("در حال پیگیری").first).to_be_visible()
    with workspace_scope(committed.arman.id):
        lead = Lead.objects.get()
        assert (lead.state, lead.utm_source, lead.phone) == ("working", "instagram", "+989123456789")

    page.goto(f"/w/arman/leads/{lead.id}/do/convert")
    expect(page.get_by_text("شرکتی به این نام نیست؛ ساخته می‌شود.")).to_be_visible()
    page.get_by_label("نام معامله").fill("ده دستگاه")
    page.get_by_role("button", name="تبدیل").click()
    # One goes on at the deal.
    expect(page.get_by_text("برآمده از سرنخ")).to_be_visible()
    with workspace_scope(committed.arman.id):
        deal = Deal.objects.get()
        assert (deal.name, deal.person_id) == ("ده دستگاه", lead.person_id)
    page.goto(f"/w/arman/leads/{lead.id}/")
    expect(page.get_by_text("معامله‌ای که از آن برآمد")).to_be_visible()
