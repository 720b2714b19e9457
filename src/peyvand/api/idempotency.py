"""The same request sent again does nothing again: its first answer is kept in the transaction that it changed things in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Final

from django.db import connection
from django.http import HttpRequest, HttpResponse

from peyvand.api.errors import Unreadable
from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, msg
from peyvand.platform.actions.context import Context

HEADER: Final = "HTTP_IDEMPOTENCY_KEY"
LONGEST: Final = 200
KEPT_HEADERS: Final = ("ETag", "Location")

# A second request with the key waits here for the first one's transaction, then finds its answer or takes its place.
_CLAIM: Final = """
insert into idempotency_key (workspace_id, user_id, key, digest, status, answer, at) values (%s, %s, %s, %s, 0, '{}', %s)
on conflict (workspace_id, user_id, key) do nothing
"""
_RECALL: Final = "select digest, status, answer::text from idempotency_key where workspace_id = %s and user_id = %s and key = %s"
_FORGET: Final = "delete from idempotency_key where workspace_id = %s and user_id = %s and key = %s"
_KEEP: Final = "update idempotency_key set status = %s, answer = %s where workspace_id = %s and user_id = %s and key = %s"


def once(request: HttpRequest, ctx: Context, carry_out: Callable[[], HttpResponse]) -> HttpResponse:
    """The answer of ``carry_out``, or the one given to the same request before. Without a key, simply the answer.

    Raises:
        Invalid: the key was used for another request. Unreadable: the key is malformed.
    """
    key = request.META.get(HEADER)
    if key is None:
        return carry_out()
    if not key or len(key) > LONGEST or not key.isprintable():
        raise Unreadable(msg("An Idempotency-Key has 1 to %(most)s printable characters.", most=LONGEST))
    mine = [ctx.actor.workspace_id, ctx.actor.user_id, key]
    digest = hashlib.sha256(
        b"\n".join([str(request.method).encode(), request.get_full_path().encode(), request.body])
    ).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [*mine, digest, clock.now()])
        if cursor.rowcount == 0:
            cursor.execute(_RECALL, mine)
            return _again(digest, *cursor.fetchone())
    response = carry_out()
    if response.streaming:
        # A file is read, and changed nothing: it is made again for whoever asks again.
        with connection.cursor() as cursor:
            cursor.execute(_FORGET, mine)
    elif response.status_code < 400:
        kept = {
            "body": response.content.decode(),
            "headers": {h: response[h] for h in KEPT_HEADERS if h in response},
        }
        with connection.cursor() as cursor:
            cursor.execute(_KEEP, [response.status_code, json.dumps(kept), *mine])
    return response


def _again(digest: str, kept_digest: str, status: int, answer: str) -> HttpResponse:
    if digest != kept_digest:
        raise Invalid.of(
            msg("This Idempotency-Key was used for another request."), "Idempotency-Key", "reused"
        )
    kept = json.loads(answer)
    response = HttpResponse(
        kept["body"], status=status, content_type="application/json", headers=kept["headers"]
    )
    response["Cache-Control"] = "no-store"
    response["Idempotent-Replayed"] = "true"
    return response
