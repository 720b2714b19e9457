"""Why nothing was reached, in the reader's language: it is kept in English, for programs read it too."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from django.utils.translation import gettext

from peyvand.kernel.errors import msgid

NO_ANSWER: Final = msgid("no answer within %(seconds)s seconds")
NO_ADDRESS: Final = msgid("the name %(host)s has no address")
CLOSED: Final = msgid("%(host)s is %(address)s, where nothing may be sent")


def in_words(error: str, further: Iterable[str] = ()) -> str:
    """A reason as people read it, if it is one of these or of ``further``; what the network itself said stays as it is."""
    for words in (NO_ANSWER, NO_ADDRESS, CLOSED, *further):
        # The sentence with its parts caught: «the name (.+) has no address».
        pattern = re.sub(r"%\\?\((\w+)\\?\)s", r"(?P<\1>.+)", re.escape(words))
        if found := re.fullmatch(pattern, error):
            parts = {name: f"\u2066{text}\u2069" for name, text in found.groupdict().items()}
            return gettext(words) % parts
    return error
