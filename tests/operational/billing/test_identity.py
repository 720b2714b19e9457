"""What an invoice does not say of seller and buyer is said before it has a number; the workspace decides whether it stops."""

from __future__ import annotations

from dataclasses import replace

from tests.operational.billing.conftest import refused

from peyvand.kernel.errors import RuleViolation
from peyvand.kernel.persian.text import to_persian_digits
from peyvand.operational.billing.actions.invoices import issue_invoice
from peyvand.operational.contacts.public import COMPANY
from peyvand.operational.documents.public import set_letterhead
from peyvand.platform.identity.actor import access_changed, user_actor
from peyvand.platform.identity.models import Role, User
from peyvand.platform.identity.roles import BUILTIN_ROLES
from peyvand.platform.objects.records import update_record

HTMX = {"HX-Request": "true"}
WHOLE = {"national_id": "10101234565", "postal_code": "1514713111", "address": "تهران، خیابان بهشتی"}


def test_what_is_missing_is_told_before_the_number_is_used(till, browse, cast):
    draft = till.draft()
    at = f"/w/arman/invoices/{draft.id}/do/issue"
    sara = browse(cast.sara)
    asked = sara.get(at, headers=HTMX).content.decode()
    assert "فروشنده (سربرگ شما):" in asked
    assert "خریدار:" in asked
    assert "/w/arman/settings/letterhead" in asked
    set_letterhead(till.ctx, **WHOLE)
    asked = sara.get(at, headers=HTMX).content.decode()
    assert "فروشنده (سربرگ شما):" not in asked
    issue_invoice(till.ctx, draft)
    assert till.now(draft).number, "the workspace is only warned"


def test_a_workspace_that_wants_it_issues_nothing_incomplete(till, browse, cast):
    set_letterhead(till.ctx, **WHOLE, incomplete="stop")
    draft = till.draft()
    with refused(RuleViolation) as error:
        issue_invoice(till.ctx, draft)
    assert error.value.code == "identity"
    at = f"/w/arman/invoices/{draft.id}/do/issue"
    assert "btn primary" not in browse(cast.sara).get(at, headers=HTMX).content.decode(), (
        "nothing is asked in vain"
    )
    address = {"province": "تهران", "city": "تهران", "street": "آزادی", "postal_code": "1514713111"}
    update_record(till.ctx, COMPANY, till.company, {"national_id": "10101234565", "addresses": [address]})
    issue_invoice(till.ctx, till.now(draft))
    assert till.now(draft).number


def test_from_whom_the_buyer_is_hidden_is_told_no_more_than_that_it_stops(till, browse, cast):
    own = Role.objects.create(
        name="Blind",
        key="blind",
        grants=BUILTIN_ROLES["admin"][1],
        fields={"invoice.buyer_national_id": "hidden"},
    )
    User.objects.filter(id=cast.mina.id).update(role=own)
    access_changed(cast.arman.id)
    draft = till.draft()
    at, mina = f"/w/arman/invoices/{draft.id}/do/issue", browse(cast.mina)
    asked = mina.get(at, headers=HTMX).content.decode()
    assert "فروشنده (سربرگ شما):" in asked
    assert "خریدار:" not in asked
    set_letterhead(till.ctx, **WHOLE, incomplete="stop")
    asked = mina.get(at, headers=HTMX).content.decode()
    assert "btn primary" not in asked, "nothing is asked in vain"
    assert "مشخصاتی که اجازهٔ دیدنشان را ندارید" in asked
    blind = replace(till.ctx, actor=user_actor(cast.arman.id, cast.mina.id))
    with refused(RuleViolation) as error:
        issue_invoice(blind, draft)
    assert error.value.message.params["what"] == "details that you may not see"


def test_numbers_of_papers_have_the_readers_digits_at_today(till, browse, cast):
    invoice = till.issued(issued_on="2026-10-01", due_on="2026-10-10")
    seen = browse(cast.sara).get("/w/arman/").content.decode()
    assert to_persian_digits(invoice.number) in seen
    assert invoice.number not in seen
