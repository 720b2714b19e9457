"""Mailboxes are read on: what is new since the last time, in sets, each set and how far it reached in one transaction.

No transaction is open while a server is spoken to. A process that is killed between two sets goes on behind the last; one
killed within a set begins that set again, and nothing is there twice (keeping.py). A mail that cannot be read is passed over
with its reason and holds up nobody.
"""

from __future__ import annotations

import imaplib
import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.db import InterfaceError, OperationalError

from peyvand.collaborative.mail.connecting import imap, imap_door
from peyvand.collaborative.mail.folders import fetch_mail, new_uids, open_folder, sent_folder, sizes
from peyvand.collaborative.mail.keeping import INBOX, SENT, keep_letters
from peyvand.collaborative.mail.models import PRESENT, MailAccount, MailFolder, PassedMail
from peyvand.collaborative.mail.parsing import Letter, read_letter
from peyvand.collaborative.mail.reasons import UNFORESEEN, UNREADABLE
from peyvand.collaborative.mail.sending import shown_anew
from peyvand.kernel import clock
from peyvand.platform.actions.context import job_context
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.jobs.scoped import defer
from peyvand.platform.outgoing.judging import NotReached
from peyvand.platform.workspaces.scope import workspace_scope

log = logging.getLogger(__name__)

# At most so many mails of a folder in one run, and so many, or so many bytes, in one transaction.
MOST_A_RUN: Final = 200
MOST_A_SET: Final = 20
MOST_BYTES_A_SET: Final = 8 * 1024 * 1024
# What was fetched for so long is kept before more is: a session that breaks off takes no more along.
MOST_SECONDS_A_SET: Final = 30
MOST_PAUSE: Final = timedelta(hours=1)


@dataclass(frozen=True)
class _Mail:
    """What was fetched of one number: the letter, or why it could not be read; neither where it is gone."""

    uid: int
    letter: Letter | None = None
    problem: str = ""


def fetch_due(tenant: Tenant) -> None:
    """Have each mailbox read on; one that fails is given longer and longer pauses."""
    now = clock.now()
    for account in MailAccount.objects.filter(PRESENT, is_active=True).exclude(imap_host=""):
        pause = min(timedelta(minutes=2 ** min(account.failures, 10)), MOST_PAUSE)
        if (
            not account.failures
            or account.receiving_checked_at is None
            or account.receiving_checked_at + pause <= now
        ):
            fetch_soon(account)


def fetch_soon(account: MailAccount) -> None:
    """Have the mailbox read on, by one at a time."""
    name = f"mail.fetch:{account.workspace_id}:{account.id}"
    defer("mail.fetch", lock=name, once=name, account_id=account.id)


def fetch_account(tenant: Tenant, account_id: int) -> None:
    """Read a mailbox on; what goes wrong on the way is written on the account."""
    with workspace_scope(tenant.id):
        account = MailAccount.objects.filter(PRESENT, id=account_id, is_active=True).first()
    if account is None:
        return
    problem, is_more, began = "", False, _read_so_far(tenant, account)
    try:
        with imap(imap_door(account)) as session:
            for kind, name in ((INBOX, "INBOX"), (SENT, sent_folder(session))):
                if name is not None:
                    is_more |= _read_folder(tenant, account, session, kind, name)
    except NotReached as error:
        problem = str(error)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        log.exception("a mailbox could not be read on")
        problem = UNFORESEEN % {"answer": f"{type(error).__name__}: {error}"[:300]}
    # A long first reading that was cut short goes on at once.
    has_failed = bool(problem) and _read_so_far(tenant, account) == began
    with workspace_scope(tenant.id):
        failures = account.failures + 1 if has_failed else 0
        MailAccount.objects.filter(id=account.id).update(
            receiving_problem=problem, receiving_checked_at=clock.now(), failures=failures
        )
        if problem != account.receiving_problem or account.receiving_checked_at is None:
            shown_anew(tenant, account.id)
        if is_more and not problem:
            fetch_soon(account)


def _read_so_far(tenant: Tenant, account: MailAccount) -> list[tuple[str, int, int]]:
    with workspace_scope(tenant.id):
        rows = MailFolder.objects.filter(account_id=account.id).order_by("kind")
        return list(rows.values_list("kind", "validity", "last_uid"))


def _read_folder(tenant: Tenant, account: MailAccount, session: imaplib.IMAP4, kind: str, name: str) -> bool:
    """Take in what is new in a folder; whether there is more than one run takes."""
    opened = open_folder(session, name)
    last = _place(tenant, account, kind, name, opened.validity)
    uids = new_uids(session, last, account.since)
    run = uids[:MOST_A_RUN]
    for mails in _sets(session, run):
        last = mails[-1].uid
        _take_in(tenant, account, kind, mails)
    if not run and opened.next_uid > last + 1:
        # Nothing after it concerns us: the next search begins behind.
        _reach(tenant, account, kind, opened.next_uid - 1)
    return len(uids) > len(run)


def _place(tenant: Tenant, account: MailAccount, kind: str, name: str, validity: int) -> int:
    """The last number that was read; none where the server numbers anew."""
    with workspace_scope(tenant.id):
        folder, _ = MailFolder.objects.get_or_create(
            account_id=account.id, kind=kind, defaults={"name": name, "validity": validity}
        )
        if (folder.validity, folder.name) != (validity, name):
            folder.validity, folder.name, folder.last_uid = validity, name, 0
            folder.save(update_fields=["validity", "name", "last_uid"])
        return int(folder.last_uid)


def _sets(session: imaplib.IMAP4, uids: Sequence[int]) -> Iterator[list[_Mail]]:
    known, total, began = sizes(session, uids), 0, time.monotonic()
    mails: list[_Mail] = []
    for uid in uids:
        size = known.get(uid, 0)
        is_full = len(mails) >= MOST_A_SET or total + size > MOST_BYTES_A_SET
        if mails and (is_full or time.monotonic() - began > MOST_SECONDS_A_SET):
            yield mails
            mails, total, began = [], 0, time.monotonic()
        mails.append(_fetched(session, uid, size))
        total += size
    if mails:
        yield mails


def _fetched(session: imaplib.IMAP4, uid: int, size: int) -> _Mail:
    raw = fetch_mail(session, uid, size)
    if raw is None:
        return _Mail(uid)
    try:
        return _Mail(uid, read_letter(raw))
    except Exception as error:
        log.warning("a mail could not be read", exc_info=True)
        return _Mail(uid, problem=f"{type(error).__name__}: {error}"[:300])


def _take_in(tenant: Tenant, account: MailAccount, kind: str, mails: Sequence[_Mail]) -> None:
    """Keep a set and how far it reaches; if that cannot be, each by itself, and the one that fails is passed over."""
    try:
        _keep(tenant, account, kind, mails)
    except (OperationalError, InterfaceError):
        # The database's trouble is no fault of the mails': the run is done again.
        raise
    except Exception as error:
        log.warning("mails could not be kept", exc_info=True)
        if len(mails) == 1:
            subject = mails[0].letter.subject if mails[0].letter else ""
            broken = _Mail(mails[0].uid, problem=f"{type(error).__name__}: {error}"[:300])
            _keep(tenant, account, kind, [broken], subject)
            return
        for mail in mails:
            _take_in(tenant, account, kind, [mail])


def _keep(tenant: Tenant, account: MailAccount, kind: str, mails: Sequence[_Mail], subject: str = "") -> None:
    with workspace_scope(tenant.id):
        since = account.since
        letters = [m.letter for m in mails if m.letter is not None and _is_wanted(m.letter, since)]
        keep_letters(job_context(tenant), account, kind, letters)
        PassedMail.objects.bulk_create(
            PassedMail(
                account=account, folder=kind, uid=m.uid, subject=subject[:300],
                reason=UNREADABLE % {"answer": m.problem.replace("\x00", "")},
            )
            for m in mails
            if m.problem
        )  # fmt: skip
        _reach(tenant, account, kind, mails[-1].uid)


def _is_wanted(letter: Letter, since: date | None) -> bool:
    """Servers search by the day a mail came into the folder: what was moved there later is older than it looks."""
    return since is None or letter.at is None or letter.at.date() >= since - timedelta(days=1)


def _reach(tenant: Tenant, account: MailAccount, kind: str, uid: int) -> None:
    with workspace_scope(tenant.id):
        MailFolder.objects.filter(account_id=account.id, kind=kind, last_uid__lt=uid).update(last_uid=uid)
