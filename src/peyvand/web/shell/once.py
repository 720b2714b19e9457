"""What is pressed has its effect once, however often it is sent: pressed twice, sent again by the browser, gone back to and
sent again.

Every form carries a token of its own beside the one against forgery (``{% csrf_token %}`` draws both); what scripts send
without a form (a button, a card that is carried, an undo) has its token in a header (``frontend/src/token.ts``). What the first
sending came to is kept with what it changed; whoever sends the same again, at the same moment too, is told the same and changes
nothing. Once anybody's rights have changed since, they are told no more than that it was recorded.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Final

import psycopg
from django.core.files.uploadedfile import UploadedFile
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse

from peyvand.kernel.errors import Conflict, msg
from peyvand.kernel.persian.calendar import format_time
from peyvand.platform.actions.context import Context
from peyvand.platform.actions.once import LONGEST, Kept, Key, has_acted
from peyvand.platform.sealing import seal, unseal
from peyvand.web.components.tags import ONE_TIME, say

# A key that a program made up is never that of a form.
_OF_FORMS: Final = "form "
_LONGEST: Final = LONGEST - len(_OF_FORMS)
# Where there is no form.
HEADER: Final = "X-One-Time"
_SEALED_FOR: Final = "answers of forms"
# A token says nothing of what is sent; that of forgery is another one in each rendering.
_NOT_SAID: Final = (ONE_TIME, "csrfmiddlewaretoken")


def is_named(request: HttpRequest) -> bool:
    """Whether the request has a token: of the form that was sent, or of what was pressed outside forms."""
    text = _token(request) if request.method == "POST" else ""
    return 0 < len(text) <= _LONGEST and text.isprintable()


def _token(request: HttpRequest) -> str:
    return request.POST.get(ONE_TIME) or request.headers.get(HEADER, "")


def once(request: HttpRequest, ctx: Context, carry_out: Callable[[], HttpResponse]) -> HttpResponse:
    """The answer of ``carry_out``, or the one that this form was given before."""
    key = Key(ctx.actor.workspace_id, ctx.actor.user_id, _OF_FORMS + _token(request))
    digest = _digest(request)
    try:
        kept = key.claim(digest)
    except OperationalError as error:
        if not isinstance(error.__cause__, psycopg.errors.QueryCanceled):
            raise
        return _told(request, Conflict(msg("This is still being done; look again in a moment.")))
    if kept is not None:
        if kept.digest != digest:
            return _used(request, ctx, kept)
        is_same = "body" in kept.answer and kept.access == ctx.actor.access_version
        return _again(kept) if is_same else _recorded(request, ctx, kept)
    response = carry_out()
    if response.streaming or (response.status_code < 400 and not has_acted()):
        # What only looked, or asked for more, may look again.
        key.forget()
    elif response.status_code < 400:
        # An answer may show a secret that is shown only once.
        body = seal(_SEALED_FOR, response.content.decode("latin-1"))
        answer = {"body": body, "headers": dict(response.headers)}
        # What a lent role showed is not kept beyond it.
        key.keep(response.status_code, answer if ctx.actor.raised is None else {})
    return response


def _again(kept: Kept) -> HttpResponse:
    body = unseal(_SEALED_FOR, kept.answer["body"]).encode("latin-1")
    return HttpResponse(body, status=kept.status, headers=kept.answer["headers"])


def _recorded(request: HttpRequest, ctx: Context, kept: Kept) -> HttpResponse:
    """Its answer may show what its sender may not see by now."""
    at = format_time(kept.at, ctx.reader.tz, ctx.reader.language)
    return _told(request, Conflict(msg("What you sent at %(time)s was recorded.", time=at), code="sent"))


def _used(request: HttpRequest, ctx: Context, kept: Kept) -> HttpResponse:
    """The form did its work and came back with something else in it: gone back to and changed, or its first answer was lost."""
    at = format_time(kept.at, ctx.reader.tz, ctx.reader.language)
    is_live = bool(request.headers.get("HX-Request"))
    further = (
        msg("Send it again to record this too.") if is_live else msg("Open the form anew to record this too.")
    )
    words = msg(
        "What you sent at %(time)s was recorded; what you changed since was not. %(further)s",
        time=at,
        further=further,
    )
    return _told(request, Conflict(words, code="sent"), renewToken=True)


def _told(request: HttpRequest, error: Conflict, **events: bool) -> HttpResponse:
    """The refusal as a toast; without scripts, as the page of the error."""
    if not request.headers.get("HX-Request"):
        raise error
    response = HttpResponse(status=error.status)
    response["HX-Trigger"] = json.dumps({"toast": {"text": say(error.message), "kind": "bad"}, **events})
    return response


def _digest(request: HttpRequest) -> str:
    """What is asked for, however it is packed: a browser packs the files of a form differently each time."""
    told = [(name, values) for name, values in request.POST.lists() if name not in _NOT_SAID]
    sent = [(name, [(file.name, _content(file)) for file in files]) for name, files in request.FILES.lists()]
    # What belongs together stays together: a value never reads as a name, nor a file as a value.
    whole = json.dumps([request.get_full_path(), told, sent])
    return hashlib.sha256(whole.encode()).hexdigest()


def _content(file: UploadedFile[bytes]) -> str:
    content = hashlib.sha256()
    for chunk in file.chunks():
        content.update(chunk)
    file.seek(0)
    return content.hexdigest()
