"""Facts about consent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from peyvand.kernel.errors import Message, msg
from peyvand.platform.events.facts import Event, fact

# What facts say of a channel; the same words as on the screen.
_CHANNELS = {
    "email": msg("E-mail"), "sms": msg("SMS"), "phone": msg("Phone"), "messenger": msg("Messenger"), "post": msg("Post"),
    "any": msg("Every channel"),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _Said(Event):
    """``purpose_id`` None is every purpose that needs consent, ``channel`` "any" every channel."""

    implies: ClassVar[tuple[str, ...]] = ("state",)

    person_id: int = 0
    channel: str = ""
    purpose_id: int | None = None
    purpose: str = ""
    source: str = ""

    @property
    def _scope(self) -> dict[str, Message | str]:
        return {
            "channel": _CHANNELS.get(self.channel, self.channel),
            "purpose": self.purpose or msg("every purpose"),
        }


@fact("consents.given.v1", label=msg("A consent was given"), icon="check")
class ConsentGiven(_Said):
    """A person may be reached."""

    expires_at: datetime | None = None

    def describe(self) -> Message:
        return msg(
            "recorded that %(title)s consents: %(channel)s, %(purpose)s", title=self.title, **self._scope
        )


@fact("consents.withdrawn.v1", label=msg("A consent was withdrawn"), icon="xc")
class ConsentWithdrawn(_Said):
    """A person may not, or no longer, be reached."""

    def describe(self) -> Message:
        return msg(
            "recorded that %(title)s refuses: %(channel)s, %(purpose)s", title=self.title, **self._scope
        )
