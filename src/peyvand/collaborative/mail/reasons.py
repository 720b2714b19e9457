"""Why mail did not go or come, in the reader's language: reasons are kept in English, for jobs find them out."""

from __future__ import annotations

from typing import Final

from peyvand.kernel.errors import msgid
from peyvand.platform.outgoing.reasons import in_words

LOGIN: Final = msgid("the server did not accept the user name and password: %(answer)s")
CERTIFICATE: Final = msgid("the certificate of %(host)s cannot be trusted: %(answer)s")
NO_TLS: Final = msgid("the server %(host)s offers no encryption")
UNREACHED: Final = msgid("the server %(host)s did not answer: %(answer)s")
REFUSED: Final = msgid("the server did not take the e-mail: %(answer)s")
NO_INBOX: Final = msgid("the mailbox has no folder for what arrives: %(answer)s")
NO_PASSWORD: Final = msgid("the password can no longer be read: type it again")
ACCOUNT_GONE: Final = msgid("its e-mail account is switched off or gone")
UNREADABLE: Final = msgid("this e-mail could not be read: %(answer)s")
TANGLED: Final = msgid(
    "what is in this e-mail is nested or cut up too much to be read; look at it in the mailbox"
)
CUT: Final = msgid("only the beginning of this e-mail is shown: there is too much of it")
NO_CONSENT: Final = msgid("its reader does not agree to advertising any more")
UNFORESEEN: Final = msgid("something unforeseen went wrong: %(answer)s")
TOO_OFTEN: Final = msgid("given up after %(count)s attempts: %(answer)s")
_ALL: Final = (
    LOGIN, CERTIFICATE, NO_TLS, UNREACHED, REFUSED, NO_INBOX, NO_PASSWORD, ACCOUNT_GONE, UNREADABLE, TANGLED, CUT, NO_CONSENT,
    UNFORESEEN, TOO_OFTEN,
)  # fmt: skip


def said(problem: str) -> str:
    """A reason as people read it; what a server itself said stays as it is."""
    return in_words(problem, _ALL)
