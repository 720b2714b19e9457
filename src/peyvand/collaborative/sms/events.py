"""Facts about text messages."""

from __future__ import annotations

from typing import ClassVar

from peyvand.kernel.errors import Message, msg
from peyvand.platform.events.facts import Event, fact


@fact("sms.message_written.v1", label=msg("An SMS was written"), icon="sms")
class MessageWritten(Event):
    """``title`` is the beginning of the text."""

    person_id: int | None = None

    def describe(self) -> Message:
        return msg("wrote an SMS")


@fact("sms.message_received.v1", label=msg("An SMS came in"), icon="sms")
class MessageReceived(Event):
    """``answers`` is the id of the message of ours that it answers, as far as one can tell; ``is_stop``: it only says that
    they want no more."""

    person_id: int | None = None
    answers: int | None = None
    is_stop: bool = False

    def describe(self) -> Message:
        return msg("received an SMS")


@fact("sms.message_failed.v1", label=msg("An SMS did not arrive"), icon="alert")
class MessageFailed(Event):
    implies: ClassVar[tuple[str, ...]] = ("state",)

    person_id: int | None = None
    reason: str = ""

    def describe(self) -> Message:
        return msg("could not deliver an SMS")


@fact("sms.message_delivered.v1", label=msg("An SMS was delivered"), icon="check")
class MessageDelivered(Event):
    """The gateway reports it."""

    implies: ClassVar[tuple[str, ...]] = ("state",)

    person_id: int | None = None

    def describe(self) -> Message:
        return msg("delivered an SMS")
