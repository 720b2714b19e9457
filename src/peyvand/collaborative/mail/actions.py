"""Verbs of mail: writing from a record, answering, passing on, calling back; trying a mailbox."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from peyvand.collaborative.mail.events import MessageCancelled
from peyvand.collaborative.mail.fields import Receivers, written
from peyvand.collaborative.mail.models import PRESENT, MailAccount, MailMessage, MailTemplate
from peyvand.collaborative.mail.objects import MAIL_ACCOUNT, MAIL_MESSAGE, MAIL_TEMPLATE
from peyvand.collaborative.mail.receiving import fetch_soon
from peyvand.collaborative.mail.writing import (
    UNDO_SECONDS,
    Draft,
    Sent,
    account_of,
    accounts_of,
    address_of,
    fill_template,
    put_on_its_way,
    queue,
    whom,
)
from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, RuleViolation, msg
from peyvand.operational.contacts.public import PERSON, Person
from peyvand.operational.sales.public import DEAL, Deal
from peyvand.platform.access.decisions import visible
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Field, Flag, Instant, Link, LongText, Text
from peyvand.platform.files.models import File
from peyvand.platform.jobs.scoped import defer
from peyvand.platform.objects.references import subjects_of
from peyvand.platform.workspaces.modules import belongs

# What somebody gets who is written to; the person's own address where nothing is said.
WRITTEN: tuple[Field, ...] = (
    Receivers(key="to", label=_("Receivers")),
    Receivers(key="cc", label=_("Copy to")),
    Text(key="subject", label=_("Subject"), max_length=500),
    LongText(key="text", label=_("Text"), max_length=50_000),
)
FROM = Link(key="account", label=_("E-mail account"), to="mail_account", title="address")
TEMPLATE = Link(key="template", label=_("E-mail template"), to="mail_template")
LATER = Instant(key="send_at", label=_("Send later"))
PRIVATE = Flag(key="is_private", label=_("Private: only its owner sees it"))
_ALL = (FROM, TEMPLATE, *WRITTEN, LATER, PRIVATE)
_ANSWER = (FROM, *WRITTEN, LATER, PRIVATE)
for _verb in ("person.write_mail", "deal.write_mail"):
    belongs(_verb, "mail")


@action("person.write_mail", label=_("Write an e-mail"), icon="mail", inputs=_ALL, final=True)
def write_to_person(ctx: Context, /, person: Person, **given: Any) -> MailMessage:
    """Write a mail to a person; it goes after a moment in which it can be called back, or at ``send_at``."""
    return _write(ctx, PERSON.key, person, **given)


@action("deal.write_mail", label=_("Write an e-mail"), icon="mail", inputs=_ALL, final=True)
def write_about_deal(ctx: Context, /, deal: Deal, **given: Any) -> MailMessage:
    """Write a mail about a deal, to its person unless somebody else is named."""
    return _write(ctx, DEAL.key, deal, **given)


def _write(
    ctx: Context, object_key: str, record: Any, *, to: str = "", cc: str = "", account: int | None = None,
    template: int | None = None, subject: str = "", text: str = "", send_at: datetime | None = None, is_private: bool = False,
    files: Iterable[Sent] = (),
) -> MailMessage:  # fmt: skip
    person, about = whom(ctx, object_key, record)
    chosen = template_of(ctx, template)
    if chosen is not None and not text.strip():
        filled = fill_template(ctx, chosen, person, about)
        subject, text = subject or filled[0], filled[1]
    if not to and person is not None:
        to = written(person.name, address_of(ctx, person))
    draft = Draft(
        to=to, cc=cc, subject=subject, text=text, about=about, template=chosen, send_at=send_at, is_private=is_private,
        files=files, person_id=person.id if person else None, company_id=person.company_id if person else None,
        wait_seconds=UNDO_SECONDS,
    )  # fmt: skip
    return queue(ctx, account_of(ctx, account), draft)


def template_of(ctx: Context, id: int | None) -> MailTemplate | None:
    """The template that was chosen.

    Raises:
        Invalid: there is no such.
    """
    if id is None:
        return None
    rows = visible(ctx.actor, MAIL_TEMPLATE.key, MailTemplate.objects.filter(PRESENT, id=id))
    found: MailTemplate | None = rows.first()
    if found is None:
        raise Invalid.of(msg("Choose one from the list."), "template")
    return found


@action("mail_message.reply", label=_("Reply"), icon="undo", inputs=_ANSWER, final=True,
        offered=lambda message: message.state in (MailMessage.RECEIVED, MailMessage.SENT))  # fmt: skip
def reply(ctx: Context, /, message: MailMessage, **given: Any) -> MailMessage:
    """Answer a mail, in its conversation."""
    return _go_on(ctx, message, answers=message, **given)


@action("mail_message.forward", label=_("Forward"), icon="ce", inputs=_ANSWER, final=True,
        offered=lambda message: message.state in (MailMessage.RECEIVED, MailMessage.SENT))  # fmt: skip
def forward(ctx: Context, /, message: MailMessage, *, to: str = "", **given: Any) -> MailMessage:
    """Pass a mail on to somebody, with its files."""
    enclosed = File.objects.filter(object=MAIL_MESSAGE.key, object_id=message.id, removed_at__isnull=True)
    kept = [file for file in enclosed.order_by("id") if file.id not in message.pictures.values()]
    return _go_on(ctx, message, to=to, enclosed=kept, keeps_person=False, **given)


@action("mail_message.write_again", label=_("Write again"), icon="refresh", inputs=_ANSWER, final=True,
        offered=lambda message: message.state in (MailMessage.FAILED, MailMessage.BOUNCED, MailMessage.CANCELLED))  # fmt: skip
def write_again(ctx: Context, /, message: MailMessage, **given: Any) -> MailMessage:
    """Send what did not arrive once more, mended."""
    if message.direction != "out":
        raise RuleViolation(msg("Only what was written here can be written again."))
    enclosed = File.objects.filter(object=MAIL_MESSAGE.key, object_id=message.id, removed_at__isnull=True)
    template = message.template if message.purpose_id is not None else None
    return _go_on(ctx, message, enclosed=list(enclosed.order_by("id")), template=template, **given)


def _go_on(
    ctx: Context, message: MailMessage, *, to: str = "", cc: str = "", account: int | None = None, subject: str = "", text: str = "",
    send_at: datetime | None = None, is_private: bool | None = None, files: Iterable[Sent] = (), enclosed: Any = (),
    answers: MailMessage | None = None, template: MailTemplate | None = None, keeps_person: bool = True,
) -> MailMessage:  # fmt: skip
    known = account if account is not None else usual_account(ctx, message)
    if not to and (answers or template) and _answer_key(message) in ctx.actor.grants.hides(MAIL_MESSAGE.key):
        raise Invalid.of(
            msg("Your role does not show this person's address: type where it goes."), "to", "hidden"
        )
    draft = Draft(
        to=to or (answer_address(message) if answers or template else ""), cc=cc, subject=subject or message.subject, text=text,
        about=message.about, send_at=send_at, is_private=message.is_private if is_private is None else is_private,
        answers=answers, files=files, enclosed=enclosed, template=template, wait_seconds=UNDO_SECONDS,
        person_id=message.person_id if keeps_person else None, company_id=message.company_id if keeps_person else None,
    )  # fmt: skip
    return queue(ctx, account_of(ctx, known), draft)


def usual_account(ctx: Context, message: MailMessage) -> int | None:
    """The mailbox that a mail came by, where the actor may send by it."""
    return next((a.id for a in accounts_of(ctx) if a.id == message.account_id), None)


def answer_address(message: MailMessage) -> str:
    """Whom an answer goes to: who wrote, or whom we wrote to."""
    return str(getattr(message, _answer_key(message)))


def _answer_key(message: MailMessage) -> str:
    return "sender" if message.direction == "in" else "to"


@action("mail_message.call_back", label=_("Call back"), icon="xc", final=True,
        offered=lambda message: message.state == MailMessage.QUEUED)  # fmt: skip
def call_back(ctx: Context, message: MailMessage) -> None:
    """Take back a mail that has not gone yet.

    Raises:
        RuleViolation: it is on its way already.
    """
    fresh = MailMessage.objects.select_for_update(of=("self",)).get(id=message.id)
    if fresh.state != MailMessage.QUEUED:
        raise RuleViolation(msg("This e-mail has gone already."))
    _turn(ctx, fresh, MailMessage.CANCELLED)
    [subjects] = subjects_of(MAIL_MESSAGE, [fresh])
    ctx.record(
        MessageCancelled(object=MAIL_MESSAGE.key, object_id=fresh.id, title=fresh.subject, subjects=subjects)
    )
    message.state = fresh.state


@action("mail_message.try_again", label=_("Try again"), icon="refresh", final=True,
        offered=lambda message: message.state == MailMessage.FAILED)  # fmt: skip
def try_again(ctx: Context, message: MailMessage) -> None:
    """Send a mail that was given up, as it is.

    Raises:
        RuleViolation: it did not fail.
    """
    if message.state != MailMessage.FAILED:
        raise RuleViolation(msg("Only what was given up can be tried again."))
    message.attempts, message.send_at = 0, clock.now()
    _turn(ctx, message, MailMessage.QUEUED)
    put_on_its_way(message)


def _turn(ctx: Context, message: MailMessage, state: str) -> None:
    message.state, message.problem = state, ""
    message.version += 1
    message.save(update_fields=["state", "problem", "attempts", "send_at", "version", "updated_at"])
    ctx.touch(MAIL_MESSAGE.key, message.id)
    for key, id in (("person", message.person_id), (message.about_object, message.about_id)):
        if key and id is not None:
            ctx.touch(key, id)


@action("mail_account.test", label=_("Test"), icon="play", final=True)
def test_account(ctx: Context, account: MailAccount) -> None:
    """Try to log in to both servers; what came of it stands on the account a moment later."""
    MailAccount.objects.filter(id=account.id).update(sending_checked_at=None, receiving_checked_at=None)
    ctx.touch(MAIL_ACCOUNT.key, account.id)
    defer("mail.check", account_id=account.id)


@action("mail_account.fetch", label=_("Fetch now"), icon="refresh", final=True)
def fetch_account_now(ctx: Context, account: MailAccount) -> None:
    """Read the mailbox on at once, without waiting for the next minute."""
    if account.is_active:
        fetch_soon(account)
