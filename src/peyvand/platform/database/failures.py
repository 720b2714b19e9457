"""What the database's own errors mean to whoever asked: too slow, held by someone else, or not there just now."""

from __future__ import annotations

import psycopg
from django.db import Error, InterfaceError, InternalError, OperationalError

from peyvand.kernel.errors import Conflict, PeyvandError, msg

_HELD = (
    psycopg.errors.LockNotAvailable,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
)


class TooSlow(PeyvandError):
    """The question would have taken longer than anyone may hold the database."""

    status = 422
    code = "too_slow"

    def __init__(self) -> None:
        super().__init__(
            msg("This question took too long. Ask for less: a narrower condition or a shorter period.")
        )


class Unavailable(PeyvandError):
    """The database does not answer, or went away meanwhile; what was not acknowledged was not saved."""

    status = 503
    code = "unavailable"

    def __init__(self) -> None:
        super().__init__(msg("Nothing was saved, nothing is lost. Try again in a moment."))


def explained(error: BaseException) -> PeyvandError | None:
    """The answer that a database error is; None where the fault is ours or it is no such error."""
    if not isinstance(error, Error):
        return None
    cause = error.__cause__
    if isinstance(cause, psycopg.errors.QueryCanceled):
        return TooSlow()
    if isinstance(cause, _HELD):
        return Conflict(msg("Someone else is changing this right now. Try again in a moment."), code="busy")
    ended = isinstance(error, InternalError) and isinstance(
        cause, psycopg.errors.IdleInTransactionSessionTimeout
    )
    return Unavailable() if ended or isinstance(error, OperationalError | InterfaceError) else None
