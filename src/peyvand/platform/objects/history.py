"""The history of a record, field by field, read from the event log: who changed what, when, from what, because of what.

The log is in the order in which things were written, and so is the history, whenever they are said to have happened.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

from peyvand.kernel.errors import NotFound
from peyvand.platform.actions.context import Context
from peyvand.platform.events.facts import RecordCreated, RecordDeleted, RecordRestored, RecordUpdated
from peyvand.platform.fields.about import About
from peyvand.platform.fields.types import Field, Ref
from peyvand.platform.identity.grants import FieldAccess
from peyvand.platform.objects.changes import value_of
from peyvand.platform.objects.records import update_record
from peyvand.platform.objects.sight import shown_refs
from peyvand.platform.objects.spec import ObjectSpec

PAGE: Final = 50
RESTORED: Final = "restore"
UNDONE: Final = "undo"
_BEGINNINGS: Final = (RecordCreated.wire, "members.user_added.v1")
_ENDS: Final = (
    RecordDeleted.wire,
    RecordRestored.wire,
    "objects.record_merged.v1",
    "objects.record_unmerged.v1",
)
_EVENT: Final = """
e.id, e.recorded_at, e.wire, e.data, e.actor_kind, coalesce(u.name, ''), coalesce(a.via, ''), e.cause_id, c.wire, a.detail
"""
_FROM: Final = """
event e left join app_user u on u.workspace_id = e.workspace_id and u.id = e.actor_id
left join audit_entry a on a.workspace_id = e.workspace_id and a.id = e.audit_id
left join event c on c.workspace_id = e.workspace_id and c.id = e.cause_id
"""


@dataclass(frozen=True)
class Cause:
    """By which door a change came: ``kind`` is web, api, job, cli, import, bulk, merge, restore, undo or automation;
    ``fact`` is the wire name of the event that led to it, if one did; ``names`` what carried it in: an import's files, the
    token of a program."""

    kind: str
    fact: str = ""
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """A field with what stood there before and after, as Field.show wants them."""

    field: Field
    old: Any
    new: Any
    # Whether the actor may put back what stood there before.
    restorable: bool = False


@dataclass(frozen=True)
class Revision:
    """One line of the log about a record. ``kind``: created, updated, deleted, restored or another fact's wire name."""

    id: int
    at: datetime
    kind: str
    who: str
    cause: Cause
    changes: tuple[Change, ...] = ()
    data: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class History:
    revisions: list[Revision]
    # The id of the event behind which the next page begins; 0 at the end.
    next: int


def fetch_history(
    ctx: Context, spec: ObjectSpec, id: int, field: str = "", before: int = 0, limit: int = PAGE
) -> History:
    """A page of the history of a record that the actor may see, newest first; of one field if it is named.

    ``before``: the id of the last event of the page before this one.
    """
    wires = [RecordUpdated.wire, *_BEGINNINGS, *_ENDS]
    where: str = "e.wire = any(%s)"
    params: list[Any] = [wires]
    if field:
        where = "(e.wire = any(%s) or (e.wire = %s and jsonb_exists(e.data->'changes', %s)))"
        params = [list(_BEGINNINGS), RecordUpdated.wire, field]
    if before:
        where, params = f"{where} and e.id < %s", [*params, before]
    rows = _events(ctx, spec, id, where, params, limit + 1)
    more, rows = len(rows) > limit, rows[:limit]
    revisions = [r for row in rows if (r := _revision(ctx, spec, row, field)) is not None]
    return History(_in_sight(ctx, revisions), rows[-1][0] if more else 0)


def as_of(
    ctx: Context, spec: ObjectSpec, id: int, now: Mapping[str, Any], moment: datetime
) -> dict[str, Any] | None:
    """The values that a record had at a moment, by field, as Field.show wants them; None: it was not there yet.

    ``now`` holds its present values; what was changed after the moment is taken back from them, the newest first.
    """
    wires = [RecordUpdated.wire, *_BEGINNINGS]
    here = ctx.actor.workspace_id
    rows = _fetch(
        "select wire, data->'changes' from event where workspace_id = %s and object = %s and object_id = %s "
        "and wire = any(%s) and recorded_at > %s order by id desc",
        [here, spec.key, id, wires, moment],
    )
    values = dict(now)
    hidden = ctx.actor.grants.hides(spec.key)
    for wire, changes in rows:
        if wire in _BEGINNINGS:
            return None
        for key, pair in (_as_json(changes) or {}).items():
            field = spec.all_fields.get(key)
            if field is not None and key in values and key not in hidden:
                values[key] = value_of(field, pair[0])
    refs = [v for v in values.values() if isinstance(v, Ref) and not v.is_unseen]
    shown = shown_refs(ctx.actor, refs)
    return {key: shown.get(v, v) if isinstance(v, Ref) else v for key, v in values.items()}


def restore_value(ctx: Context, spec: ObjectSpec, record: Any, event_id: int, key: str) -> Any:
    """Put back what stood in a field before a change of it: an ordinary update, with its permission and its rules.

    Raises:
        NotFound: the history has no such change, or the actor may not see the field.
        Invalid, RuleViolation: the value no longer holds.
    """
    field = spec.all_fields.get(key)
    if field is None or key in ctx.actor.grants.hides(spec.key):
        raise NotFound
    rows = _events(ctx, spec, record.id, "e.wire = %s and e.id = %s", [RecordUpdated.wire, event_id], 1)
    pair = _as_json(rows[0][3])["changes"].get(key) if rows else None
    if pair is None:
        raise NotFound
    return update_record(ctx, spec, record, {key: plain(field, pair[0])}, source=RESTORED)


def latest_change(ctx: Context, spec: ObjectSpec, id: int) -> int:
    """The id of the event of a record's last change, if the actor may put anything of it back; else 0."""
    rows = _events(ctx, spec, id, "e.wire = %s", [RecordUpdated.wire], 1)
    changes = _changes(ctx, spec, _as_json(rows[0][3])["changes"], "") if rows else ()
    return int(rows[0][0]) if any(change.restorable for change in changes) else 0


def take_back(ctx: Context, spec: ObjectSpec, record: Any, event_id: int, version: int) -> Any:
    """Put back all that one change replaced, as far as the actor may set it, unless the record changed again since.

    Raises:
        Conflict: it did. NotFound: the history has no such change.
        Invalid, RuleViolation: a value no longer holds.
    """
    rows = _events(ctx, spec, record.id, "e.wire = %s and e.id = %s", [RecordUpdated.wire, event_id], 1)
    if not rows:
        raise NotFound
    pairs = _as_json(rows[0][3])["changes"]
    restorable = [c.field for c in _changes(ctx, spec, pairs, "") if c.restorable]
    values = {field.key: plain(field, pairs[field.key][0]) for field in restorable}
    return update_record(ctx, spec, record, values, version=version, source=UNDONE)


def plain(field: Field, raw: Any) -> Any:
    """A value of the log as Field.parse reads it."""
    value = value_of(field, raw)
    if isinstance(value, Ref):
        return {"object": value.object, "id": value.id} if isinstance(field, About) else value.id
    return raw


def _events(
    ctx: Context, spec: ObjectSpec, id: int, where: str, params: Sequence[Any], limit: int
) -> list[tuple[Any, ...]]:
    return _fetch(
        f"select {_EVENT} from {_FROM} where e.workspace_id = %s and e.object = %s and e.object_id = %s and {where} "  # noqa: S608 its parts are constants
        "order by e.id desc limit %s",
        [ctx.actor.workspace_id, spec.key, id, *params, limit],
    )


def _revision(ctx: Context, spec: ObjectSpec, row: Sequence[Any], only: str) -> Revision | None:
    id, at, wire, data, actor_kind, who, via, cause_id, cause_wire, detail = row
    data = _as_json(data)
    kinds = {RecordUpdated.wire: "updated", RecordDeleted.wire: "deleted", RecordRestored.wire: "restored"}
    kind = "created" if wire in _BEGINNINGS else kinds.get(wire, wire)
    source = str(data.get("source") or "")
    if cause_id is not None:
        cause = Cause("automation", cause_wire or "")
    else:
        door = source.partition(".")[0] or (via if actor_kind != "system" else "job")
        cause = Cause(door, names=_names(door, _as_json(detail) or {}))
    if kind != "updated":
        return Revision(id, at, kind, who, cause, data=data)
    changes = tuple(_changes(ctx, spec, data.get("changes") or {}, only))
    return Revision(id, at, kind, who, cause, changes) if changes else None


def _names(door: str, detail: Mapping[str, Any]) -> tuple[str, ...]:
    """What the audit keeps of who or what came through this door."""
    said = detail.get("files") if door == "import" else [detail["token"]] if detail.get("token") else ()
    return tuple(map(str, said)) if isinstance(said, list) else ()


def _changes(ctx: Context, spec: ObjectSpec, changes: Mapping[str, Any], only: str) -> list[Change]:
    hidden, out = ctx.actor.grants.hides(spec.key), []
    for key, pair in changes.items():
        field = spec.all_fields.get(key)
        if field is None or key in hidden or (only and key != only):
            continue
        may = not field.readonly and ctx.actor.grants.field_access(spec.key, key) is FieldAccess.WRITE
        out.append(Change(field, value_of(field, pair[0]), value_of(field, pair[1]), may))
    return out


def _in_sight(ctx: Context, revisions: Sequence[Revision]) -> list[Revision]:
    """The revisions with no title of a linked record that the actor may not see: one query for each kind of record."""
    refs = [v for r in revisions for c in r.changes for v in (c.old, c.new) if isinstance(v, Ref)]
    shown = shown_refs(ctx.actor, refs)

    def read(value: Any) -> Any:
        return shown[value] if isinstance(value, Ref) else value

    return [
        Revision(r.id, r.at, r.kind, r.who, r.cause,
                 tuple(Change(c.field, read(c.old), read(c.new), c.restorable) for c in r.changes), r.data)
        for r in revisions
    ]  # fmt: skip


def _fetch(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def _as_json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
