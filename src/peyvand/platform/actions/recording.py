"""What an action leaves behind, written by one statement: its line of the audit, its events, their places on the
timelines, and the notice to live screens. It is the most frequent write of all, so it goes to the server once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from peyvand.kernel import clock
from peyvand.platform.actions.context import Context
from peyvand.platform.database.bulk import array, as_json
from peyvand.platform.database.prepared import fetch
from peyvand.platform.events.facts import Event
from peyvand.platform.live.notices import CHANNEL, MANY, notices

# More facts than this are written in several statements.
CHUNK = 5000
# The columns of audit_line.
AUDIT = ("workspace_id", "action", "object", "object_id", "count", "actor_kind", "actor_id", "actor_name", "via", "request_id", "ip",
         "at", "detail")  # fmt: skip
_RECORD = f"""
with audit as (
    insert into audit_entry ({", ".join(AUDIT)})
    select %s::bigint, %s::text, %s::text, %s::bigint, %s::int, %s::text, %s::bigint, %s::text, %s::text, %s::text, %s::text::inet,
           %s::timestamptz, %s::text::jsonb
    where %s::bigint is null
    returning id
),
facts as materialized (
    select nextval('event_id_seq') as id, wire, object, object_id, coalesce(at, %s::timestamptz) as at, data, n
    from unnest(%s::text[], %s::text[], %s::bigint[], %s::timestamptz[], %s::text[]) with ordinality f(wire, object, object_id, at, data, n)
),
events as (
    insert into event (id, workspace_id, wire, object, object_id, actor_kind, actor_id, audit_id, cause_id, depth, at, recorded_at, data)
    select f.id, %s::bigint, f.wire, f.object, f.object_id, %s::text, %s::bigint, coalesce(%s::bigint, (select id from audit)), %s::bigint,
           %s::smallint, f.at, %s::timestamptz, f.data::jsonb
    from facts f
),
entries as (
    insert into timeline_entry (workspace_id, object, object_id, at, event_id)
    select %s::bigint, e.object, e.object_id, f.at, f.id
    from facts f join unnest(%s::int[], %s::text[], %s::bigint[]) e(n, object, object_id) using (n)
),
told as materialized (select pg_notify(%s::text, notice)::text as done from unnest(%s::text[]) notice)
select (select id from audit), array(select id from facts order by n), (select count(done) from told)
"""  # noqa: S608 made of our own names


def record(
    ctx: Context,
    key: str,
    facts: Sequence[Event],
    changed: Mapping[str, list[int]],
    targets: Sequence[Any],
    detail: dict[str, Any],
) -> list[int]:
    """Write all that follows from the action ``key``; return the ids of its events, in order."""
    actor, now = ctx.actor, clock.now()
    workspace_id, kind = actor.workspace_id, actor.kind.value
    *audit, said = audit_line(ctx, key, *_subject(key, facts, changed, targets), detail, now)
    told = notices(_seen_by(facts, changed))
    audit_id = ctx.audit_id
    ids: list[int] = []
    for start in range(0, len(facts) or 1, CHUNK):
        chunk = facts[start : start + CHUNK]
        entries = [
            (n, object_key, object_id)
            for n, f in enumerate(chunk, 1)
            for object_key, object_id in dict.fromkeys(f.subjects or ((f.object, f.object_id),))
        ]
        ((made, new, _),) = fetch(
            _RECORD,
            [
                *audit, as_json(said), audit_id, now,
                array([f.wire for f in chunk], "text"), array([f.object for f in chunk], "text"),
                array([f.object_id for f in chunk], "bigint"), array([f.at for f in chunk], "timestamptz"),
                array([as_json(f.data()) for f in chunk], "text"),
                workspace_id, kind, actor.user_id, audit_id, ctx.cause_id, ctx.depth, now,
                workspace_id, *_columns(entries), CHANNEL, told,
            ],
        )  # fmt: skip
        audit_id, told = audit_id or made, []
        ids += new
    return ids


def audit_line(
    ctx: Context, key: str, object_key: str, object_id: int | None, count: int, detail: dict[str, Any], at: datetime
) -> tuple[Any, ...]:  # fmt: skip
    """What the audit says of an action, in the order of AUDIT: ``count`` records were touched, one alone is named."""
    actor = ctx.actor
    if actor.raised is not None:
        detail = {**detail, "elevation": actor.raised.id}
    if ctx.token:
        detail = {**detail, "token": ctx.token}
    return (
        actor.workspace_id, key, object_key, object_id, count, actor.kind.value, actor.user_id, actor.name, ctx.via, ctx.request_id,
        ctx.ip, at, detail,
    )  # fmt: skip


def _columns(entries: Sequence[tuple[int, str, int]]) -> list[str]:
    columns: list[Any] = list(zip(*entries, strict=True)) if entries else [()] * 3
    kinds = ("int", "text", "bigint")
    return [array(column, kind) for column, kind in zip(columns, kinds, strict=True)]


def _subject(
    key: str, facts: Sequence[Event], changed: Mapping[str, list[int]], targets: Sequence[Any]
) -> tuple[str, int | None, int]:
    """What the audit names: the object, the record where it is only one, and how many records were touched."""
    touched = [(o, i) for o, ids in changed.items() for i in ids] or [(f.object, f.object_id) for f in facts]
    named = key.partition(".")[0]
    own = [t for t in touched if t[0] == named] or touched
    object_key, object_id = own[0] if own else (named, getattr(targets[0], "id", None) if targets else None)
    return object_key, object_id if len(own) <= 1 else None, max(1, len(own))


def _seen_by(facts: Sequence[Event], changed: Mapping[str, list[int]]) -> dict[str, list[int]]:
    """The changed records, and those on whose timelines something new stands, unless there are too many to name."""
    seen = {key: list(ids) for key, ids in changed.items()}
    if len(facts) <= MANY:
        for key, id in (subject for fact in facts for subject in fact.subjects):
            if id not in seen.setdefault(key, []):
                seen[key].append(id)
    return seen
