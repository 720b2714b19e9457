"""In the browser: a button pressed twice does its work once, two people win one deal, a conversion is taken back."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from peyvand.operational.activities.public import NOTE
from peyvand.operational.billing.models import Payment
from peyvand.operational.billing.objects import INVOICE
from peyvand.operational.contacts.public import COMPANY
from peyvand.operational.leads.objects import LEAD
from peyvand.operational.sales.public import DEAL
from peyvand.platform.actions.action import action_named
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope

pytestmark = pytest.mark.slow


def made(committed: Any, make: Callable[[Context], Any]) -> Any:
    with workspace_scope(committed.arman.id):
        return make(Context(user_actor(committed.arman.id, committed.sara.id), "web"))


def issued(ctx: Context) -> Any:
    company = create_record(ctx, COMPANY, {"name": "آوند"})
    lines = [{"description": "نصب و راه‌اندازی", "price": 7_000_000, "quantity": 1}]
    invoice = create_record(ctx, INVOICE, {"company": company.id, "lines": lines})
    issue = action_named("invoice.issue")
    assert issue
    issue.function(ctx, invoice)
    return invoice


def counted(committed: Any, spec: Any) -> int:
    with workspace_scope(committed.arman.id):
        return int(spec.model.objects.count())


def test_a_payment_pressed_twice_is_recorded_once(committed: Any, signed_in: Any) -> None:
    invoice = made(committed, issued)
    page = signed_in(committed.sara)
    posts: list[Any] = []
    page.on("request", lambda r: posts.append(r) if r.method == "POST" and "/do/" in r.url else None)
    page.goto(f"/w/arman/invoices/{invoice.id}/")
    for number, amount in ((1, "100000"), (2, "600000")):
        page.locator(".acts a[href$=record_payment]").first.click()
        dialog = page.locator("#dialog")
        dialog.locator("input[name=amount]").fill(amount)
        dialog.locator("footer button").last.dblclick()
        expect(dialog).not_to_be_visible()
        # The whole is paid by the second one: a second press of it would be told that nothing is owed.
        expect(page.locator("#toasts .toast").last).to_contain_text("ثبت پرداخت")
        expect(page.locator("#toasts .toast.bad")).to_have_count(0)
        with workspace_scope(committed.arman.id):
            assert Payment.objects.count() == number
        assert len([r for r in posts if r.url.endswith("record_payment")]) == number


def test_without_scripts_two_presses_are_one_payment(committed: Any, site: str, signed_in: Any) -> None:
    invoice = made(committed, issued)
    page = signed_in(committed.sara)
    # As a browser does that sends twice what it was told to send once: no script holds it back.
    page.route("**/app-*.js", lambda route: route.abort())
    page.goto(f"/w/arman/invoices/{invoice.id}/do/record_payment", wait_until="commit")
    page.locator("main input[name=amount]").evaluate("e => e.value = '100000'")
    page.locator("main form.form").evaluate("f => { f.submit(); f.submit(); }")
    page.wait_for_url(f"**/invoices/{invoice.id}/", wait_until="commit")
    # And goes back, and sends the same once more.
    with workspace_scope(committed.arman.id):
        assert Payment.objects.count() == 1


def test_a_note_pressed_twice_is_one_and_the_same_words_may_be_written_again(
    committed: Any, signed_in: Any
) -> None:
    deal = made(committed, lambda ctx: create_record(ctx, DEAL, {"name": "فرش", "amount": 1000}))
    page = signed_in(committed.sara)
    page.goto(f"/w/arman/deals/{deal.id}/")
    panel = page.locator("#c-note form")
    for number in (1, 2):
        panel.locator("textarea").fill("تماس گرفتم، جواب نداد")
        panel.locator("button:not([type=button])").last.dblclick()
        expect(page.locator("#timeline")).to_contain_text("جواب نداد")
        expect(panel.locator("textarea")).to_have_value("")
        expect(panel.locator("[aria-disabled=true]")).to_have_count(0)
        assert counted(committed, NOTE) == number


def test_a_form_pressed_twice_makes_one_company(committed: Any, signed_in: Any) -> None:
    page = signed_in(committed.sara)
    page.goto("/w/arman/companies/new")
    before = counted(committed, COMPANY)
    page.locator("main input[name=name]").fill("شرکت فرش آسیا")
    page.locator("main .form-acts button.primary").dblclick()
    expect(page.locator("main h1")).to_contain_text("فرش آسیا")
    assert counted(committed, COMPANY) == before + 1


def test_of_two_who_win_one_deal_the_second_is_told_who_did(committed: Any, signed_in: Any) -> None:
    deal = made(
        committed,
        lambda ctx: create_record(ctx, DEAL, {"name": "فرش", "amount": 1000, "owner": committed.mina.id}),
    )
    pages = [signed_in(one) for one in (committed.sara, committed.mina)]
    for page in pages:
        page.goto(f"/w/arman/deals/{deal.id}/do/win" if page is pages[1] else f"/w/arman/deals/{deal.id}/")
    sara, mina = pages
    sara.locator(".acts a[href$='do/win']").first.click()
    expect(sara.locator("#dialog footer button").last).to_be_visible()
    mina.locator("main .form-acts button.primary").click()
    mina.wait_for_url(f"**/deals/{deal.id}/")
    sara.locator("#dialog footer button").last.click()
    expect(sara.locator("#dialog")).not_to_be_visible()
    toast = sara.locator("#toasts .toast.bad")
    expect(toast).to_have_count(1)
    expect(toast).to_contain_text(committed.mina.name)
    expect(toast).to_contain_text(re.compile("[۰-۹]{1,2}:[۰-۹]{2}"))
    # And the page shows the deal as it is.
    expect(sara.locator(".acts a[href$='do/win']")).to_have_count(0)


def test_a_conversion_is_taken_back_from_its_toast(committed: Any, signed_in: Any) -> None:
    lead = made(
        committed, lambda ctx: create_record(ctx, LEAD, {"given_name": "ندا", "phone": "09121234567"})
    )
    page = signed_in(committed.sara)
    page.goto(f"/w/arman/leads/{lead.id}/")
    page.locator("a[href$='do/convert']").first.dispatch_event("click")
    page.locator("#dialog footer button").last.click()
    page.wait_for_url("**/deals/*/")
    page.locator("#toasts .toast.good button").first.click()
    page.wait_for_url(f"**/leads/{lead.id}/")
    expect(page.locator("#rec-head")).to_contain_text("ندا")
    with workspace_scope(committed.arman.id):
        assert LEAD.model.objects.get(id=lead.id).state == "new"
