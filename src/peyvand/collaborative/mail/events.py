"""Facts about mail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from peyvand.kernel.errors import Message, msg
from peyvand.platform.events.facts import Event, fact


@fact("mail.message_sent.v1", label=msg("An e-mail was sent"), icon="mail")
class MessageSent(Event):
    """The mail server took it. ``person_id``: whom it was written to, None where nobody is known; ``by``: who wrote it in another
    program, as they call themselves."""

    implies: ClassVar[tuple[str, ...]] = ("state",)
    tells: ClassVar[Mapping[str, str]] = {"by": "sender"}

    by: str = ""
    person_id: int | None = None

    def told_by(self) -> str:
        return self.by

    def describe(self) -> Message:
        return msg("sent the e-mail %(title)s", title=self.title)


@fact("mail.message_received.v1", label=msg("An e-mail arrived"), icon="mail")
class MessageReceived(Event):
    """Somebody known wrote. ``answers``: id of our message that it answers; ``is_automatic``: a machine wrote it;
    ``by``: who wrote it, as they call themselves."""

    tells: ClassVar[Mapping[str, str]] = {"by": "sender"}

    by: str = ""
    person_id: int | None = None
    answers: int | None = None
    is_automatic: bool = False

    def told_by(self) -> str:
        return self.by

    def describe(self) -> Message:
        return msg("received the e-mail %(title)s", title=self.title)


@fact("mail.message_bounced.v1", label=msg("An e-mail came back"), icon="alert")
class MessageBounced(Event):
    """The receiver's server did not take it."""

    implies: ClassVar[tuple[str, ...]] = ("state", "problem")

    person_id: int | None = None
    message_id: int = 0
    reason: str = ""

    def describe(self) -> Message:
        return msg("could not deliver the e-mail %(title)s", title=self.title)


@fact("mail.message_failed.v1", label=msg("An e-mail could not be sent"), icon="alert")
class MessageFailed(Event):
    """It was given up."""

    implies: ClassVar[tuple[str, ...]] = ("state", "problem")

    person_id: int | None = None
    reason: str = ""

    def describe(self) -> Message:
        return msg("could not send the e-mail %(title)s", title=self.title)


@fact("mail.message_cancelled.v1", label=msg("An e-mail was called back"), icon="xc")
class MessageCancelled(Event):
    """It was taken back before it went."""

    implies: ClassVar[tuple[str, ...]] = ("state",)

    def describe(self) -> Message:
        return msg("called back the e-mail %(title)s", title=self.title)
