"""Why a message did not arrive, in the reader's language: it is kept in English, for programs read it too."""

from __future__ import annotations

import re
from typing import Final

from django.utils.translation import gettext

from peyvand.kernel.errors import msgid

NO_ANSWER: Final = msgid("no answer within %(seconds)s seconds")
NO_ADDRESS: Final = msgid("the name %(host)s has no address")
CLOSED: Final = msgid("%(host)s is %(address)s, where messages may not be sent")
SWITCHED_OFF: Final = msgid("switched off")
UNSEEN: Final = msgid("nobody who may see this looks after the webhook any more")
# What each says, with its parts caught: «the name (.+) has no address».
_SAID: Final = {
    words: re.compile(re.sub(r"%\\?\((\w+)\\?\)s", r"(?P<\1>.+)", re.escape(words)))
    for words in (NO_ANSWER, NO_ADDRESS, CLOSED, SWITCHED_OFF, UNSEEN)
}


def in_words(error: str) -> str:
    """A reason as people read it; one that came from the network itself stays as it is."""
    for words, pattern in _SAID.items():
        if found := pattern.fullmatch(error):
            parts = {name: f"\u2066{text}\u2069" for name, text in found.groupdict().items()}
            return gettext(words) % parts
    return error
