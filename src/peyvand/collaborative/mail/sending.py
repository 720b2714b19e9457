"""Mails leave: each once at a time, tried again while it may help, given up with the reason.

No transaction is open while a server is spoken to. A process that dies after the server took a mail and before that is
written sends it once more, with the same Message-ID, by which receivers know it again.
"""

from __future__ import annotations

import logging
import smtplib
from dataclasses import replace
from datetime import timedelta
from typing import Final

from peyvand.collaborative.mail.composing import composed, receivers_of
from peyvand.collaborative.mail.connecting import LoginRefused, answer_of, imap, imap_door, smtp, smtp_door
from peyvand.collaborative.mail.events import MessageFailed, MessageSent
from peyvand.collaborative.mail.folders import file_sent
from peyvand.collaborative.mail.models import MailAccount, MailMessage
from peyvand.collaborative.mail.objects import MAIL_ACCOUNT, MAIL_MESSAGE
from peyvand.collaborative.mail.reasons import ACCOUNT_GONE, NO_CONSENT, REFUSED, TOO_OFTEN, UNFORESEEN
from peyvand.collaborative.mail.writing import put_on_its_way, standing_of
from peyvand.kernel import clock
from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import Context
from peyvand.platform.files.queries import files_of
from peyvand.platform.identity.actor import Tenant, system_actor
from peyvand.platform.jobs.scoped import defer
from peyvand.platform.objects.references import subjects_of
from peyvand.platform.outgoing.judging import Forbidden, NotReached
from peyvand.platform.workspaces.scope import workspace_scope

log = logging.getLogger(__name__)

# Seconds between attempts; after the last the mail is given up.
PAUSES: Final = (60, 300, 1800, 7200, 6 * 3600)
_EARLY: Final = timedelta(seconds=1)
# For so long whoever tries a mail has it to themselves: longer than any conversation with a server lasts.
_HELD: Final = timedelta(minutes=5)
# Whatever has waited for so long since its time, nobody is on the way to send.
_FORGOTTEN: Final = timedelta(hours=1)
_AT_ONCE: Final = 200
# So often it is looked whether a workspace that does without mail wants it again.
_OFF_SECONDS: Final = 3600


class Refused(Exception):
    """Nobody will take this mail, however often it is tried."""


def send_waiting(tenant: Tenant, message_id: int) -> None:
    """Send one mail, if it still waits and its time has come."""
    with workspace_scope(tenant.id):
        rows = MailMessage.objects.filter(id=message_id, state=MailMessage.QUEUED, deleted_at__isnull=True)
        message = rows.select_for_update(of=("self",)).first()
        if message is None:
            return
        now = clock.now()
        if "mail" in tenant.modules_off:
            put_on_its_way(message, _OFF_SECONDS)
            return
        if message.send_at is not None and message.send_at > now + _EARLY:
            put_on_its_way(message)
            return
        account = message.account
        if account is None or not account.is_active or account.deleted_at is not None:
            _give_up(tenant, message, ACCOUNT_GONE)
            return
        if message.attempts > len(PAUSES):
            _give_up(
                tenant, message, TOO_OFTEN % {"count": message.attempts, "answer": message.problem or "?"}
            )
            return
        if not _is_agreed_to(message):
            _give_up(tenant, message, NO_CONSENT, blames_account=False)
            return
        message.attempts, message.send_at = message.attempts + 1, now + _HELD
        message.save(update_fields=["attempts", "send_at"])
    problem, is_final = "", False
    try:
        with workspace_scope(tenant.id):
            content = composed(message, account, reversed(files_of(MAIL_MESSAGE.key, message.id)), now)
        problem = _handed_over(account, receivers_of(message), content)
    except (Refused, LoginRefused, Forbidden) as error:
        problem, is_final = str(error), True
    except NotReached as error:
        _try_again(tenant, message, str(error))
        return
    except Exception as error:
        # A file that is gone, an answer nobody thought of: whoever wrote the mail hears of it, sooner or later.
        log.exception("a mail could not be sent")
        _try_again(tenant, message, UNFORESEEN % {"answer": f"{type(error).__name__}: {error}"[:300]})
        return
    with workspace_scope(tenant.id):
        fresh = MailMessage.objects.select_for_update(of=("self",)).get(id=message.id)
        if not is_final:
            # Also where somebody called it back while it went: it has gone.
            _sent(tenant, fresh, problem)
        elif fresh.state == MailMessage.QUEUED:
            _give_up(tenant, fresh, problem)


def send_forgotten(tenant: Tenant) -> None:
    """Have mails sent whose time is long past: their job died, or was lost."""
    late = MailMessage.objects.filter(
        state=MailMessage.QUEUED, deleted_at__isnull=True, send_at__lt=clock.now() - _FORGOTTEN
    )
    for message in late.order_by("id")[:_AT_ONCE]:
        put_on_its_way(message, 0)


def file_copy(tenant: Tenant, message_id: int) -> None:
    """Lay a copy of a sent mail into the mailbox's own folder, where other programs look for it.

    Raises:
        NotReached: the server cannot be reached; it is tried again.
    """
    with workspace_scope(tenant.id):
        message = MailMessage.objects.filter(id=message_id, is_filed=False, state=MailMessage.SENT).first()
        account = message.account if message else None
        if message is None or account is None or not account.imap_host or not account.is_active:
            return
        content = composed(
            message, account, reversed(files_of(MAIL_MESSAGE.key, message.id)), message.sent_at or clock.now()
        )
        door = imap_door(account)
    with imap(door) as session:
        file_sent(session, content, message.message_id)
    with workspace_scope(tenant.id):
        MailMessage.objects.filter(id=message_id).update(is_filed=True)


def check_account(tenant: Tenant, account_id: int) -> None:
    """Try both sides of an account and write down what each came to."""
    with workspace_scope(tenant.id):
        account = MailAccount.objects.filter(id=account_id).first()
    if account is None:
        return
    sending = receiving = ""
    try:
        with smtp(smtp_door(account)):
            pass
    except NotReached as error:
        sending = str(error)
    try:
        with imap(imap_door(account)):
            pass
    except NotReached as error:
        receiving = str(error)
    now = clock.now()
    with workspace_scope(tenant.id):
        MailAccount.objects.filter(id=account_id).update(
            sending_problem=sending,
            receiving_problem=receiving,
            sending_checked_at=now,
            receiving_checked_at=now,
        )
        shown_anew(tenant, account_id)


def shown_anew(tenant: Tenant, account_id: int) -> None:
    """Have whatever screen shows the account fetch it again."""
    ctx = Context(system_actor(tenant), "job", silent=True)
    perform(ctx, MAIL_ACCOUNT.permission("update"), (), lambda: ctx.touch(MAIL_ACCOUNT.key, account_id))


def author_context(tenant: Tenant, message: MailMessage) -> Context:
    """What the product does for whoever wrote the mail, whatever their role allows by now."""
    return Context(replace(system_actor(tenant), user_id=message.created_by_id), "job")


def _is_agreed_to(message: MailMessage) -> bool:
    """Whether the reader of advertising agrees to it still: it may have waited for long."""
    if message.purpose is None:
        return True
    standing = standing_of(message.person_id, message.purpose) if message.person_id is not None else None
    return standing is not None and standing.may


def _handed_over(account: MailAccount, receivers: list[str], content: bytes) -> str:
    """Give the mail to the server; what it says of receivers that it did not take, empty if it took all.

    Raises:
        Refused: it takes the mail for nobody. LoginRefused, NotReached: as connecting says.
    """
    try:
        with smtp(smtp_door(account)) as session:
            refused = session.sendmail(account.address, receivers, content)
    except smtplib.SMTPRecipientsRefused as error:
        said = "; ".join(
            f"{who}: {code} {answer_of(smtplib.SMTPResponseException(code, what))}"
            for who, (code, what) in error.recipients.items()
        )
        if all(400 <= code < 500 for code, _ in error.recipients.values()):
            raise NotReached(REFUSED % {"answer": said[:500]}) from error
        raise Refused(REFUSED % {"answer": said[:500]}) from error
    except smtplib.SMTPResponseException as error:
        said = f"{error.smtp_code} {answer_of(error)}"
        if 400 <= error.smtp_code < 500:
            raise NotReached(REFUSED % {"answer": said}) from error
        raise Refused(REFUSED % {"answer": said}) from error
    except (smtplib.SMTPException, UnicodeError) as error:
        raise Refused(REFUSED % {"answer": answer_of(error)}) from error
    told = "; ".join(
        f"{who}: {code} {answer_of(smtplib.SMTPResponseException(code, what))}"
        for who, (code, what) in refused.items()
    )
    return REFUSED % {"answer": told[:500]} if told else ""


def _sent(tenant: Tenant, message: MailMessage, problem: str) -> None:
    ctx = author_context(tenant, message)

    def write() -> None:
        message.state, message.sent_at, message.problem = MailMessage.SENT, clock.now(), problem
        message.version += 1
        message.save(update_fields=["state", "sent_at", "problem", "version", "updated_at"])
        [subjects] = subjects_of(MAIL_MESSAGE, [message])
        ctx.record(
            MessageSent(
                object=MAIL_MESSAGE.key,
                object_id=message.id,
                title=message.subject,
                subjects=subjects,
                person_id=message.person_id,
            )
        )
        ctx.touch(MAIL_MESSAGE.key, message.id)
        _touch_about(ctx, message)
        _note_sending(message, "")
        defer("mail.file", message_id=message.id)

    perform(ctx, MAIL_MESSAGE.permission("update"), (), write)


def _give_up(tenant: Tenant, message: MailMessage, problem: str, *, blames_account: bool = True) -> None:
    ctx = author_context(tenant, message)

    def write() -> None:
        message.state, message.problem = MailMessage.FAILED, problem
        message.version += 1
        message.save(update_fields=["state", "problem", "version", "updated_at"])
        [subjects] = subjects_of(MAIL_MESSAGE, [message])
        ctx.record(
            MessageFailed(
                object=MAIL_MESSAGE.key, object_id=message.id, title=message.subject, subjects=subjects,
                person_id=message.person_id, reason=problem,
            )
        )  # fmt: skip
        ctx.touch(MAIL_MESSAGE.key, message.id)
        _touch_about(ctx, message)
        if blames_account:
            _note_sending(message, problem)

    perform(ctx, MAIL_MESSAGE.permission("update"), (), write)


def _try_again(tenant: Tenant, message: MailMessage, problem: str) -> None:
    with workspace_scope(tenant.id):
        fresh = MailMessage.objects.select_for_update(of=("self",)).get(id=message.id)
        if fresh.state != MailMessage.QUEUED:
            return
        if fresh.attempts > len(PAUSES):
            _give_up(tenant, fresh, TOO_OFTEN % {"count": fresh.attempts, "answer": problem})
            return
        fresh.problem, fresh.send_at = problem, clock.now() + timedelta(seconds=PAUSES[fresh.attempts - 1])
        fresh.save(update_fields=["problem", "send_at"])
        _note_sending(fresh, problem)
        put_on_its_way(fresh)


def _note_sending(message: MailMessage, problem: str) -> None:
    MailAccount.objects.filter(id=message.account_id).update(
        sending_problem=problem, sending_checked_at=clock.now()
    )


def _touch_about(ctx: Context, message: MailMessage) -> None:
    """The pages on whose timelines it stands fetch them again."""
    for key, id in (("person", message.person_id), (message.about_object, message.about_id)):
        if key and id is not None:
            ctx.touch(key, id)
