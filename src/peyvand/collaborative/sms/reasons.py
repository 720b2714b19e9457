"""Why a message was not sent, in the reader's language: it is kept in English, for programs read it too."""

from __future__ import annotations

from typing import Final

from peyvand.kernel.errors import msgid
from peyvand.platform.outgoing.reasons import in_words

REFUSED: Final = msgid("the gateway refused it (%(status)s): %(why)s")
UNCLEAR: Final = msgid("whether it was sent is not known: %(why)s")
BROKEN_OFF: Final = msgid("sending was broken off; whether it was sent is not known")
NO_SECRET: Final = msgid("the key of the line cannot be read any more; enter it again")
NO_LINE: Final = msgid("there is no active line to send from")
NO_CONSENT: Final = msgid("the person does not consent to such messages any more")
LIMIT: Final = msgid("waits for tomorrow: today's limit of the line is reached")
TOO_LONG: Final = msgid("it has more parts than the line may send in a day")
QUIET: Final = msgid("waits for the end of the quiet hours")
NOT_DELIVERED: Final = msgid("the gateway reports that it was not delivered")
GONE: Final = msgid("the person is no longer there")


def said(reason: str) -> str:
    """A reason as people read it."""
    return in_words(
        reason,
        (
            REFUSED,
            UNCLEAR,
            BROKEN_OFF,
            NO_SECRET,
            NO_LINE,
            NO_CONSENT,
            LIMIT,
            TOO_LONG,
            QUIET,
            NOT_DELIVERED,
            GONE,
        ),
    )
