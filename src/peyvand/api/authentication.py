"""Who calls: a bearer token becomes an actor, and the same statement that finds it opens its workspace."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.http import HttpRequest

from peyvand.api.errors import Unauthenticated
from peyvand.api.limits import PER_MINUTE, digest_of, learn
from peyvand.kernel import clock
from peyvand.kernel.errors import NotAllowed, msg
from peyvand.platform.actions.context import Context
from peyvand.platform.database.prepared import fetch, run
from peyvand.platform.identity.actor import TENANT_COLUMNS, ActorKind, actor_from
from peyvand.platform.workspaces.scope import SETTING, adopted_scope

# How exactly the last use of a token is known: writing it at every request would make requests wait for each other.
USE_NOTED_EVERY: Final = timedelta(minutes=1)

_FIND: Final = f"""
select t.id, t.user_id, t.last_used_at is null or t.last_used_at < %s::timestamptz, t.scopes,
       (w.settings->>'{PER_MINUTE}')::int, t.name, {", ".join(f"w.{c}" for c in TENANT_COLUMNS)},
       set_config('{SETTING}', w.id::text, true)
from api_token t join workspace w on w.id = t.workspace_id
where t.token_hash = %s::text and t.revoked_at is null and (t.expires_at is null or t.expires_at > %s::timestamptz)
"""  # noqa: S608 names come from models, values are parameters
_NOTE_USE: Final = """
update api_token set last_used_at = %s::timestamptz
where id = (select id from api_token where id = %s::bigint for no key update skip locked)
"""


@contextmanager
def authenticated(request: HttpRequest, language: str | None) -> Iterator[Context]:
    """The context of the token's user, in one transaction inside their workspace's scope.

    Raises:
        Unauthenticated: no token, an unknown, expired or revoked one, or one whose user was switched off.
    """
    if not (digest := digest_of(request)):
        raise Unauthenticated(msg("Send a token: “Authorization: Bearer pv_…”."))
    now = clock.now()
    with transaction.atomic():
        rows = fetch(_FIND, [now - USE_NOTED_EVERY, digest, now])
        if not rows:
            raise Unauthenticated(msg("This token is unknown, expired or revoked."))
        token_id, user_id, unnoted, scopes, per_minute, name, *tenant, _ = rows[0]
        learn(digest, per_minute)
        if unnoted:
            run(_NOTE_USE, [now, token_id])
        with adopted_scope(tenant[0]):
            try:
                actor = actor_from(tenant, user_id, ActorKind.TOKEN)
            except NotAllowed as error:
                raise Unauthenticated(error.message) from error
            if scopes is not None:
                actor = actor.narrowed(scopes if isinstance(scopes, list) else json.loads(scopes))
            yield Context(
                actor.speaking(language or actor.language),
                "api",
                ip=request.META.get("REMOTE_ADDR") or None,
                token=name,
            )
