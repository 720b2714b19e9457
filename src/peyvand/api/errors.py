"""Every failure as an answer for programs: RFC 9457 problem details, with sentences in the caller's language."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpResponse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from peyvand.kernel.errors import (
    Invalid,
    NotFound,
    PeyvandError,
    Problem,
    RuleViolation,
    msg,
)
from peyvand.platform.database.failures import explained
from peyvand.platform.fields.reader import said

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: _("The request could not be understood"),
    401: _("A valid token is needed"),
    403: _("Not allowed"),
    404: _("Not found"),
    405: _("Not possible here"),
    409: _("Conflict"),
    412: _("Changed meanwhile"),
    413: _("Too large"),
    415: _("Not JSON"),
    422: _("Something needs correcting"),
    429: _("Too many requests"),
    500: _("Something went wrong on our side"),
    503: _("The database is not reachable just now"),
}


class Unreadable(PeyvandError):
    """The body is not the JSON that was expected."""

    status = 400
    code = "unreadable"


class Unauthenticated(PeyvandError):
    """There is no token, or it is not valid."""

    status = 401
    code = "unauthenticated"


class NoSuchMethod(PeyvandError):
    """The address exists, but not for this method."""

    status = 405
    code = "method"

    def __init__(self, allowed: Sequence[str]) -> None:
        super().__init__(msg("This address does not take this method."))
        self.allowed = ", ".join(allowed)


class Stale(PeyvandError):
    """The record is not of the version that If-Match named."""

    status = 412
    code = "stale"

    def __init__(self) -> None:
        super().__init__(msg("This was changed by someone else meanwhile."))


class TooMany(PeyvandError):
    """More requests than the token or the address may send in a minute."""

    status = 429
    code = "rate_limited"

    def __init__(self, seconds: int) -> None:
        super().__init__(msg("Too many requests. Go on in %(seconds)s seconds.", seconds=seconds))
        self.seconds = seconds


class TooLarge(PeyvandError):
    """The body is larger than what is taken."""

    status = 413
    code = "too_large"


class NotJson(PeyvandError):
    """The body is of another media type."""

    status = 415
    code = "media_type"

    def __init__(self) -> None:
        super().__init__(msg("Send JSON, with Content-Type: application/json."))


def as_answer(error: Exception) -> PeyvandError | None:
    """The error as one that is an answer to the caller; None for a defect of ours."""
    match error:
        case PeyvandError():
            return error
        case Http404():
            return NotFound()
        case RequestDataTooBig():
            return TooLarge(msg("This request is too large."))
        case SuspiciousOperation():
            return Unreadable(msg("This request is malformed."))
        case _:
            return explained(error)


def problems_of(error: PeyvandError) -> tuple[Problem, ...]:
    """What is wrong, field by field, where the error says it."""
    if isinstance(error, Invalid):
        return error.problems
    if isinstance(error, RuleViolation):
        return (Problem(error.field, error.message, error.code),)
    return ()


def errors_json(error: PeyvandError) -> list[dict[str, Any]]:
    """The problems as they stand in answers, in the active language."""
    return [{"field": p.field, "code": p.code, "message": said(p.message)} for p in problems_of(error)]


def problem_response(error: Exception, language: str, place: str) -> HttpResponse:
    """The answer for an exception; ``place`` is the address, for the log."""
    answer = as_answer(error)
    with translation.override(language):
        if answer is not None:
            response = problem_of(answer)
            if answer.status == 503:
                log.warning("request failed for want of the database (%s) %s", error, place)
                response["Retry-After"] = "3"
            return response
        reference = uuid.uuid4().hex[:8]
        log.error("request failed (%s) %s", reference, place, exc_info=error)
        sentence = msg(
            "Nothing was saved. Give this number to your administrator: %(reference)s.", reference=reference
        )
        return _problem(500, "failure", said(sentence))


def problem_of(error: PeyvandError, **more: Any) -> HttpResponse:
    """An error as a problem in the active language; ``more`` are further members."""
    return _problem(error.status, error.code, said(error.message), error, more)


def _problem(
    status: int,
    code: str,
    detail: str,
    error: PeyvandError | None = None,
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    body = {"type": f"urn:peyvand:problem:{code}", "title": str(TITLES.get(status, TITLES[500])), "status": status,
            "detail": detail, "code": code}  # fmt: skip
    if error is not None and (errors := errors_json(error)):
        body["errors"] = errors
    body |= more or {}
    response = HttpResponse(orjson.dumps(body), status=status, content_type=MEDIA_TYPE)
    if isinstance(error, Unauthenticated):
        response["WWW-Authenticate"] = 'Bearer realm="Peyvand"'
    if isinstance(error, TooMany):
        response["Retry-After"] = str(error.seconds)
    if isinstance(error, NoSuchMethod):
        response["Allow"] = error.allowed
    return response
