"""What the database's own errors mean to whoever asked: too slow, held by someone else, taken, or not there just now."""

from __future__ import annotations

import psycopg
from django.db import DataError, Error, IntegrityError, InterfaceError, InternalError, OperationalError

from peyvand.kernel.errors import Conflict, Invalid, PeyvandError, msg

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
    if isinstance(error, IntegrityError | DataError):
        return _refused(error.__cause__)
    return passing(error)


def passing(error: BaseException) -> PeyvandError | None:
    """The answer to a failure that lies in the moment, not in what was sent; None for any other."""
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


def _refused(cause: BaseException | None) -> PeyvandError | None:
    """A value that must be unique, a reference, a length: what PostgreSQL holds where two requests come at once."""
    match cause:
        case psycopg.errors.UniqueViolation() if str(cause.diag.constraint_name).endswith("_external_here"):
            return Conflict(msg("Another record has this external ID already."), code="taken")
        case psycopg.errors.UniqueViolation():
            return Conflict(msg("There is a record with these values already."), code="taken")
        case psycopg.errors.ForeignKeyViolation():
            return Conflict(
                msg("Other records refer to this, or it refers to a record that is gone."), code="referenced"
            )
        case psycopg.errors.StringDataRightTruncation():
            return Invalid.of(msg("A text is too long to be kept."))
        case (
            psycopg.errors.NumericValueOutOfRange()
            | psycopg.errors.InvalidTimeZoneDisplacementValue()
            | psycopg.errors.CheckViolation()
        ):
            return Invalid.of(msg("A value is outside of what can be kept."))
        case _:
            return None
