"""A whole sale in real browsers, in Persian: a stranger asks by a form; an agent and their manager, each at a desk of their
own, make a deal, a quote, an invoice and money of it; the customer reads and signs on a phone, without an account."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from playwright.sync_api import expect

from peyvand.operational.assignment.models import AssignmentEntry
from peyvand.operational.assignment.objects import RULE, SEAT, SKILL
from peyvand.operational.billing.objects import INVOICE
from peyvand.operational.catalog.public import PRODUCT, Tax
from peyvand.operational.leads.models import Lead
from peyvand.operational.leads.objects import LEAD_FORM
from peyvand.operational.leads.web import public
from peyvand.operational.quotes.limits import set_limits
from peyvand.operational.quotes.public import Quote
from peyvand.operational.sales.public import STAGE, Deal, Stage
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.objects.records import create_record, update_records
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.queue import drain

pytestmark = pytest.mark.slow

CUSTOMER = "پروین احمدی"
SALE = "دو سرور برای آوند"
BY_RULE = "سرورها به کارشناس سرور"
# In toman: two of 90,000,000 less a fifth, and a tenth of tax on what is left.
TOTAL = "۱۵۸٬۴۰۰٬۰۰۰"


@pytest.fixture
def form(committed: Any) -> str:
    """The address of a public form, in a workspace that sells servers: Babak knows them, members give ten percent at most,
    and a deal gets its price once it is said when it is to be closed."""
    with workspace_scope(committed.arman.id):
        ctx = Context(user_actor(committed.arman.id, committed.sara.id), "web")
        create_record(ctx, PRODUCT, {"name": "سرور", "price": 900_000_000, "tax": Tax.objects.get().id})
        create_record(ctx, SKILL, {"name": "سرور", "user": committed.babak.id})
        rule = create_record(
            ctx, RULE, {"name": BY_RULE, "object": "lead", "at_work": "any", "skill_from": "lead.product"}
        )
        for user in (committed.mina, committed.babak):
            create_record(ctx, SEAT, {"rule": rule.id, "user": user.id})
        set_limits(ctx, limits={"member": "10", "manager": "25"})
        priced = Stage.objects.get(name="پیشنهاد قیمت")
        update_records(ctx, STAGE, [priced], [{"required": ["lines", "expected_on"]}])
        asked = ["name", "phone", "company_name", "product", "message"]
        made = create_record(
            ctx,
            LEAD_FORM,
            {"name": "درخواست قیمت", "language": "fa", "heading": "قیمت بخواهید", "asked": asked},
        )
        return f"/f/{made.token}"


@pytest.fixture
def phone(chromium: Any, site: str) -> Iterator[Any]:
    """A stranger's page, as narrow as a phone's."""
    context = chromium.new_context(
        viewport={"width": 360, "height": 740}, locale="fa-IR", base_url=site, reduced_motion="reduce"
    )
    yield context.new_page()
    context.close()


def work_off() -> None:
    """What a worker does meanwhile; in a thread of its own, for the browser's event loop runs in this one."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(drain).result()


def press(page: Any, name: str) -> None:
    """Press the verb of a record's page that is called so; only the first stand beside the menu of all."""
    verb = (
        page.locator(".rec-head .acts")
        .locator("button, a")
        .filter(has_text=re.compile(rf"^\s*{name}\s*$"))
        .first
    )
    verb.wait_for(state="attached")
    if not verb.is_visible():
        page.locator(".rec-head .acts .menu summary").click()
    verb.click()


def confirm(page: Any) -> None:
    """Press the last button of the open dialog, and wait until it has done what it says."""
    page.locator("dialog[open] footer button").last.click()
    page.wait_for_selector("dialog:not([open])", state="attached")


def told(page: Any, who: str) -> Any:
    """The way to the record from the notification that this one did something about the sale."""
    work_off()
    page.goto("/w/arman/notifications/")
    return page.locator("main li").filter(has_text=who).get_by_role("link").filter(has_text=SALE).first


def test_from_a_strangers_question_to_the_paid_invoice(
    committed: Any, form: str, signed_in: Callable[..., Any], phone: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The machine types faster than any person.
    monkeypatch.setattr(public, "QUICKEST", 0)
    agent, manager = signed_in(committed.babak), signed_in(committed.mina)
    wrong: list[str] = []
    for page in (agent, manager, phone):
        page.on("pageerror", lambda error: wrong.append(str(error)))

    ask(phone, form)
    work_off()
    lead = take_up(committed, agent, manager)
    deal = convert(committed, agent, manager, lead)
    price(committed, agent, manager, deal)
    quote = offer(committed, agent, manager, deal)
    send_and_sign(committed, agent, manager, phone, quote)
    invoice(committed, agent, manager, quote)
    report(manager)
    assert wrong == []


def ask(phone: Any, form: str) -> None:
    """The stranger fills the form in."""
    phone.goto(form)
    expect(phone.get_by_role("heading", name="قیمت بخواهید")).to_be_visible()
    phone.get_by_label("نام", exact=True).fill(CUSTOMER)
    phone.get_by_label("تلفن").fill("۰۹۱۲۳۴۵۶۷۸۹")
    phone.get_by_label("شرکت").fill("آوند")
    phone.get_by_label("محصول").select_option(label="سرور")
    phone.get_by_label("پیام").fill("برای دفتر تازه دو دستگاه می‌خواهیم")
    phone.get_by_role("button", name="ارسال").click()
    expect(phone.get_by_text("درخواست شما رسید")).to_be_visible()


def take_up(committed: Any, agent: Any, manager: Any) -> Any:
    """The rule gave it to the agent and says why; the manager reads the same, and that the agent took it up."""
    with workspace_scope(committed.arman.id):
        lead = Lead.objects.get()
        assert AssignmentEntry.objects.get(object="lead", object_id=lead.id).user_id == committed.babak.id
    agent.goto("/w/arman/leads/")
    agent.get_by_role("link", name=CUSTOMER).first.click()
    why = agent.locator(".sec").filter(has_text="چرا این مسئول")
    expect(why).to_contain_text(BY_RULE)
    expect(agent.locator("#lead-score")).to_contain_text("محصول را گفته است")
    head = agent.locator(".rec-head")
    press(agent, "آغاز پیگیری")
    expect(head).to_contain_text("در حال پیگیری")
    press(agent, "تأیید")
    expect(head).to_contain_text("تأییدشده")

    manager.goto(f"/w/arman/leads/{lead.id}/")
    passed = manager.locator(".sec").filter(has_text="چرا این مسئول").locator("details")
    passed.locator("summary").click()
    expect(passed).to_contain_text("Mina Sadeghi: مهارت «سرور» را ندارد")
    expect(manager.locator("#timeline")).to_contain_text("Babak Naderi")
    return lead


def convert(committed: Any, agent: Any, manager: Any, lead: Any) -> Any:
    """One step makes the company and the deal; the customer stays the same person."""
    press(agent, "تبدیل")
    dialog = agent.locator("dialog[open]")
    expect(dialog).to_contain_text("شرکتی به این نام نیست؛ ساخته می‌شود.")
    dialog.get_by_label("نام معامله").fill(SALE)
    confirm(agent)
    with workspace_scope(committed.arman.id):
        deal = Deal.objects.get()
        assert (deal.name, deal.person_id, deal.owner_id) == (SALE, lead.person_id, committed.babak.id)
    manager.goto("/w/arman/deals/board")
    expect(manager.locator(".deal").filter(has_text=SALE)).to_contain_text("آوند")
    return deal


def price(committed: Any, agent: Any, manager: Any, deal: Any) -> None:
    """The gate of a stage asks for what is missing; the manager's board shows the deal behind it."""
    agent.goto(f"/w/arman/deals/{deal.id}/edit")
    # What was asked for on the form is there already, at its price.
    expect(agent.locator("pv-picker[name=lines-0-product]")).to_contain_text("سرور")
    expect(agent.locator("input[name=lines-0-price]")).to_have_value("۹۰٬۰۰۰٬۰۰۰")
    agent.fill("input[name=lines-0-quantity]", "۲")
    agent.click(".form-acts .primary")
    agent.wait_for_selector("#rec-path")
    agent.locator("#rec-path").get_by_role("button", name="پیشنهاد قیمت").click()
    gate = agent.locator("dialog[open]")
    expect(gate.locator(".err")).to_have_count(1)
    gate.get_by_label("موعد بستن").fill("۱۴۰۶/۱/۱۵")
    confirm(agent)
    expect(agent.locator("#rec-path [aria-current=step]")).to_have_text("پیشنهاد قیمت")
    manager.reload()
    with workspace_scope(committed.arman.id):
        stage = Deal.objects.get(id=deal.id).stage_id
    expect(manager.locator(f'[data-stage="{stage}"] .deal').filter(has_text=SALE)).to_be_visible()


def offer(committed: Any, agent: Any, manager: Any, deal: Any) -> Any:
    """A fifth off is more than the agent may give: it cannot be sent until the manager has approved it."""
    agent.get_by_role("link", name="ساختن پیش‌فاکتور").click()
    agent.wait_for_selector("input[name=lines-0-quantity]")
    agent.fill("input[name=lines-0-discount]", "۲۰")
    agent.click(".form-acts .primary")
    expect(agent.locator(".notice.warn")).to_contain_text("۲۰٪")
    head = agent.locator(".rec-head")
    expect(head.get_by_role("button", name="ثبت ارسال")).to_have_count(0)
    press(agent, "درخواست تأیید")
    expect(agent.locator("dialog[open]")).to_contain_text("Mina Sadeghi")
    confirm(agent)
    expect(head).to_contain_text("در انتظار تأیید")
    expect(head.get_by_role("button", name="تأیید تخفیف")).to_have_count(0)
    with workspace_scope(committed.arman.id):
        quote = Quote.objects.get(deal_id=deal.id)
        assert (quote.status, quote.total) == ("waiting", 1_584_000_000)

    told(manager, "Babak Naderi").click()
    press(manager, "تأیید تخفیف")
    expect(manager.locator(".rec-head")).to_contain_text("تأییدشده")
    return quote


def send_and_sign(committed: Any, agent: Any, manager: Any, phone: Any, quote: Any) -> None:
    """The customer opens the address that the agent copied, reads the sum, and signs; both colleagues see who did."""
    agent.reload()
    expect(agent.locator("main")).to_contain_text("Mina Sadeghi")
    press(agent, "ثبت ارسال")
    address = agent.get_by_role("link", name="صفحهٔ مشتری").get_attribute("href")
    phone.goto(address)
    expect(phone.locator(".offer-total")).to_contain_text(TOTAL)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    phone.fill("#signer", CUSTOMER)
    phone.fill("#signature", CUSTOMER)
    phone.check("input[name=consent]")
    phone.get_by_role("button", name="پذیرش پیش‌فاکتور").click()
    expect(phone.locator(".notice.good")).to_contain_text(CUSTOMER)
    manager.reload()
    expect(manager.locator("main")).to_contain_text(f"پذیرفته‌شده · {CUSTOMER}")
    told(agent, CUSTOMER).click()
    expect(agent.locator("main")).to_contain_text(f"پذیرفته‌شده · {CUSTOMER}")
    with workspace_scope(committed.arman.id):
        assert Quote.objects.get(id=quote.id).status == "accepted"


def invoice(committed: Any, agent: Any, manager: Any, quote: Any) -> None:
    """The agent wins the deal and issues the invoice; the manager records the money; the agent sees nothing is owed."""
    agent.goto(f"/w/arman/deals/{quote.deal_id}/")
    press(agent, "ثبت برد")
    confirm(agent)
    expect(agent.locator(".rec-head")).to_contain_text("برنده")

    agent.goto(f"/w/arman/quotes/{quote.id}/")
    press(agent, "ساخت فاکتور")
    confirm(agent)
    agent.wait_for_url("**/invoices/*/")
    press(agent, "صدور")
    confirm(agent)
    expect(agent.locator(".rec-head")).to_contain_text("INV-")

    manager.goto(agent.url)
    press(manager, "ثبت پرداخت")
    expect(manager.locator("dialog[open] input[name=amount]")).to_have_value(TOTAL)
    confirm(manager)
    expect(manager.locator("main")).to_contain_text("تسویه شده است")
    agent.reload()
    expect(agent.locator(".rec-head")).to_contain_text("پرداخت‌شده")
    with workspace_scope(committed.arman.id):
        [paid] = INVOICE.rows.all()
        assert (paid.status, paid.total, paid.balance) == ("paid", 1_584_000_000, 0)


def report(manager: Any) -> None:
    """The manager's report counts the sale for the agent, and its figure opens the deal."""
    manager.goto("/w/arman/reports/sales")
    line = manager.locator("tbody tr").filter(has_text="Babak Naderi")
    expect(line.locator("td").first).to_have_text("۱")
    line.get_by_role("link").first.click()
    expect(manager.get_by_role("link", name=SALE).first).to_be_visible()
