"""The same request of a program sent again does nothing again: it is told its first answer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse

from peyvand.api.errors import Unreadable
from peyvand.kernel.errors import Invalid, msg
from peyvand.platform.actions.context import Context
from peyvand.platform.actions.once import LONGEST, Kept, Key

HEADER: Final = "HTTP_IDEMPOTENCY_KEY"
KEPT_HEADERS: Final = ("ETag", "Location")


def once(request: HttpRequest, ctx: Context, carry_out: Callable[[], HttpResponse]) -> HttpResponse:
    """The answer of ``carry_out``, or the one given to the same request before. Without a key, simply the answer.

    Raises:
        Invalid: the key was used for another request. Unreadable: the key is malformed.
    """
    text = request.META.get(HEADER)
    if text is None:
        return carry_out()
    if not text or len(text) > LONGEST or not text.isprintable():
        raise Unreadable(msg("An Idempotency-Key has 1 to %(most)s printable characters.", most=LONGEST))
    key = Key(ctx.actor.workspace_id, ctx.actor.user_id, text)
    digest = hashlib.sha256(
        b"\n".join([str(request.method).encode(), request.get_full_path().encode(), request.body])
    ).hexdigest()
    if (kept := key.claim(digest)) is not None:
        return _again(digest, kept)
    response = carry_out()
    if response.streaming:
        # A file is read, and changed nothing: it is made again for whoever asks again.
        key.forget()
    elif response.status_code < 400:
        headers = {h: response[h] for h in KEPT_HEADERS if h in response}
        key.keep(response.status_code, {"body": response.content.decode(), "headers": headers})
    return response


def _again(digest: str, kept: Kept) -> HttpResponse:
    if digest != kept.digest:
        raise Invalid.of(
            msg("This Idempotency-Key was used for another request."), "Idempotency-Key", "reused"
        )
    response = HttpResponse(
        kept.answer["body"],
        status=kept.status,
        content_type="application/json",
        headers=kept.answer["headers"],
    )
    response["Cache-Control"] = "no-store"
    response["Idempotent-Replayed"] = "true"
    return response
