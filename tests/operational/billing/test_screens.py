"""Billing on the screen and in the API: cards, ageing, statement, taking lines back, the PDF, the passing of days."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pypdfium2
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from peyvand.integrations.transfer.cells import cell_of
from peyvand.kernel import clock
from peyvand.kernel.conditions import parse
from peyvand.kernel.errors import RuleViolation
from peyvand.kernel.persian.text import to_persian_digits
from peyvand.operational.activities.public import Task
from peyvand.operational.billing.actions.cheques import bounce_cheque, deposit_cheque
from peyvand.operational.billing.actions.contracts import renew_contract, terminate_contract
from peyvand.operational.billing.actions.invoices import (
    cancel_invoice,
    issue_invoice,
    schedule_invoice,
    set_credit_limit,
)
from peyvand.operational.billing.jobs import days_pass, end_contracts
from peyvand.operational.billing.models import Contract, Instalment, Invoice
from peyvand.operational.billing.objects import CONTRACT, INSTALMENT
from peyvand.operational.billing.public import INVOICE
from peyvand.operational.billing.reports import KEYS, ageing, condition, statement
from peyvand.platform.actions.context import Context
from peyvand.platform.events.models import EventRow
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.objects.cleaning import clean
from peyvand.platform.objects.filters import compile_condition
from peyvand.platform.objects.queries import ListQuery
from peyvand.platform.objects.records import create_record, create_records
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import program_of
from peyvand.testing.queue import drain

from .conftest import NOON, TODAY, Till, make_till, refused


def old(till: Till, days: int, price: int) -> Invoice:
    """An invoice that has been due for so many days."""
    day = (TODAY - timedelta(days=days)).isoformat()
    draft = till.draft(price, issued_on=day, due_on=day)
    issue_invoice(till.ctx, draft)
    invoice: Invoice = till.now(draft)
    return invoice


def test_the_ageing_report_agrees_with_the_rows_that_its_figures_open(till: Till) -> None:
    for days, price in (
        (0, 1_000),
        (1, 2_000),
        (30, 3_000),
        (31, 4_000),
        (60, 5_000),
        (61, 6_000),
        (90, 7_000),
        (91, 8_000),
        (200, 9_000),
    ):
        old(till, days, price)
    [row], total = ageing(till.ctx.actor, TODAY)
    assert {key: row.parts[key] for key in KEYS} == {
        "current": 1_100, "d30": 5_500, "d60": 9_900, "d90": 14_300, "over": 18_700,
    }  # fmt: skip
    assert row.parts == total.parts
    for key in KEYS:
        asked = parse({"and": condition(key, TODAY)}, INSTALMENT.condition_schema)
        rows = (
            ListQuery(INSTALMENT, till.ctx.actor, ())
            .rows()
            .filter(compile_condition(asked, INSTALMENT, till.ctx.actor))
        )
        assert sum(rows.values_list("rest", flat=True)) == row.parts[key]


def test_a_statement_ends_with_what_is_owed(till: Till) -> None:
    first = old(till, 40, 1_000_000)
    till.pay(300_000)
    cancel_invoice(till.ctx, first, reason="x")
    till.issued(500_000)
    till.pay(200_000, kind="refund")
    said = statement(till.ctx.actor, till.company.id, TODAY, TODAY)
    assert said.before == 1_100_000
    assert said.after == 1_100_000 - 300_000 - 1_100_000 + 550_000 + 200_000
    assert said.moves[-1].balance == said.after
    assert not said.is_more


def test_a_long_statement_goes_on_where_it_stopped_and_its_sums_are_of_all(
    till: Till, monkeypatch: Any
) -> None:
    monkeypatch.setattr("peyvand.operational.billing.reports.MOST", 3)
    for days in (5, 4, 4, 3, 2):
        old(till, days, 1_000_000)
    whole = sum(till.now(one).total for one in Invoice.objects.exclude(status="draft"))
    since = TODAY - timedelta(days=10)
    first = statement(till.ctx.actor, till.company.id, since, TODAY)
    # A day is shown whole or not at all.
    assert (len(first.moves), first.is_more, first.after) == (3, True, whole)
    rest = statement(till.ctx.actor, till.company.id, first.moves[-1].day + timedelta(days=1), TODAY)
    assert (len(rest.moves), rest.is_more, rest.before, rest.after) == (
        2,
        False,
        first.moves[-1].balance,
        whole,
    )


def test_days_pass_and_each_due_date_is_told_once(till: Till, cast: Any) -> None:
    invoice = till.issued(900_000)
    schedule_invoice(till.ctx, invoice, count=3, first_on=TODAY + timedelta(days=1))
    split = EventRow.objects.get(wire="billing.invoice_scheduled.v1")
    assert (split.object_id, split.data["parts"]) == (invoice.id, 3)
    till.pay(100_000)
    with clock.freeze(NOON + timedelta(days=1)):
        days_pass(cast.arman)
        assert till.now(invoice).status == "part_paid"
    for _ in range(2):
        with clock.freeze(NOON + timedelta(days=40)):
            days_pass(cast.arman)
    assert till.now(invoice).status == "overdue"
    told = EventRow.objects.filter(wire="billing.invoice_overdue.v1").order_by("id")
    assert [row.data["instalment"] for row in told] == [1, 2]
    assert sum(row.data["amount"] for row in told) == 990_000 // 3 * 2 - 100_000
    assert [p.state for p in Instalment.objects.order_by("place")] == ["overdue", "overdue", "open"]


def test_a_bounced_cheque_is_a_task_of_its_owner(committed: Any) -> None:
    with workspace_scope(committed.arman.id):
        till = make_till(Context(user_actor(committed.arman.id, committed.sara.id), "web"))
        till.issued()
        cheque = till.cheque(500_000)
        deposit_cheque(till.ctx, cheque)
        bounce_cheque(till.ctx, till.now(cheque), reason="کسری موجودی")
    drain()
    with workspace_scope(committed.arman.id):
        [task] = Task.objects.filter(about_object="cheque")
        assert (task.owner_id, task.about_id, task.company_id) == (
            committed.sara.id,
            cheque.id,
            till.company.id,
        )


def test_a_contract_reminds_once_goes_on_and_ends(till: Till, cast: Any) -> None:
    asked, auto, quiet = (
        create_record(till.ctx, CONTRACT, {
            "title": title, "company": till.company.id, "starts_on": "2025-12-22", "ends_on": "2026-12-21", "renewal": renewal,
        })
        for title, renewal in (("پشتیبانی", "ask"), ("اجاره", "auto"), ("نمایندگی", "none"))
    )  # fmt: skip
    assert asked.number == "C-1404-0001"
    days_pass(cast.arman)
    days_pass(cast.arman)
    assert Task.objects.count() == 3
    with clock.freeze(NOON + timedelta(days=31)):
        days_pass(cast.arman)
    states = {c.id: (c.status, c.ends_on) for c in Contract.objects.all()}
    assert states[asked.id] == ("ended", date(2026, 12, 21))
    assert states[auto.id] == ("active", date(2027, 12, 21))
    assert states[quiet.id][0] == "ended"
    renew_contract(till.ctx, till.now(asked))
    assert (till.now(asked).status, till.now(asked).ends_on) == ("active", date(2027, 12, 21))
    terminate_contract(till.ctx, till.now(auto), reason="تخلیه")
    with refused(RuleViolation):
        renew_contract(till.ctx, till.now(auto))


def test_contracts_end_and_go_on_in_sets(till: Till, django_assert_max_num_queries: Any) -> None:
    def contracts(count: int) -> None:
        create_records(till.ctx, CONTRACT, [
            clean(till.ctx, CONTRACT, {
                "title": "x", "company": till.company.id, "starts_on": "2025-11-01", "ends_on": "2026-10-31", "renewal": renewal,
            })
            for renewal in ("auto", "none") for _ in range(count)
        ])  # fmt: skip

    contracts(1)
    with CaptureQueriesContext(connection) as few:
        end_contracts(till.ctx, TODAY)
    contracts(20)
    with django_assert_max_num_queries(len(few) + 4):
        end_contracts(till.ctx, TODAY)
    states = Counter(Contract.objects.values_list("status", "ends_on"))
    assert states == {("active", date(2027, 10, 31)): 21, ("ended", date(2026, 10, 31)): 21}
    assert [c.number for c in Contract.objects.order_by("id")] == [f"C-1404-{n:04}" for n in range(1, 43)]


def test_numbers_typed_by_hand_are_passed_over(till: Till) -> None:
    row = {"title": "x", "company": till.company.id, "starts_on": "2026-11-22"}
    for number in ("C-1405-0002", "C-1405-0003"):
        create_record(till.ctx, CONTRACT, row | {"number": number})
    made = create_records(till.ctx, CONTRACT, [clean(till.ctx, CONTRACT, row) for _ in range(3)])
    assert [c.number for c in made] == ["C-1405-0001", "C-1405-0004", "C-1405-0005"]


@pytest.fixture
def shop(cast: Any, acting: Any) -> Till:
    """A till whose scope is closed, for tests by clients."""
    with workspace_scope(cast.arman.id):
        return make_till(acting(cast.sara))


def test_issuing_is_one_line_of_the_timeline(shop: Till, cast: Any) -> None:
    api = program_of(cast.sara, cast.arman)
    with workspace_scope(cast.arman.id):
        draft = shop.draft(issued_on="2026-11-20")
    timeline = f"invoices/{draft.id}/timeline"
    before = len(api.get(timeline).json["items"])
    with workspace_scope(cast.arman.id):
        issue_invoice(shop.ctx, draft, day=TODAY)
    items = api.get(timeline).json["items"]
    assert [item["type"] for item in items[: len(items) - before]] == ["billing.invoice_issued.v1"]


def test_from_the_draft_to_the_paid_invoice_by_a_program(shop: Till, cast: Any) -> None:
    api = program_of(cast.sara, cast.arman)
    made = api.post(
        "invoices", {"company": shop.company.id, "lines": [{"product": shop.product, "quantity": 2}]}
    )
    assert made.status == 201
    at = f"invoices/{made.json['id']}"
    assert api.post(f"{at}/issue", {}).status == 200
    issued = api.get(at).json
    assert (issued["status"], issued["total"], issued["balance"]) == ("issued", 2_200_000, 2_200_000)
    assert api.patch(at, {"discount": 5}).status == 422
    assert api.delete(at).status == 422
    assert api.post(f"{at}/record_payment", {"amount": 2_500_000, "method": "card"}).status == 200
    assert api.get(at).json["status"] == "paid"
    [payment] = api.get("payments").json["items"]
    assert payment["unused"] == 300_000
    assert program_of(cast.cyrus, cast.rival).get(at).status == 404


def test_the_pdf_says_what_was_issued(shop: Till, cast: Any, browse: Any) -> None:
    with workspace_scope(cast.arman.id):
        invoice = shop.issued(1_000_000, 2)
    answer = browse(cast.sara).get(f"/w/arman/invoices/{invoice.id}/pdf")
    assert answer["Content-Type"] == "application/pdf"
    text = "".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(answer.content))
    assert "۱۴۰۵-۰۰۰۰۱" in text
    assert "فاکتور" in text
    # Two million and two hundred thousand rials are so many tomans.
    assert "۲۲۰٬۰۰۰" in text or "۲۲۰٬۰۰۰"[::-1] in text


def test_the_pages_say_what_is_owed(shop: Till, cast: Any, browse: Any) -> None:
    with workspace_scope(cast.arman.id):
        set_credit_limit(shop.ctx, shop.company, amount=5_000_000)
        invoice = shop.issued(1_000_000)
    sara = browse(cast.sara)
    company = sara.get(f"/w/arman/companies/{shop.company.id}/").content.decode()
    assert "بدهی به ما" in company
    assert "سقف اعتبار" in company
    page = sara.get(f"/w/arman/invoices/{invoice.id}/").content.decode()
    assert f"/w/arman/invoices/{invoice.id}/pdf" in page
    field = f"/w/arman/invoices/{invoice.id}/field/"
    assert f"{field}owner" in page
    assert f"{field}lines" not in page, "what was issued is not offered to be changed"
    form = sara.get(f"/w/arman/invoices/{invoice.id}/edit").content.decode()
    assert 'name="note"' in form
    assert 'name="lines-count"' not in form
    report = sara.get("/w/arman/ageing/").content.decode()
    assert shop.company.name in report
    [first] = [
        part.split('"')[0] for part in report.split('href="')[1:] if part.startswith("/w/arman/instalments/")
    ][:1]
    asked = json.loads(parse_qs(urlsplit(first.replace("&amp;", "&")).query)["filter"][0])
    assert {"field": "rest", "op": "gt", "value": 0} in asked["and"]
    number = to_persian_digits(invoice.number)
    assert f"\u2068{number}" in page, "in Persian digits, and apart from what is around it"
    assert cell_of(INVOICE.field("number"), invoice.number, shop.ctx.reader) == invoice.number, (
        "in a file as it is"
    )
    assert number in sara.get(first.replace("&amp;", "&")).content.decode()
    assert number in sara.get(f"/w/arman/search?q={number}").content.decode()
    assert sara.get(f"/w/arman/search?q={invoice.number}").content.decode().count(invoice.number)
    assert number in sara.get(f"/w/arman/companies/{shop.company.id}/statement").content.decode()
    assert sara.get(f"/w/arman/companies/{shop.company.id}/statement", {"since": "کی"}).status_code == 200
    for path in ("invoices", "payments", "cheques", "contracts", "instalments"):
        assert sara.get(f"/w/arman/{path}/").status_code == 200
    assert browse(cast.viewer).get("/w/arman/ageing/").status_code == 200


def test_lines_are_taken_back_in_a_dialog(shop: Till, cast: Any, browse: Any) -> None:
    with workspace_scope(cast.arman.id):
        invoice = shop.issued(1_000_000, 3)
    sara, at = browse(cast.sara), f"/w/arman/invoices/{invoice.id}/take-back"
    assert "دستگاه" in sara.get(at).content.decode()
    assert sara.post(at, {"q-1": "۴", "reason": "خراب"}).status_code == 422
    assert sara.post(at, {"q-1": "x", "reason": "خراب"}).status_code == 422
    made = sara.post(at, {"q-1": "۲", "reason": "خراب"})
    assert made.status_code == 302
    with workspace_scope(cast.arman.id):
        assert shop.now(invoice).balance == 1_100_000
    assert browse(cast.viewer).post(at, {"q-1": "1", "reason": "x"}).status_code == 403


def test_the_cost_of_the_ageing_report_does_not_grow_with_its_rows(
    till: Till, django_assert_max_num_queries: Any
) -> None:
    for n in range(4):
        old(till, n * 30, 1_000)
    with django_assert_max_num_queries(4):
        ageing(till.ctx.actor, TODAY)


def test_what_is_owed_stands_in_full_on_the_invoice_the_customers_account_and_the_ageing(
    shop: Till, cast: Any, browse: Any
) -> None:
    with workspace_scope(cast.arman.id):
        invoice = shop.issued(1_996_995_000)
        with connection.cursor() as cursor:
            cursor.execute("select balance from invoice where id = %s", [invoice.id])
            [balance] = cursor.fetchone()
    owed, sara = to_persian_digits(f"{balance // 10:,}").replace(",", "٬"), browse(cast.sara)
    page = sara.get(f"/w/arman/invoices/{invoice.id}/").content.decode()
    card = page[page.index('<div class="ins"><h4>') :]
    assert owed in card[: card.index("</h4>")]
    assert "میلیون" not in page
    for path in (f"companies/{invoice.company_id}/", "ageing/"):
        page = sara.get(f"/w/arman/{path}").content.decode()
        assert owed in page
        assert "میلیون" not in page
