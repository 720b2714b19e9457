"""What is asked of a mailbox by IMAP: which folder holds what was sent, what is new, one mail, a copy laid down."""

from __future__ import annotations

import imaplib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from peyvand.collaborative.mail.reasons import NO_INBOX
from peyvand.kernel import clock
from peyvand.platform.outgoing.judging import NotReached

# A larger mail is taken in by its beginning; its files stay in the mailbox.
MOST_BYTES: Final = 30 * 1024 * 1024
BEGINNING: Final = 256 * 1024
_LISTED: Final = re.compile(rb'\((?P<flags>[^)]*)\) (?:"(?:\\.|[^"])*"|NIL) (?P<name>.+)')
_SENT: Final = ("sent", "sent items", "sent messages", "sent mail", "inbox.sent", "inbox/sent")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Opened:
    """A folder as the server numbers it: ``validity`` says whether numbers of before still hold."""

    validity: int
    next_uid: int


def sent_folder(session: imaplib.IMAP4) -> str | None:
    """The name, as the server writes it, of the folder for what was sent; None where there is none."""
    status, lines = session.list()
    if status != "OK":
        return None
    by_name: dict[str, str] = {}
    for line in lines:
        match = _LISTED.match(line) if isinstance(line, bytes) else None
        if match is None:
            continue
        name = match["name"].decode("ascii", "replace").strip()
        if b"\\sent" in match["flags"].lower():
            return name
        by_name.setdefault(name.strip('"').lower(), name)
    return next((by_name[name] for name in _SENT if name in by_name), None)


def open_folder(session: imaplib.IMAP4, name: str) -> Opened:
    """Look into a folder without changing anything in it.

    Raises:
        NotReached: there is none of this name.
    """
    status, said = session.select(name, readonly=True)
    if status != "OK":
        raise NotReached(NO_INBOX % {"answer": _text(said)})
    return Opened(_number(session, "UIDVALIDITY"), _number(session, "UIDNEXT"))


def new_uids(session: imaplib.IMAP4, last: int, since: date | None) -> list[int]:
    """Numbers of the mails after ``last``, in order, none that arrived before the day before ``since``."""
    # The server goes by its own calendar, where it may still be the day before.
    first = since - timedelta(days=1) if since else None
    day = ("SINCE", f"{first.day:02}-{_MONTHS[first.month - 1]}-{first.year}") if first else ()
    status, found = session.uid("search", "UID", f"{last + 1}:*", *day)
    if status != "OK" or not found or not isinstance(found[0], bytes):
        return []
    # «n:*» names the newest mail even where it is older than n.
    return sorted(uid for uid in map(int, found[0].split()) if uid > last)


def sizes(session: imaplib.IMAP4, uids: Sequence[int]) -> dict[int, int]:
    """How many bytes each mail has."""
    if not uids:
        return {}
    status, lines = session.uid("fetch", ",".join(map(str, uids)), "(RFC822.SIZE)")
    found: dict[int, int] = {}
    for line in lines if status == "OK" else ():
        text = line if isinstance(line, bytes) else b""
        uid, size = re.search(rb"UID (\d+)", text), re.search(rb"RFC822\.SIZE (\d+)", text)
        if uid and size:
            found[int(uid[1])] = int(size[1])
    return found


def fetch_mail(session: imaplib.IMAP4, uid: int, size: int) -> bytes | None:
    """The bytes of one mail, of a very large one the beginning; None where it is gone meanwhile."""
    part = "BODY.PEEK[]" if size <= MOST_BYTES else f"BODY.PEEK[]<0.{BEGINNING}>"
    status, lines = session.uid("fetch", str(uid), f"({part})")
    if status != "OK":
        return None
    return next((line[1] for line in lines if isinstance(line, tuple) and isinstance(line[1], bytes)), None)


def file_sent(session: imaplib.IMAP4, content: bytes, message_id: str) -> None:
    """Lay a copy into the folder for what was sent, unless the server did so by itself or it lies there already."""
    name = sent_folder(session)
    if name is None:
        return
    status, _ = session.select(name, readonly=True)
    if status == "OK":
        status, found = session.uid("search", "HEADER", "Message-ID", f'"<{message_id}>"')
        if status == "OK" and found and found[0]:
            return
    session.append(name, "\\Seen", imaplib.Time2Internaldate(clock.now()), content)


def _number(session: imaplib.IMAP4, name: str) -> int:
    _, said = session.response(name)
    digits = said[0] if said and isinstance(said[0], bytes) else b""
    return int(digits) if digits.isdigit() else 0


def _text(said: Sequence[object]) -> str:
    first = said[0] if said else b""
    return first.decode("utf-8", "replace")[:200] if isinstance(first, bytes) else str(first)[:200]
