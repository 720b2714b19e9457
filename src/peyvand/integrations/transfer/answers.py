"""Columns of a file of people that say what they answered: «رضایت ایمیل», yes or no. No fields of theirs: they become
entries of the ledger of consents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from peyvand.kernel.errors import Invalid
from peyvand.operational.consents.public import ANY, CHANNELS, EVERY_CHANNEL, GRANTED, REFUSED, STATES
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Choice, Flag, Option

_YES_OR_NO: Final = Flag(key="answer", label="answer")
# How files call them, by channel.
_HEADERS: Final[dict[str, tuple[str, ...]]] = {
    "email": ("email consent", "consent email", "email opt in", "رضایت ایمیل", "رضایت رایانامه"),
    "sms": ("sms consent", "consent sms", "sms opt in", "رضایت پیامک"),
    "phone": ("phone consent", "call consent", "phone opt in", "رضایت تلفن", "رضایت تماس"),
    "messenger": ("messenger consent", "messenger opt in", "رضایت پیام‌رسان"),
    "post": ("post consent", "postal consent", "رضایت پست"),
    ANY: ("marketing consent", "consent to contact", "رضایت ارتباط", "رضایت بازاریابی"),
}


@dataclass(frozen=True, kw_only=True)
class Answer(Choice):
    """What somebody said of one channel ("any": of every one): the word of an answer, or yes and no."""

    channel: str

    def understand(self, raw: Any, reader: Reader) -> str:
        try:
            return GRANTED if _YES_OR_NO.understand(raw, reader) else REFUSED
        except Invalid:
            return super().understand(raw, reader)


def _answer(channel: Option) -> Answer:
    return Answer(
        key=f"consent_{channel.key}", label=format_lazy("{}: {}", _("Consent"), channel.label), channel=channel.key,
        options=STATES, headers=_HEADERS[channel.key],
    )  # fmt: skip


ANSWERS: Final = {a.key: a for a in map(_answer, (*CHANNELS, EVERY_CHANNEL))}
