"""Quotes and invoices go to their customers by mail, as PDF, and are marked as sent by it."""

from __future__ import annotations

import pytest
from tests.collaborative.mail.conftest import acting_as, signed_in, work
from tests.operational.minutes.test_paper import read, without_blanks

from peyvand.collaborative.mail import papers
from peyvand.collaborative.mail.models import MailAccount, MailMessage
from peyvand.collaborative.mail.papers import mail_invoice, mail_quote
from peyvand.kernel.errors import Invalid, NotAllowed, RuleViolation
from peyvand.operational.billing.public import INVOICE, Invoice, issue_invoice
from peyvand.operational.catalog.public import PRODUCT
from peyvand.operational.consents.public import CONSENT, REFUSED, Purpose
from peyvand.operational.contacts.public import PERSON
from peyvand.operational.quotes.public import QUOTE, Quote, QuoteLine
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope

NEGAR = "negar@toloo.test"


@pytest.fixture
def offer(posted, committed, monkeypatch):
    """A draft of Sara's for Negar, who has an address."""
    monkeypatch.setattr(papers, "UNDO_SECONDS", 0)
    with workspace_scope(committed.arman.id):
        ctx = acting_as(committed.sara)
        negar = create_record(ctx, PERSON, {"name": "نگار صالحی", "emails": [{"value": NEGAR}]})
        product = create_record(ctx, PRODUCT, {"name": "سرور رایانه", "price": 1_000_000})
        return create_record(ctx, QUOTE, {
            "name": "سرورهای انبار", "person": negar.id, "lines": [{"product": product.id, "quantity": 2}],
        })  # fmt: skip


def test_a_draft_goes_from_its_page_to_the_customers_mailbox(posted, committed, offer):
    at = f"/w/arman/quotes/{offer.id}/do/mail"
    client = signed_in(committed.sara)
    assert at in client.get(f"/w/arman/quotes/{offer.id}/").content.decode()
    dialog = client.get(at, headers={"HX-Request": "true"}).content.decode()
    for said in (
        NEGAR,
        "پیش‌فاکتور: سرورهای انبار",
        f"http://testserver/q/{offer.workspace_id}-{offer.secret}",
    ):
        assert said in dialog
    for is_active in (False, True):
        with workspace_scope(committed.arman.id):
            MailAccount.objects.update(is_active=is_active)
        dialog = client.get(at, headers={"HX-Request": "true"}).content.decode()
        assert (f'href="mailto:{NEGAR}?subject=' in dialog) is not is_active, (
            "without a mailbox it is written elsewhere"
        )
    given = {"to": NEGAR, "subject": "پیش‌فاکتور", "text": "سلام"}
    assert client.post(at, {**given, "to": ""}, headers={"HX-Request": "true"}).status_code == 422
    with workspace_scope(committed.arman.id):
        assert Quote.objects.get().status == "draft", "what is refused is not marked"
    assert client.post(at, given, headers={"HX-Request": "true"}).status_code == 200
    work()
    [mail] = posted.mailbox(NEGAR)
    [paper] = list(mail.iter_attachments())
    assert without_blanks("سرور رایانه") in read(paper.get_content())
    with workspace_scope(committed.arman.id):
        quote, kept = Quote.objects.get(), MailMessage.objects.get()
        assert (quote.status, paper.get_filename()) == ("sent", f"{quote.number}-1.pdf")
        assert (kept.about.object, kept.about.id, kept.person_id) == ("quote", quote.id, quote.person_id)
        assert mail_quote(acting_as(committed.sara), quote).state == MailMessage.QUEUED, "once more"


def test_an_issued_invoice_goes_with_its_number(committed, offer):
    with workspace_scope(committed.arman.id):
        ctx = acting_as(committed.sara)
        line = {"product": QuoteLine.objects.get().product_id, "quantity": 1}
        invoice = create_record(ctx, INVOICE, {"person": offer.person_id, "lines": [line]})
        with pytest.raises(RuleViolation), workspace_scope(committed.arman.id):
            mail_invoice(ctx, invoice)
        issue_invoice(ctx, invoice)
        mail = mail_invoice(ctx, Invoice.objects.get())
        assert mail.subject == "فاکتور INV-۱۴۰۵-۰۰۰۰۱"
        assert Invoice.objects.get().sent_at is not None


def test_refused(committed, offer):
    with workspace_scope(committed.arman.id):
        ctx, scope = acting_as(committed.sara), committed.arman.id
        with pytest.raises(NotAllowed), workspace_scope(scope):
            mail_quote(acting_as(committed.viewer), Quote.objects.get())
        create_record(ctx, CONSENT, {
            "person": offer.person_id, "purpose": Purpose.objects.get(word="contract").id, "channel": "email", "state": REFUSED,
        })  # fmt: skip
        with pytest.raises(Invalid, match="does not want"), workspace_scope(scope):
            mail_quote(ctx, Quote.objects.get())
        assert Quote.objects.get().status == "draft"
