"""Quotes and invoices that go to their customers by mail, as PDF; a quote with the address at which it is answered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from peyvand.collaborative.mail.actions import FROM, LATER, PRIVATE, WRITTEN
from peyvand.collaborative.mail.fields import written
from peyvand.collaborative.mail.models import MailMessage
from peyvand.collaborative.mail.writing import UNDO_SECONDS, Draft, Sent, account_of, person_of, queue
from peyvand.kernel.errors import Invalid, NotAllowed, RuleViolation, msg
from peyvand.kernel.persian.calendar import is_persian
from peyvand.kernel.persian.text import to_persian_digits
from peyvand.operational.billing import public as billing
from peyvand.operational.billing.public import INVOICE, Invoice
from peyvand.operational.consents.public import Purpose, Why, standings
from peyvand.operational.contacts.public import PERSON
from peyvand.operational.quotes import public as quotes
from peyvand.operational.quotes.public import QUOTE, Quote, can_send, demand_seen, reach, send_quote
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Ref
from peyvand.platform.workspaces.addresses import full_address
from peyvand.platform.workspaces.modules import belongs

# Whoever refused even what belongs to a contract is not written to; nobody need have agreed to it.
PURPOSE: Final = "contract"
_INPUTS = (FROM, *WRITTEN, LATER, PRIVATE)
for _verb in ("quote.mail", "invoice.mail"):
    belongs(_verb, "mail")


@action(
    "quote.mail", label=_("Send by e-mail"), icon="mail", inputs=_INPUTS, final=True,
    offered=lambda quote: quote.status in ("draft", "approved", "sent"),
    useful=lambda ctx, quote: not quotes.SAYS & ctx.actor.grants.hides(QUOTE.key) and can_send(ctx, quote)
    and (quote.status == "sent" or bool(decide(ctx.actor, "quote.send", quote))),
)  # fmt: skip
def mail_quote(ctx: Context, /, quote: Quote, **given: Any) -> MailMessage:
    """Send a quote to its customer as PDF, with the address at which they answer it; a draft is marked as sent by it.

    Raises:
        RuleViolation: it cannot be sent. NotAllowed: the role hides some of what it says. Invalid: it goes to nobody.
    """
    _demand_known(ctx, QUOTE.key, quotes.SAYS)
    if quote.status in ("draft", "approved"):
        send_quote(ctx, quote)
    elif quote.status != "sent":
        raise RuleViolation(msg("This quote cannot be sent any more."), "status")
    paper = quotes.quote_pdf(ctx.tenant, quote)
    return _send(ctx, QUOTE.key, quote, quotes.file_name(quote), paper, **given)


@action(
    "invoice.mail", label=_("Send by e-mail"), icon="mail", inputs=_INPUTS, final=True,
    offered=lambda invoice: invoice.status not in ("draft", "cancelled"),
    useful=lambda ctx, invoice: not billing.SAYS & ctx.actor.grants.hides(INVOICE.key),
)  # fmt: skip
def mail_invoice(ctx: Context, /, invoice: Invoice, **given: Any) -> MailMessage:
    """Send an issued invoice to its customer as PDF; it is marked as sent by it.

    Raises:
        RuleViolation: it is a draft or was cancelled. NotAllowed: the role hides some of what it says. Invalid: it goes to nobody.
    """
    _demand_known(ctx, INVOICE.key, billing.SAYS)
    if invoice.status == "cancelled":
        raise RuleViolation(msg("This invoice was cancelled."), "status")
    if invoice.sent_at is None:
        billing.send_invoice(ctx, invoice)
    return _send(ctx, INVOICE.key, invoice, billing.file_name(invoice), billing.make(ctx, invoice), **given)


def _send(
    ctx: Context, object_key: str, record: Any, name: str, paper: bytes, *, to: str = "", cc: str = "", account: int | None = None,
    subject: str = "", text: str = "", send_at: Any = None, is_private: bool = False, files: Iterable[Sent] = (),
) -> MailMessage:  # fmt: skip
    demand_seen(ctx, record)
    _demand_welcome(ctx, record)
    usual_subject, usual_text = words_for(ctx, object_key, record)
    draft = Draft(
        to=to or receiver(ctx, record), cc=cc, subject=subject or usual_subject, text=text or usual_text,
        about=Ref(object_key, record.id, ""), person_id=record.person_id, company_id=record.company_id, send_at=send_at,
        is_private=is_private, files=[(f"{name}.pdf", (paper,)), *files], wait_seconds=UNDO_SECONDS,
    )  # fmt: skip
    return queue(ctx, account_of(ctx, account), draft)


def receiver(ctx: Context, record: Any) -> str:
    """The address of a paper's person, else of its company, as far as the actor may know it; empty where there is none."""
    person = person_of(ctx, record.person_id)
    if person is not None and person.email and not {"email", "emails"} & ctx.actor.grants.hides(PERSON.key):
        return written(person.name, person.email)
    return reach(ctx, record)[0]


def words_for(ctx: Context, object_key: str, record: Any, link: str | None = None) -> tuple[str, str]:
    """Subject and text that such a mail begins with, in the paper's language. ``link`` is where a quote is answered, if the
    installation does not know its own address."""
    language = record.language if object_key == QUOTE.key else ctx.tenant.language
    digits = to_persian_digits if is_persian(language) else str
    with override(language):
        if object_key == INVOICE.key:
            named = {"number": digits(record.number)}
            return gettext("Invoice %(number)s") % named, gettext("Invoice %(number)s is enclosed.") % named
        title = {"title": record.name}
        text = gettext("The quote “%(title)s” is enclosed.") % title
        if link := link or full_address(quotes.public_path(record.workspace_id, record.secret)):
            text += f"\n\n{gettext('You can read and answer it here:')}\n{link}"
        return gettext("Quote: %(title)s") % title, text


def _demand_known(ctx: Context, object_key: str, says: frozenset[str]) -> None:
    if says & ctx.actor.grants.hides(object_key):
        raise NotAllowed(msg("Your role does not show all that this paper says."))


def _demand_welcome(ctx: Context, record: Any) -> None:
    known = Purpose.objects.filter(word=PURPOSE, deleted_at__isnull=True)
    if record.person_id is None or "consents" in ctx.tenant.modules_off or not known.exists():
        return
    standing = standings([record.person_id], "email", PURPOSE).get(record.person_id)
    if standing is not None and standing.why in (Why.REFUSED, Why.ADDRESS_REFUSED):
        raise Invalid.of(msg("This person does not want to be written to by e-mail."), "to", "consent")
