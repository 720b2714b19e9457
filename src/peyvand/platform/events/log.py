"""The event log: appended to in the transaction of the change, followed by position without missing late commits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from peyvand.kernel import clock
from peyvand.platform.database.bulk import insert_rows, next_ids
from peyvand.platform.events.facts import Event
from peyvand.platform.events.models import EventRow, TimelineEntry
from peyvand.platform.identity.actor import Actor
from peyvand.platform.workspaces.scope import current_workspace_id

_EVENT_COLUMNS = (
    "id", "workspace_id", "wire", "object", "object_id", "actor_kind", "actor_id", "audit_id", "cause_id", "depth",
    "at", "recorded_at", "data",
)  # fmt: skip
_ENTRY_COLUMNS = ("workspace_id", "object", "object_id", "at", "event_id")


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


def append(actor: Actor, facts: Sequence[Event], *, audit_id: int | None, cause_id: int | None, depth: int) -> list[int]:
    """Write facts and their timeline entries, in two statements; return their ids in order."""
    if not facts:
        return []
    workspace_id, now = current_workspace_id(), clock.now()
    ids = next_ids(EventRow, len(facts))
    insert_rows(
        EventRow,
        _EVENT_COLUMNS,
        (
            (id, workspace_id, f.wire, f.object, f.object_id, actor.kind.value, actor.user_id, audit_id, cause_id, depth,
             f.at or now, now, f.data())
            for id, f in zip(ids, facts, strict=True)
        ),
    )  # fmt: skip
    insert_rows(
        TimelineEntry,
        _ENTRY_COLUMNS,
        (
            (workspace_id, object_key, object_id, f.at or now, id)
            for id, f in zip(ids, facts, strict=True)
            for object_key, object_id in dict.fromkeys(f.subjects or ((f.object, f.object_id),))
        ),
    )
    return ids


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
        for row in cursor.fetchall():
            yield Recorded(*row[:7], data=_json(row[7]))


def _json(value: Any) -> dict[str, Any]:
    import json

    return json.loads(value) if isinstance(value, str) else dict(value)
