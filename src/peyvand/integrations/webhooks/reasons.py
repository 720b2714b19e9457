"""Why a message did not arrive, beside what the network says (`platform/outgoing/reasons`)."""

from __future__ import annotations

from typing import Final

from peyvand.kernel.errors import msgid
from peyvand.platform.outgoing import reasons

SWITCHED_OFF: Final = msgid("switched off")
UNSEEN: Final = msgid("nobody who may see this looks after the webhook any more")


def in_words(error: str) -> str:
    """A reason as people read it."""
    return reasons.in_words(error, (SWITCHED_OFF, UNSEEN))
