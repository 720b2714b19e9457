"""Connections to the mail servers that people of a workspace chose: to judged addresses alone, encrypted, cut off by the clock.

The name is resolved once and judged; the connection goes to that very address, while the certificate must be the name's.
In the clear only networks of the installation's own are spoken to.
"""

from __future__ import annotations

import imaplib
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

from cryptography.fernet import InvalidToken

from peyvand.collaborative.mail.fields import PURPOSE
from peyvand.collaborative.mail.models import MailAccount
from peyvand.collaborative.mail.reasons import (
    CERTIFICATE,
    LOGIN,
    NO_PASSWORD,
    NO_TLS,
    UNREACHED,
)
from peyvand.platform.outgoing.judging import NotReached, judged
from peyvand.platform.outgoing.reasons import NO_ANSWER
from peyvand.platform.sealing import unseal

# For one answer, and for a whole conversation.
SECONDS: Final = 20.0
LONGEST: Final = 240.0
# Bytes; more than any part of a mail that is asked for.
MOST_AT_ONCE: Final = 32 * 1024 * 1024


class LoginRefused(NotReached):
    """The server is there and does not let us in: trying again soon would only lock the account."""


@dataclass(frozen=True)
class Door:
    """A server with what it takes to get in, read from an account once and used without the database."""

    host: str
    port: int
    security: str
    username: str
    password: str


def smtp_door(account: MailAccount) -> Door:
    """Where the account sends by.

    Raises:
        NotReached: its password cannot be read any more.
    """
    password = _opened(account.smtp_password or account.password)
    username = account.smtp_username or account.username or account.address
    return Door(
        account.smtp_host, account.smtp_port or 465, account.smtp_security or "tls", username, password
    )


def imap_door(account: MailAccount) -> Door:
    """As smtp_door, for fetching."""
    password = _opened(account.password)
    username = account.username or account.address
    return Door(
        account.imap_host, account.imap_port or 993, account.imap_security or "tls", username, password
    )


@contextmanager
def smtp(door: Door) -> Iterator[smtplib.SMTP]:
    """A session in which mails may be sent.

    Raises:
        LoginRefused, NotReached: with the reason.
    """
    with _told(door), _clock() as clock:
        # Without a host nothing is connected to yet; the name is kept for the certificate.
        session = _Smtp(door)
        clock.watch(session)
        try:
            session.connect(door.host, door.port)
            session.ehlo()
            if door.security == "starttls":
                if not session.has_extn("starttls"):
                    raise NotReached(NO_TLS % {"host": door.host})
                session.starttls(context=ssl.create_default_context())
                session.ehlo()
            if door.password and session.has_extn("auth"):
                try:
                    session.login(door.username, door.password)
                except (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError) as error:
                    code = getattr(error, "smtp_code", 500)
                    kind = NotReached if 400 <= code < 500 else LoginRefused
                    raise kind(LOGIN % {"answer": answer_of(error)}) from error
            yield session
        finally:
            with suppress(smtplib.SMTPException, OSError):
                session.quit()
            session.close()


@contextmanager
def imap(door: Door) -> Iterator[imaplib.IMAP4]:
    """A session that is logged in.

    Raises:
        LoginRefused, NotReached: with the reason.
    """
    with _told(door), _clock() as clock:
        session = _Imap(door, clock)
        try:
            if door.security == "starttls":
                if "STARTTLS" not in session.capabilities:
                    raise NotReached(NO_TLS % {"host": door.host})
                session.starttls(ssl.create_default_context())
            try:
                session.login(door.username, door.password)
            except imaplib.IMAP4.abort:
                raise
            except (imaplib.IMAP4.error, UnicodeError) as error:
                raise LoginRefused(LOGIN % {"answer": answer_of(error)}) from error
            yield session
        finally:
            with suppress(imaplib.IMAP4.error, OSError):
                session.logout()
            # A session that broke off is not closed by its logout.
            with suppress(OSError):
                session.shutdown()


class _Clock:
    """Ends a conversation that takes too long: a socket's timeout begins anew with every byte."""

    def __init__(self) -> None:
        self.was_cut, self._session = False, None
        self._timer = threading.Timer(LONGEST, self._cut)
        self._timer.daemon = True
        self._timer.start()

    def watch(self, session: Any) -> None:
        self._session = session

    def stop(self) -> None:
        self._timer.cancel()

    def _cut(self) -> None:
        self.was_cut = True
        if (sock := getattr(self._session, "sock", None)) is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)


@contextmanager
def _clock() -> Iterator[_Clock]:
    clock = _Clock()
    try:
        yield clock
    except (OSError, imaplib.IMAP4.error, smtplib.SMTPException) as error:
        if clock.was_cut:
            raise NotReached(NO_ANSWER % {"seconds": f"{LONGEST:g}"}) from error
        raise
    finally:
        clock.stop()


class _Smtp(smtplib.SMTP):
    def __init__(self, door: Door) -> None:
        self._door = door
        super().__init__(timeout=SECONDS, local_hostname="localhost")
        # The name that the certificate is asked for.
        self._host = door.host

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return _connected(self._door)


class _Imap(imaplib.IMAP4):
    def __init__(self, door: Door, clock: _Clock) -> None:
        self._door = door
        clock.watch(self)
        super().__init__(door.host, door.port, timeout=SECONDS)

    def read(self, size: int) -> bytes:
        # How much a server sends is its own word; whoever chose it may be no friend.
        if size > MOST_AT_ONCE:
            raise self.abort("more at once than was asked for")
        return super().read(size)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return _connected(self._door)


def _connected(door: Door) -> socket.socket:
    address = judged(door.host, door.port, is_secure=door.security != "none")
    raw = socket.create_connection((address, door.port), SECONDS)
    if door.security != "tls":
        return raw
    try:
        return ssl.create_default_context().wrap_socket(raw, server_hostname=door.host)
    except BaseException:
        raw.close()
        raise


@contextmanager
def _told(door: Door) -> Iterator[None]:
    """What goes wrong on the way, as a reason that people understand. What the server says of a mail is left to the caller."""
    try:
        yield
    except NotReached:
        raise
    except ssl.SSLCertVerificationError as error:
        raise NotReached(CERTIFICATE % {"host": door.host, "answer": error.verify_message}) from error
    except (
        smtplib.SMTPConnectError,
        smtplib.SMTPServerDisconnected,
        smtplib.SMTPHeloError,
        imaplib.IMAP4.error,
        OSError,
    ) as error:
        if isinstance(
            error, smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused
        ) and not isinstance(error, smtplib.SMTPConnectError | smtplib.SMTPHeloError):
            raise
        raise NotReached(UNREACHED % {"host": door.host, "answer": answer_of(error)}) from error


def answer_of(error: BaseException) -> str:
    """What a server said, in one line that can be stored and shown."""
    text = getattr(error, "smtp_error", None) or (error.args[0] if error.args else "") or str(error)
    if isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException):
        text = error.strerror or str(error)
    plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    return (
        " ".join("".join(c if c.isprintable() else " " for c in plain).split())[:300] or type(error).__name__
    )


def _opened(sealed: str) -> str:
    try:
        return unseal(PURPOSE, sealed) if sealed else ""
    except InvalidToken as error:
        raise LoginRefused(NO_PASSWORD) from error
