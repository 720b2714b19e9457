"""A kept mail as the bytes that go out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final

from django.core import signing
from django.utils import translation
from django.utils.translation import gettext

from peyvand.collaborative.mail.cleaning import html_of
from peyvand.collaborative.mail.fields import parted, written
from peyvand.collaborative.mail.models import MailAccount, MailMessage
from peyvand.platform.files.models import File
from peyvand.platform.files.storage import path_of
from peyvand.platform.workspaces.addresses import full_address

SALT: Final = "mail.unsubscribe"


def composed(message: MailMessage, account: MailAccount, files: Iterable[File], now: datetime) -> bytes:
    """The mail in full: text, the same as HTML, and its files."""
    letter = EmailMessage(policy=policy.SMTP)
    letter["From"] = written(account.name, account.address)
    letter["To"] = message.to
    if message.cc:
        letter["Cc"] = message.cc
    letter["Subject"] = message.subject
    letter["Date"] = format_datetime(now)
    letter["Message-ID"] = f"<{message.message_id}>"
    if message.in_reply_to:
        letter["In-Reply-To"] = f"<{message.in_reply_to}>"
        letter["References"] = " ".join(f"<{id}>" for id in message.references.split())
    text = message.text
    if address := unsubscribe_address(message):
        letter["List-Unsubscribe"] = f"<{address}>"
        letter["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        language = message.template.language if message.template else "fa"
        with translation.override(language):
            text = f"{text}\n\n{gettext('To unsubscribe:')}\n{address}"
    letter.set_content(text or " ", charset="utf-8", cte="base64")
    letter.add_alternative(html_of(text), subtype="html", charset="utf-8", cte="base64")
    for file in files:
        main, _, sub = file.media_type.partition("/")
        is_told = main in ("image", "audio", "video", "application") and bool(sub)
        letter.add_attachment(
            path_of(message.workspace_id, file.sha256).read_bytes(),
            maintype=main if is_told else "application",
            subtype=sub if is_told else "octet-stream",
            filename=file.name,
        )
    return letter.as_bytes()


def receivers_of(message: MailMessage) -> list[str]:
    """The bare addresses it goes to."""
    return list(dict.fromkeys(address for text in (message.to, message.cc) for _, address in parted(text)))


def unsubscribe_address(message: MailMessage) -> str | None:
    """Where its reader takes their consent back; None where it needs none, or nobody could reach this installation."""
    if message.purpose_id is None or message.person_id is None:
        return None
    token = signing.dumps([message.workspace_id, message.person_id, message.purpose_id], salt=SALT)
    return full_address(f"/unsubscribe/{token}")
