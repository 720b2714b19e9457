"""What a mail says, read from its bytes, however badly it was written. Nothing here touches the database."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import Final

from charset_normalizer import from_bytes

from peyvand.collaborative.mail.cleaning import cleaned, text_of
from peyvand.collaborative.mail.fields import parted
from peyvand.collaborative.mail.reasons import CUT, TANGLED
from peyvand.kernel.email import email as parse_email
from peyvand.kernel.errors import Invalid

MOST_PARTS: Final = 200
MOST_FILES: Final = 50
LONGEST_TEXT: Final = 200_000
# To read headers takes the square of their length: more of one than this is nobody's but an attacker's.
LONGEST_HEADER: Final = 20_000
MOST_HEADERS: Final = 1024 * 1024
# As many lines of a letter may look like the beginning of a part, or of a block of a report.
MOST_SEAMS: Final = 20_000
# Each line is compared with the seams of all parts around it: so many comparisons are made for one letter.
MOST_WORK: Final = 10_000_000
_HOLDER: Final = re.compile(rb"boundary|message/", re.IGNORECASE)
_READ: Final = frozenset({
    "message-id", "in-reply-to", "references", "subject", "from", "reply-to", "to", "cc", "date", "return-path", "auto-submitted",
    "precedence", "x-autoreply", "x-autorespond", "x-auto-response-suppress", "list-id", "list-unsubscribe",
    "action", "final-recipient", "original-recipient", "diagnostic-code", "status",
})  # fmt: skip
_TYPED: Final = ("content-type", "content-disposition", "content-id")
_BLANK: Final = re.compile(rb"\n\r?\n")
_ID: Final = re.compile(r"<([^<>\s]{1,900})>")
_NAMES: Final = {
    "iso-8859-8-i": "iso-8859-8",
    "x-windows-1256": "cp1256",
    "utf8mb4": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
}
_PERSIAN: Final = re.compile("[\u0622-\u064a\u067e\u0686\u0698\u06a9\u06af\u06cc]")
# Headers by which machines say that they are (RFC 3834 and what is usual besides).
_BULK: Final = ("bulk", "junk", "list", "auto_reply", "auto-reply")


@dataclass(frozen=True)
class Attached:
    """A file of a mail; with a ``content_id`` its HTML may show it."""

    name: str
    content: bytes
    content_id: str = ""


@dataclass(frozen=True)
class Bounce:
    """What a server says of a mail that it could not deliver: which, to whom, and why. ``is_final``: it gave up."""

    message_id: str
    address: str
    reason: str
    is_final: bool


@dataclass(frozen=True)
class Letter:
    """A mail as we keep it. Addresses are (name, address), in the form that contact points keep."""

    message_id: str
    subject: str = ""
    sender: tuple[str, str] = ("", "")
    reply_to: tuple[str, str] = ("", "")
    to: list[tuple[str, str]] = field(default_factory=list)
    cc: list[tuple[str, str]] = field(default_factory=list)
    text: str = ""
    html: str = ""
    at: datetime | None = None
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    files: list[Attached] = field(default_factory=list)
    is_automatic: bool = False
    bounce: Bounce | None = None
    # What of it is missing here and why (reasons.said); empty: nothing.
    problem: str = ""


def read_letter(raw: bytes) -> Letter:
    """The letter in these bytes; what of it cannot be understood is left out. Of one that is in more pieces than any letter, or
    in more within each other, only the headers are read.

    Raises:
        ValueError: it has more headers than any letter.
    """
    begins = _BLANK.search(raw)
    if (begins.start() if begins else len(raw)) > MOST_HEADERS:
        raise ValueError("more headers than a letter has")
    if _is_endless(raw):
        return _headed(raw, begins.start() if begins else len(raw))
    try:
        message = message_from_bytes(raw, policy=policy.compat32)
        for part in message.walk():
            _shorten(part)
        headers = _headers(message)
        text, html, files = _content(message)
        bounce = _bounce(message, headers)
    except RecursionError:
        return _headed(raw, begins.start() if begins else len(raw))
    clean, is_cut = cleaned(html) if html else ("", False)
    said = _tidy(text or (text_of(html) if html else ""))
    return replace(
        _head(raw, headers),
        text=said[:LONGEST_TEXT],
        html=clean.replace("\x00", ""),
        files=files,
        bounce=bounce,
        problem=CUT if is_cut or len(said) > LONGEST_TEXT else "",
    )


def _is_endless(raw: bytes) -> bool:
    """Whether it is in more pieces than a letter, or to read it would take more work."""
    if raw.count(b"\n--") > MOST_SEAMS:
        return True
    if b"delivery-status" in raw and raw.count(b"\n\n") + raw.count(b"\n\r\n") > MOST_SEAMS:
        return True
    holders = sum(1 for _ in _HOLDER.finditer(raw))
    return raw.count(b"\n") * (1 + holders) > MOST_WORK


def _headed(raw: bytes, end: int) -> Letter:
    """The letter with its headers alone."""
    headers = _headers(message_from_bytes(raw[:end], policy=policy.compat32))
    return replace(_head(raw, headers), problem=TANGLED)


def _head(raw: bytes, headers: dict[str, str]) -> Letter:
    references = tuple(_ID.findall(headers.get("references", "")))[-50:]
    in_reply_to = next(iter(_ID.findall(headers.get("in-reply-to", ""))), "")
    return Letter(
        message_id=next(iter(_ID.findall(headers.get("message-id", ""))), "") or _made_up(raw),
        subject=_line(headers.get("subject", ""))[:500],
        sender=_first(headers.get("from", "")),
        reply_to=_first(headers.get("reply-to", "")),
        to=_addresses(headers.get("to", "")),
        cc=_addresses(headers.get("cc", "")),
        at=_moment(headers.get("date", "")),
        in_reply_to=in_reply_to,
        references=references,
        is_automatic=_is_automatic(headers),
    )


def key_of(message_id: str) -> str:
    """What a Message-ID is found by."""
    return hashlib.sha256(message_id.encode("utf-8", "surrogateescape")).hexdigest()


def decoded(content: bytes, charset: str = "") -> str:
    """Bytes as text: by the charset they claim, else by what they look like; Windows-1256 is what Persian mails hide as
    anything."""
    name = charset.strip().strip("\"'").lower()
    name = _NAMES.get(name, name)
    # Nobody's text is UTF-7; it is a way to hide signs.
    tries = [name] if name and name not in ("us-ascii", "ascii", "unknown-8bit", "utf-7") else []
    if name in ("iso-8859-1", "latin-1", "latin1", "windows-1252", "cp1252"):
        # Claimed by programs that never asked: whoever is right about it is so in ASCII, too.
        tries = ["utf-8", *(["cp1256"] if _looks_persian(content) else []), *tries]
    for codec in (*tries, "utf-8"):
        try:
            return content.decode(codec)
        except (LookupError, UnicodeError, ValueError):
            continue
    if _looks_persian(content):
        return content.decode("cp1256", "replace")
    best = from_bytes(content[:20_000]).best()
    try:
        return content.decode(best.encoding if best else "latin-1", "replace")
    except (LookupError, UnicodeError):
        return content.decode("latin-1")


def _looks_persian(content: bytes) -> bool:
    """Whether the bytes above ASCII are words of Windows-1256 rather than the odd accent."""
    beginning = content[:20_000]
    high = [b for b in beginning if b > 127]
    if len(high) < 3:
        return False
    letters = len(_PERSIAN.findall(bytes(high).decode("cp1256", "replace")))
    # In Latin text single letters have accents; in Persian whole words lie above ASCII.
    runs = re.findall(rb"[\x80-\xff]{2,}", beginning)
    return letters > 0.8 * len(high) and sum(map(len, runs)) > 0.6 * len(high)


def _headers(message: Message) -> dict[str, str]:
    """The headers that are read, by their names in small letters, decoded; of several the first."""
    found: dict[str, str] = {}
    for name, value in message.raw_items():
        if (key := name.lower()) in _READ and key not in found:
            found[key] = _decoded_header(str(value)[:LONGEST_HEADER])
    return found


def _shorten(part: Message) -> None:
    """Let go of what says at endless length what a part is."""
    for name in _TYPED:
        if any(
            key.lower() == name and len(str(value)) > LONGEST_HEADER // 5 for key, value in part.raw_items()
        ):
            del part[name]


def _decoded_header(value: str) -> str:
    raw = value.encode("utf-8", "surrogateescape")
    text = decoded(raw) if any(b > 127 for b in raw) else value
    unfolded = re.sub(r"\r?\n[ \t]*", " ", text).replace("\x00", "")
    if "=?" not in unfolded:
        return unfolded
    try:
        parts = decode_header(unfolded)
    except (ValueError, IndexError, LookupError):
        # Base64 that is none.
        return unfolded
    out, before, codec = "", b"", ""
    for content, charset in parts:
        piece = content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape")
        if charset and charset.lower() == codec:
            # Some programs cut a letter in two between two words.
            before += piece
            continue
        out += decoded(before, codec) if before else ""
        before, codec = piece, (charset or "").lower()
    return (out + (decoded(before, codec) if before else "")).replace("\x00", "")


def _addresses(text: str) -> list[tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for name, address in parted(_line(text)[:20_000])[:500]:
        try:
            kept = parse_email(address)
        except Invalid:
            continue
        found.setdefault(kept.casefold(), (_line(name)[:200], kept))
    return list(found.values())


def _first(text: str) -> tuple[str, str]:
    return next(iter(_addresses(text)), ("", ""))


def _line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() or c == "\u200c" else " " for c in _tidy(text)).split())


def _tidy(text: str) -> str:
    """Without what cannot be stored."""
    plain = text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    return plain.encode("utf-8", "replace").decode("utf-8")


def _moment(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    try:
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _walk(message: Message, depth: int = 0) -> Iterator[Message]:
    """The parts, those of mails that are enclosed left out: they are files."""
    if depth > 20:
        return
    if message.get_content_maintype() != "multipart" or not isinstance(message.get_payload(), list):
        yield message
        return
    for part in message.get_payload():
        if isinstance(part, Message):
            yield from _walk(part, depth + 1)


def _content(message: Message) -> tuple[str, str, list[Attached]]:
    """Text, HTML and files. Of several texts all are kept, one after another."""
    texts: list[str] = []
    htmls: list[str] = []
    files: list[Attached] = []
    for n, part in enumerate(_walk(message)):
        if n >= MOST_PARTS:
            break
        kind, name = part.get_content_type(), _file_name(part)
        is_file = part.get_content_disposition() == "attachment" or bool(name)
        if kind in ("text/plain", "text/html") and not is_file:
            said = decoded(_bytes(part), str(part.get_content_charset() or ""))
            (texts if kind == "text/plain" else htmls).append(said)
        elif len(files) < MOST_FILES and not kind.startswith("multipart/"):
            content = _bytes(part)
            if content:
                id = next(iter(_ID.findall(str(part.get("content-id", "")))), "")
                files.append(Attached(name or _nameless(kind), content, id))
    return "\n\n".join(texts), "\n".join(htmls), files


def _bytes(part: Message) -> bytes:
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload()
        first = inner[0] if isinstance(inner, list) and inner else None
        return first.as_bytes() if isinstance(first, Message) else b""
    try:
        content = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError):
        return b""
    return content if isinstance(content, bytes) else b""


def _file_name(part: Message) -> str:
    try:
        name = part.get_filename() or ""
    except (ValueError, LookupError, IndexError, TypeError):
        return ""
    return _line(_decoded_header(str(name)))[:200]


def _nameless(kind: str) -> str:
    ending = {"message/rfc822": ".eml", "image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "application/pdf": ".pdf",
              "text/calendar": ".ics"}.get(kind, "")  # fmt: skip
    return f"file{ending}"


def _is_automatic(headers: dict[str, str]) -> bool:
    said = headers.get("auto-submitted", "").split(";")[0].strip().lower()
    return (
        (bool(said) and said != "no")
        or headers.get("precedence", "").strip().lower() in _BULK
        or any(name in headers for name in ("x-autoreply", "x-autorespond", "list-id", "list-unsubscribe"))
        or headers.get("return-path", "").strip() == "<>"
        or headers.get("x-auto-response-suppress", "").strip().lower() in ("all", "oof")
    )


def _bounce(message: Message, headers: dict[str, str]) -> Bounce | None:
    """What a report of delivery says (RFC 3464); None for any other mail."""
    report = str(message.get_param("report-type", "") or "").lower()
    if message.get_content_type() != "multipart/report" or report != "delivery-status":
        return None
    id = address = reason = action = ""
    for part in message.walk():
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            blocks = part.get_payload()
            for block in blocks if isinstance(blocks, list) else []:
                if not isinstance(block, Message):
                    continue
                said = _headers(block)
                action = said.get("action", action).strip().lower()
                told = said.get("original-recipient") or said.get("final-recipient", "")
                address = address or told.rpartition(";")[2].strip()
                reason = (
                    said.get("diagnostic-code", "").partition(";")[2].strip()
                    or said.get("status", "")
                    or reason
                )
        elif kind == "text/rfc822-headers":
            inner = _headers(message_from_bytes(_bytes(part), policy=policy.compat32))
            id = id or next(iter(_ID.findall(inner.get("message-id", ""))), "")
        elif kind == "message/rfc822" and isinstance(whole := part.get_payload(), list):
            inner = _headers(whole[0]) if whole and isinstance(whole[0], Message) else {}
            id = id or next(iter(_ID.findall(inner.get("message-id", ""))), "")
    id = id or next(iter(_ID.findall(headers.get("in-reply-to", ""))), "")
    return Bounce(id, _line(address)[:254], _line(reason)[:500], action in ("failed", ""))


def _made_up(raw: bytes) -> str:
    """A name for a mail without one: the same whenever the same mail is read."""
    return f"{hashlib.sha256(raw).hexdigest()}@peyvand.unnamed"
