"""A real mail server (SMTP and IMAP) beside the tests, and a mailbox of Sara's that uses it."""

from __future__ import annotations

import imaplib
import smtplib
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from django.db.models import Q
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob as Ready

from peyvand.collaborative.mail import writing
from peyvand.collaborative.mail.models import MailAccount
from peyvand.collaborative.mail.objects import MAIL_ACCOUNT
from peyvand.kernel import clock
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.identity.models import Membership
from peyvand.platform.identity.sessions import ACCOUNT, SessionStore
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.installation import eventually
from peyvand.testing.queue import drain

PASSWORD = "correct-horse-9"
OURS = "sara@arman.test"
_SERVER = "from mail_devel.__main__ import main; main()"


@dataclass(frozen=True)
class MailServer:
    """A process that takes mails for any address, and shows each its mailbox."""

    smtp_port: int
    imap_port: int

    def deliver(self, raw: bytes, to: str = OURS, sender: str = "negar@toloo.test") -> None:
        with smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=20) as session:
            session.sendmail(sender, [to], raw)

    def write(
        self,
        subject: str,
        text: str,
        *,
        to: str = OURS,
        sender: str = "Negar <negar@toloo.test>",
        **headers: str,
    ) -> str:
        """Deliver a plain mail; its Message-ID."""
        mail = EmailMessage(policy=policy.SMTP)
        mail["From"], mail["To"], mail["Subject"] = sender, to, subject
        mail["Message-ID"] = headers.pop("message_id", f"<{abs(hash((subject, text, sender)))}@toloo.test>")
        for name, value in headers.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(text)
        self.deliver(mail.as_bytes(), to)
        return str(mail["Message-ID"])

    def mailbox(self, address: str, folder: str = "INBOX") -> list[EmailMessage]:
        """What lies in a folder, oldest first."""
        with imaplib.IMAP4("127.0.0.1", self.imap_port, timeout=20) as session:
            session.login(address, PASSWORD)
            if session.select(folder, readonly=True)[0] != "OK":
                return []
            uids = session.uid("search", "ALL")[1][0].split()
            raw = [session.uid("fetch", uid.decode(), "(BODY.PEEK[])")[1][0][1] for uid in uids]
        return [message_from_bytes(each, policy=policy.default) for each in raw]

    def make_folder(self, address: str, folder: str) -> None:
        with imaplib.IMAP4("127.0.0.1", self.imap_port, timeout=20) as session:
            session.login(address, PASSWORD)
            session.create(folder)


@pytest.fixture(scope="session")
def _served() -> Iterator[MailServer]:
    smtp_port, imap_port = _free_port(), _free_port()
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVER, "--host", "127.0.0.1", "--user", OURS, "--multi-user", "--password", PASSWORD, "--no-http",
         "--imap-port", str(imap_port), "--smtp-port", str(smtp_port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        if not eventually(lambda: _answers(smtp_port) and _answers(imap_port)):
            raise TimeoutError("the mail server did not start")
        yield MailServer(smtp_port, imap_port)
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def server_of_mail(_served: MailServer) -> MailServer:
    """The server, with empty mailboxes."""
    for address in (OURS, "negar@toloo.test", "info@arman.test"):
        with imaplib.IMAP4("127.0.0.1", _served.imap_port, timeout=20) as session:
            session.login(address, PASSWORD)
            for folder in ("Sent", "INBOX"):
                with suppress(imaplib.IMAP4.error):
                    if session.select(folder)[0] == "OK":
                        session.uid("store", "1:*", "+FLAGS", "(\\Deleted)")
                        session.expunge()
    return _served


@pytest.fixture
def posted(
    committed: Any, near: None, server_of_mail: MailServer, monkeypatch: pytest.MonkeyPatch
) -> MailServer:
    """Sara's mailbox is set up, everything is really committed, and mails go without a moment to think."""
    monkeypatch.setattr(writing, "UNDO_SECONDS", 0)
    monkeypatch.setattr("peyvand.collaborative.mail.actions.UNDO_SECONDS", 0)
    server_of_mail.make_folder(OURS, "Sent")
    with workspace_scope(committed.arman.id):
        make_account(acting_as(committed.sara), server_of_mail)
    return server_of_mail


def signed_in(user: Any) -> Client:
    """A browser with a session of the user's account."""
    session = SessionStore()
    session[ACCOUNT] = Membership.objects.get(workspace_id=user.workspace_id, user_id=user.id).account_id
    session.create()
    made = Client()
    made.cookies["peyvand_session"] = session.session_key
    return made


def acting_as(user: Any) -> Context:
    return Context(user_actor(user.workspace_id, user.id), "web")


def make_account(ctx: Context, server: MailServer, **more: Any) -> MailAccount:
    """A mailbox on the test's server."""
    given = {
        "address": OURS, "name": "Sara Moini", "password": PASSWORD, "imap_host": "127.0.0.1", "imap_port": server.imap_port,
        "imap_security": "none", "smtp_host": "127.0.0.1", "smtp_port": server.smtp_port, "smtp_security": "none",
    }  # fmt: skip
    account: MailAccount = create_record(ctx, MAIL_ACCOUNT, given | more)
    return account


def work() -> None:
    """Run what is ready, and all that it leads to."""
    due = Q(scheduled_at=None) | Q(scheduled_at__lte=clock.now())
    while Ready.objects.filter(due, status="todo").exists():
        drain()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 1):
            return True
    except OSError:
        return False
