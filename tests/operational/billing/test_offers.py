"""What the page of a paper offers, what it says when it refuses, and where one goes on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from peyvand.kernel.errors import RuleViolation
from peyvand.operational.billing.actions.cheques import clear_cheque
from peyvand.operational.billing.actions.invoices import cancel_invoice, set_credit_limit
from peyvand.operational.billing.models import Invoice
from peyvand.operational.billing.objects import CHEQUE, INVOICE
from peyvand.operational.sales.public import DEAL
from peyvand.platform.actions.action import action_named
from peyvand.platform.objects.records import create_record, delete_records
from peyvand.testing.programs import program_of
from peyvand.web.objects.pages.access import offered_actions, open_record

from .conftest import Till, refused

HTMX = {"HX-Request": "true"}


@pytest.fixture
def sara(browse: Any, cast: Any) -> Any:
    return browse(cast.sara)


def offered(till: Till, spec: Any, record: Any) -> list[str]:
    return [action.verb for action in offered_actions(till.ctx, open_record(till.ctx, spec, record.id))]


def test_a_refused_delete_says_why(till: Till, sara: Any) -> None:
    invoice = till.issued()
    answer = sara.post(f"/w/arman/invoices/{invoice.id}/delete", headers=HTMX)
    assert answer.status_code == 422
    toast = json.loads(answer["HX-Trigger"])["toast"]
    assert toast["kind"] == "bad"
    assert invoice.name.rpartition("-")[0][:3] in toast["text"]
    assert till.now(invoice).deleted_at is None


def test_what_stays_is_not_offered_to_be_deleted_and_refused_by_every_door(
    till: Till, cast: Any, sara: Any
) -> None:
    draft, issued = till.draft(), till.issued()
    form = 'action="/w/arman/invoices/{}/delete"'
    assert form.format(draft.id) in sara.get(f"/w/arman/invoices/{draft.id}/").content.decode()
    assert form.format(issued.id) not in sara.get(f"/w/arman/invoices/{issued.id}/").content.decode()
    sentence = f"“{issued.name}” was issued and keeps its number; cancel it instead of deleting it."
    api = program_of(cast.sara, cast.arman)
    refusal = api.delete(f"invoices/{issued.id}")
    assert refusal.status == 422
    assert sentence in str(refusal.json)
    with refused(RuleViolation) as error:
        delete_records(till.ctx, INVOICE, [till.now(draft), issued])
    assert error.value.message.render(str) == sentence
    assert till.now(draft).deleted_at is None
    delete_records(till.ctx, INVOICE, [till.now(draft)])


def test_what_cannot_be_taken_back_offers_no_undo_and_a_refused_undo_says_why(till: Till, sara: Any) -> None:
    draft = till.draft()
    url = f"/w/arman/invoices/{draft.id}/"
    done = sara.post(f"{url}do/issue", {}, headers=HTMX | {"HX-Current-URL": f"http://testserver{url}"})
    assert done.status_code == 200
    assert "undo" not in json.loads(done["HX-Trigger"])["toast"]
    assert json.loads(done["HX-Location"])["path"] == url, "the way to the page names the new number"
    saved = sara.post(
        f"{url}edit", {"note": "x"}, headers=HTMX | {"HX-Current-URL": "http://testserver/w/arman/"}
    )
    undo = json.loads(saved["HX-Trigger"])["toast"]["undo"]
    sara.post(f"{url}edit", {"note": "y"}, headers=HTMX)
    late = sara.post(undo, headers=HTMX)
    assert late.status_code == 409
    assert json.loads(late["HX-Trigger"])["toast"]["text"]


def test_one_goes_on_at_the_invoice_that_was_made_of_a_deal(till: Till, sara: Any) -> None:
    deal = create_record(till.ctx, DEAL, {"name": "x", "company": till.company.id, "amount": 5_000_000})
    made = sara.post(
        f"/w/arman/deals/{deal.id}/do/invoice", {"kind": "invoice", "terms_days": "0"}, headers=HTMX
    )
    invoice = Invoice.objects.get(deal_id=deal.id)
    assert json.loads(made["HX-Location"])["path"] == f"/w/arman/invoices/{invoice.id}/"
    assert (
        sara.post(f"/w/arman/deals/{deal.id}/do/invoice", {"kind": "invoice", "terms_days": "0"}).status_code
        == 302
    )


def test_a_cancelled_invoice_says_so(till: Till, sara: Any) -> None:
    invoice = till.issued()
    cancel_invoice(till.ctx, invoice, reason="x")
    page = sara.get(f"/w/arman/invoices/{invoice.id}/").content.decode()
    head = page[page.index('id="rec-head"') : page.index("</h2>", page.index('id="rec-head"'))]
    assert "bdg bad" in head
    assert "این فاکتور باطل شده است" in page
    assert "چیزی برای پرداخت نمانده" not in page


def test_the_button_that_cancels_is_not_called_as_the_one_that_closes(till: Till, sara: Any) -> None:
    invoice = till.issued()
    dialog = sara.get(f"/w/arman/invoices/{invoice.id}/do/cancel", headers=HTMX).content.decode()
    footer = dialog[dialog.index("<footer") :]
    assert footer.count("ابطال") == 1
    assert footer.count("انصراف") == 1


def test_verbs_are_offered_where_they_make_sense(till: Till) -> None:
    draft = till.draft(1_000_000)
    assert "approve_credit" not in offered(till, INVOICE, draft)
    set_credit_limit(till.ctx, till.company, amount=500_000)
    assert "approve_credit" in offered(till, INVOICE, draft)
    set_credit_limit(till.ctx, till.company, amount=None)
    invoice = till.issued(1_000_000)
    assert "use_credit" not in offered(till, INVOICE, invoice)
    till.pay(2_000_000)
    assert "use_credit" in offered(till, INVOICE, till.issued(3_000_000))


def test_the_ordinary_next_act_of_a_cheque_goes_first(till: Till, sara: Any) -> None:
    cheque = till.cheque(400_000)
    assert offered(till, CHEQUE, cheque)[0] == "deposit"
    clear_cheque(till.ctx, cheque)
    page = sara.get(f"/w/arman/cheques/{cheque.id}/").content.decode()
    at = page.index("/do/bounce")
    button = page[page.rindex("<a", 0, at) : at]
    assert "danger" in button
    assert "primary" not in button


def test_a_cheque_from_an_invoice_begins_with_what_is_left_to_pay(till: Till, sara: Any) -> None:
    invoice = till.issued(1_000_000)
    page = sara.get(f"/w/arman/invoices/{invoice.id}/").content.decode()
    url = page[page.index("/w/arman/cheques/new?") :].partition('"')[0].replace("&amp;", "&")
    form = sara.get(url, headers=HTMX).content.decode()
    box = form[: form.index(">", form.index('name="amount"'))]
    shown = INVOICE.field("balance").show(invoice.balance, till.ctx.reader)
    assert 'value="' in box[box.rindex("<input") :]
    assert shown.split()[0] in box[box.rindex("<input") :]


def test_the_dialog_of_a_payment_says_what_becomes_of_more_than_the_balance(till: Till) -> None:
    spec = action_named("invoice.record_payment")
    assert spec is not None
    assert "credit" in str(spec.inputs[0].help) or "بستانکار" in str(spec.inputs[0].help)
