"""Ways by which notifications reach people who do not look at the product: letters here, text messages by whoever sends
them. In the product itself everybody sees theirs; that is no channel.

    register_channel(Channel("sms", _("SMS"), send, "sms", asks="phone"))

``send(tenant, letter)`` is called outside any transaction and scope, once for each person and minute, with all that
person is to be told. What it raises has the letter tried again, a few times and ever later: it may come twice, never
not at all. ``brief(letter)`` is one line for what has no room.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext

from peyvand.kernel.persian.text import to_persian_digits, together
from peyvand.platform.identity.actor import Tenant


@dataclass(frozen=True)
class Line:
    """One thing somebody is told: a sentence in their language, and the full address of what it is about, if there is one."""

    text: str
    link: str = ""

    @property
    def plain(self) -> str:
        """The sentence where it is no page: in plain text, a title, an SMS."""
        return together(self.text)


@dataclass(frozen=True)
class Letter:
    """What one person is told by one channel; ``address`` is theirs there: their mail, or the phone they gave for it."""

    user_id: int
    name: str
    address: str
    language: str
    lines: tuple[Line, ...]
    # The page of all their notifications.
    link: str = ""
    # What it says is its reader's alone: it leaves at once, and its words are kept nowhere.
    is_secret: bool = False


@dataclass(frozen=True)
class Channel:
    key: str
    label: str | Promise
    send: Callable[[Tenant, Letter], None]
    icon: str = "mail"
    # What of a person it writes to: the mail of their user, or a phone that they give in their settings.
    asks: Literal["email", "phone"] = "email"


_channels: dict[str, Channel] = {}


def register_channel(channel: Channel) -> Channel:
    """Make a channel known; people then choose it in their settings."""
    if channel.key in _channels:
        raise ValueError(f"channel {channel.key} is declared twice")
    _channels[channel.key] = channel
    return channel


def all_channels() -> list[Channel]:
    return list(_channels.values())


def channel_named(key: str) -> Channel | None:
    return _channels.get(key)


def phone_channel() -> Channel | None:
    """The channel that writes to people's phones, where there is one."""
    return next((channel for channel in _channels.values() if channel.asks == "phone"), None)


def brief(letter: Letter) -> str:
    """What a letter says in one line, its reader's language being active: the sentence itself, or how many there are."""
    if len(letter.lines) == 1:
        return " ".join(letter.lines[0].plain.split())
    count = len(letter.lines)
    text = ngettext("%(count)s new notification", "%(count)s new notifications", count) % {"count": count}
    return f"{gettext('Peyvand')}: {to_persian_digits(text) if letter.language == 'fa' else text}"
