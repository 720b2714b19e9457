"""What was asked for once is done once: its first answer is kept in the transaction that it changed things in.

A program names its request by a key, a rendered form by the token it was rendered with. Whoever claims the same key while
the first is still running waits for its transaction, then finds its answer or takes its place.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

from peyvand.kernel import clock
from peyvand.platform.workspaces.scope import held

# Anything longer is no key.
LONGEST: Final = 200
_ACTED: Final = "acted"
_CLAIM: Final = """
insert into idempotency_key (workspace_id, user_id, key, digest, status, answer, at) values (%s, %s, %s, %s, 0, '{}', %s)
on conflict (workspace_id, user_id, key) do nothing
"""
_RECALL: Final = """
select digest, status, answer::text, at, (answer ->> 'access')::bigint from idempotency_key
where workspace_id = %s and user_id = %s and key = %s
"""
_FORGET: Final = "delete from idempotency_key where workspace_id = %s and user_id = %s and key = %s"
_KEEP: Final = """
update idempotency_key k set status = %s, answer = %s::jsonb || jsonb_build_object('access', w.access_version)
from workspace w where w.id = k.workspace_id and k.workspace_id = %s and k.user_id = %s and k.key = %s
"""


@dataclass(frozen=True)
class Kept:
    """The answer that a key's first request was given, the digest of what that request asked for, and when it did.

    ``access``: the workspace's version of rights once that was done; another by now: somebody's rights changed since."""

    digest: str
    status: int
    answer: Mapping[str, Any]
    at: datetime
    access: int | None


@dataclass(frozen=True)
class Key:
    """A key as one user of a workspace used it: in anybody else's hands it is another key."""

    workspace_id: int
    user_id: int | None
    text: str

    @property
    def _parts(self) -> list[Any]:
        return [self.workspace_id, self.user_id, self.text]

    def claim(self, digest: str) -> Kept | None:
        """Take the key for this transaction; what is kept of it where it was used before, else None."""
        with connection.cursor() as cursor:
            cursor.execute(_CLAIM, [*self._parts, digest, clock.now()])
            if cursor.rowcount:
                return None
            cursor.execute(_RECALL, self._parts)
            known, status, answer, at, access = cursor.fetchone()
        return Kept(known, status, json.loads(answer), at, access)

    def keep(self, status: int, answer: Mapping[str, Any]) -> None:
        """Give this answer to whoever claims the key again."""
        with connection.cursor() as cursor:
            cursor.execute(_KEEP, [status, json.dumps(answer), *self._parts])

    def forget(self) -> None:
        """Let the next one who claims the key be the first."""
        with connection.cursor() as cursor:
            cursor.execute(_FORGET, self._parts)


def note_act() -> None:
    """An action was carried out in the open scope: what asked for it has an effect that must not come twice."""
    if (known := held()) is not None:
        known[_ACTED] = True


def has_acted() -> bool:
    """Whether an action was carried out since the scope was opened."""
    known = held()
    return bool(known and known.get(_ACTED))
