"""Why an outside source was not read, in the reader's language: it is kept in English, for jobs find it out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from peyvand.kernel.errors import msgid
from peyvand.platform.outgoing.reasons import in_words

LOGIN: Final = msgid("the server %(host)s does not accept this user name and password")
NO_DATABASE: Final = msgid("there is no database %(name)s on this server")
NO_TABLE: Final = msgid("there is no table or view %(name)s any more")
NO_COLUMN: Final = msgid("there is no column %(name)s any more; the columns are %(columns)s")
TWICE: Final = msgid("two columns are called %(name)s; give one another name in the SELECT")
NO_RIGHT: Final = msgid("this user may not read that: %(answer)s")
NO_SELECT: Final = msgid("the server does not understand this SELECT: %(answer)s")
NO_TLS: Final = msgid("the server %(host)s offers no encryption")
CERTIFICATE: Final = msgid("the certificate of %(host)s cannot be trusted: %(answer)s")
UNREACHED: Final = msgid("the server %(host)s did not answer: %(answer)s")
CHANGED: Final = msgid("the columns are other ones: gone are %(gone)s, new are %(new)s. Look at them again")
TOO_LONG: Final = msgid("reading took longer than %(minutes)s minutes")
TOO_MANY: Final = msgid("there are more than %(rows)s rows")
TOO_LARGE: Final = msgid("there is more than %(size)s of it")
EMPTY: Final = msgid("there is nothing in the file")
NO_ROW: Final = msgid("no line of the file fits its columns")
NO_ROW_FITS: Final = msgid(
    "no line of the file fits its columns: in line %(line)s, “%(value)s” does not fit the type of the column %(column)s"
)
NO_FILE: Final = msgid("its file is not there any more; upload it again")
NO_PASSWORD: Final = msgid("the password can no longer be read: type it again")
ENDED: Final = msgid("the program that read it was ended")
LONG_ROW: Final = msgid("there is a row of more than %(size)s")
UNREADABLE: Final = msgid("the file cannot be read: %(answer)s")
# What is told of a server that may answer later contains one of these.
AWAY: Final = (" did not answer: ", " has no address")
_ALL: Final = (
    LOGIN, NO_DATABASE, NO_TABLE, NO_COLUMN, TWICE, NO_RIGHT, NO_SELECT, NO_TLS, CERTIFICATE, UNREACHED, CHANGED, TOO_LONG,
    TOO_MANY, TOO_LARGE, EMPTY, NO_ROW, NO_ROW_FITS, NO_FILE, NO_PASSWORD, ENDED, LONG_ROW, UNREADABLE,
)  # fmt: skip


class NotTaken(Exception):
    """A source could not be read; the text is one of these reasons. ``refused``: the first lines that are no rows, of
    ``refused_count``."""

    def __init__(
        self, reason: str, refused: Sequence[Mapping[str, Any]] = (), refused_count: int = 0
    ) -> None:
        super().__init__(reason)
        self.refused = list(refused)
        self.refused_count = refused_count


def said(problem: str) -> str:
    """A reason as people read it; what a server itself said stays as it is."""
    return in_words(problem, _ALL)
