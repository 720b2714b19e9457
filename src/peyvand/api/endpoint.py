"""The frame of every API view: token, transaction, the answer or the problem. No cookies, so no CSRF."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import orjson
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.http import parse_header_parameters

from peyvand.api.authentication import authenticated
from peyvand.api.errors import NoSuchMethod, NotJson, Unauthenticated, Unreadable, problem_response
from peyvand.api.idempotency import once
from peyvand.api.limits import charge, spend
from peyvand.kernel.errors import Invalid, msg
from peyvand.kernel.nesting import DEEPEST, is_shallow
from peyvand.platform.actions.context import Context
from peyvand.platform.database.connections import drop_dead

SPOKEN: Final = tuple(code for code, _ in settings.LANGUAGES)


@dataclass(frozen=True, slots=True)
class Call:
    """One request of a program: its context, and what it sent."""

    request: HttpRequest
    ctx: Context

    def text(self, name: str) -> str:
        """A parameter of the address; empty where it is not given."""
        value: str = self.request.GET.get(name, "")
        if "\x00" in value:
            raise Invalid.of(msg("This text has a character that cannot be stored."), name)
        return value

    def body(self) -> dict[str, Any]:
        """The JSON object that was sent; an empty one for an empty body.

        Raises:
            NotJson, Unreadable: it is something else.
        """
        raw = self.request.body
        if not raw:
            return {}
        kind, _ = parse_header_parameters(self.request.META.get("CONTENT_TYPE", ""))
        if kind != "application/json" and not kind.endswith("+json"):
            raise NotJson
        try:
            value = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            raise Unreadable(
                msg(
                    "This is not JSON: see line %(line)s, column %(column)s.",
                    line=error.lineno,
                    column=error.colno,
                )
            ) from error
        if not isinstance(value, dict):
            raise Unreadable(msg("Send a JSON object."))
        if not is_shallow(value):
            raise Unreadable(msg("This is nested more than %(most)s deep.", most=DEEPEST))
        return value


Handler = Callable[..., HttpResponse]
View = Callable[..., HttpResponse]


def endpoint(**handlers: Handler) -> View:
    """A Django view of ``handler(call, **place)`` by method. An answer of 400 or more leaves nothing written."""

    def view(request: HttpRequest, **place: Any) -> HttpResponse:
        drop_dead()
        language = _language(request)
        spoken = language or "en"
        allowance = None
        try:
            allowance = spend(request)
            with authenticated(request, language) as ctx:
                spoken = ctx.actor.language
                handler = handlers.get(request.method or "")
                if handler is None:
                    raise NoSuchMethod(list(handlers))
                with translation.override(spoken):
                    response = _carry_out(handler, Call(request, ctx), place)
                if response.status_code >= 400:
                    transaction.set_rollback(True)
        except Exception as error:  # noqa: BLE001 whatever it is, a program gets a problem, never a page
            if isinstance(error, Unauthenticated):
                charge(request)
            response = problem_response(error, spoken, request.path)
        if allowance is not None:
            allowance.tell(response)
        return response

    view.csrf_exempt = True  # type: ignore[attr-defined]
    return view


def _carry_out(handler: Handler, call: Call, place: dict[str, Any]) -> HttpResponse:
    if call.request.method == "POST":
        return once(call.request, call.ctx, lambda: handler(call, **place))
    return handler(call, **place)


def answer(value: Any, status: int = 200, **headers: str) -> HttpResponse:
    """A JSON answer; header names are written with underscores."""
    response = HttpResponse(dumps(value), status=status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    for name, text in headers.items():
        response.headers[name.replace("_", "-")] = text
    return response


def dumps(value: Any) -> bytes:
    """JSON of values as the API writes them: instants in UTC with Z."""
    return orjson.dumps(value, option=orjson.OPT_UTC_Z)


def _language(request: HttpRequest) -> str | None:
    """The first language asked for that we speak; None where the caller names none."""
    header: str = request.META.get("HTTP_ACCEPT_LANGUAGE", "")
    for part in header.split(","):
        if (code := part.strip()[:2].lower()) in SPOKEN:
            return code
    return None
