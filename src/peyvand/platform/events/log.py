"""The event log: appended to in the transaction of the change, followed by position without missing late commits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from peyvand.kernel import clock
from peyvand.platform.database.bulk import array, as_json
from peyvand.platform.database.prepared import fetch
from peyvand.platform.events.facts import Event
from peyvand.platform.identity.actor import Actor
from peyvand.platform.workspaces.scope import current_workspace_id

# More facts than this are written in several statements.
CHUNK = 5000
_APPEND = """
with ids as (select n, nextval('event_id_seq') as id from generate_series(1, %s::int) n),
facts as (
    insert into event (id, workspace_id, wire, object, object_id, actor_kind, actor_id, audit_id, cause_id, depth, at, recorded_at, data)
    select ids.id, %s::bigint, f.wire, f.object, f.object_id, %s::text, %s::bigint, %s::bigint, %s::bigint, %s::smallint, f.at,
           %s::timestamptz, f.data::jsonb
    from ids join unnest(%s::text[], %s::text[], %s::bigint[], %s::timestamptz[], %s::text[]) with ordinality
        f(wire, object, object_id, at, data, n) using (n)
),
entries as (
    insert into timeline_entry (workspace_id, object, object_id, at, event_id)
    select %s::bigint, e.object, e.object_id, e.at, ids.id
    from ids join unnest(%s::int[], %s::text[], %s::bigint[], %s::timestamptz[]) e(n, object, object_id, at) using (n)
)
select id from ids order by n
"""


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


def append(
    actor: Actor, facts: Sequence[Event], *, audit_id: int | None, cause_id: int | None, depth: int
) -> list[int]:
    """Write facts and their timeline entries, in one statement; return their ids in order."""
    workspace_id, now = current_workspace_id(), clock.now()
    ids: list[int] = []
    for start in range(0, len(facts), CHUNK):
        chunk = facts[start : start + CHUNK]
        places = [
            (n, object_key, object_id, f.at or now)
            for n, f in enumerate(chunk, 1)
            for object_key, object_id in dict.fromkeys(f.subjects or ((f.object, f.object_id),))
        ]
        rows = fetch(
            _APPEND,
            [
                len(chunk), workspace_id, actor.kind.value, actor.user_id, audit_id, cause_id, depth, now,
                array([f.wire for f in chunk], "text"), array([f.object for f in chunk], "text"),
                array([f.object_id for f in chunk], "bigint"), array([f.at or now for f in chunk], "timestamptz"),
                array([as_json(f.data()) for f in chunk], "text"),
                workspace_id, *map(array, zip(*places, strict=True), ("int", "text", "bigint", "timestamptz")),
            ],
        )  # fmt: skip
        ids += [row[0] for row in rows]
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
        for id, wire, object, object_id, actor_id, depth, at, data in cursor.fetchall():
            yield Recorded(id, wire, object, object_id, actor_id, depth, at, _json(data))


def _json(value: Any) -> dict[str, Any]:
    import json

    return json.loads(value) if isinstance(value, str) else dict(value)
