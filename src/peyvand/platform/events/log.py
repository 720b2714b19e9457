"""The event log, followed by position without missing late commits. Actions append to it (actions/recording.py)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from peyvand.platform.workspaces.scope import current_workspace_id


@dataclass(frozen=True)
class Recorded:
    """An event of the log with its place in it."""

    id: int
    wire: str
    object: str
    object_id: int
    actor_id: int | None
    depth: int
    at: datetime
    data: dict[str, Any]


def follow(after: int, limit: int = 1000) -> Iterator[Recorded]:
    """Events of the open workspace behind position ``after``, in order.

    Ids are taken before their transactions commit, so a later id may become visible first. Reading stops before the
    oldest transaction still running; what it writes is then read next time, and nothing is ever skipped.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select id, wire, object, object_id, actor_id, depth, at, data from event
            where workspace_id = %s and id > %s and tx < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
              and id < coalesce((select min(id) from event where workspace_id = %s and id > %s
                                 and tx >= pg_snapshot_xmin(pg_current_snapshot())::text::bigint), 9223372036854775807)
            order by id limit %s
            """,
            [current_workspace_id(), after, current_workspace_id(), after, limit],
        )
        for id, wire, object, object_id, actor_id, depth, at, data in cursor.fetchall():
            yield Recorded(id, wire, object, object_id, actor_id, depth, at, _json(data))


def _json(value: Any) -> dict[str, Any]:
    import json

    return json.loads(value) if isinstance(value, str) else dict(value)
