"""The end of the bin: records that rested there long enough go for good, with all that hung on them.

What is part of a record or only names it goes with it; records that live with it by a key that cascades are purged as
records of their own; those that were about it let go of it. hanging.py finds all of these in the models.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, models

from peyvand.kernel.errors import Conflict
from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import Context
from peyvand.platform.events.facts import RecordPurged
from peyvand.platform.files.models import File
from peyvand.platform.files.storage import forget_bytes
from peyvand.platform.objects.forgetting import forget_events
from peyvand.platform.objects.halving import by_halves
from peyvand.platform.objects.hanging import Place, custom_links, namings, places
from peyvand.platform.objects.spec import ObjectSpec, all_objects
from peyvand.platform.schema.models import RollupSource
from peyvand.platform.schema.values import forget_values
from peyvand.platform.workspaces.ledgers import forgetting
from peyvand.platform.workspaces.records import Record
from peyvand.platform.workspaces.scope import current_workspace_id

SET = 500


def purge(ctx: Context, spec: ObjectSpec, before: datetime, after_id: int = 0) -> int | None:
    """Remove one set of records that were deleted before a moment, those behind ``after_id`` in the order of their ids.

    A record that others still lean on stays. Returns the id to go on behind, or None at the end.
    """
    rows = spec.rows.filter(deleted_at__lt=before, id__gt=after_id).order_by("id")
    records = list(rows.select_for_update(of=("self",), skip_locked=True)[:SET])
    if records:
        perform(ctx, spec.permission("purge"), (), lambda: _remove(ctx, spec, records))
    return records[-1].pk if len(records) == SET else None


def purge_records(ctx: Context, spec: ObjectSpec, records: Sequence[Any]) -> int:
    """Remove records of the bin at once; return how many went. Those that others lean on stay."""
    return perform(
        ctx, spec.permission("purge"), records, lambda: purge_within(ctx, spec, [r.id for r in records])
    )


def purge_within(ctx: Context, spec: ObjectSpec, ids: Sequence[int]) -> int:
    """The same as a part of an action whose own right was asked: forgetting a person takes what hangs on them along."""
    rows = spec.rows.filter(id__in=ids, deleted_at__isnull=False).order_by("id")
    return _remove(ctx, spec, list(rows.select_for_update(of=("self",))))


def _remove(ctx: Context, spec: ObjectSpec, records: Sequence[Any]) -> int:
    """Remove a set but for those that something leans on; return how many went."""
    stay: list[Any] = []

    def remove(some: Sequence[Any]) -> None:
        ids = [record.pk for record in some]
        remove_rows(ctx, spec, ids)
        _tell(ctx, spec, ids)

    by_halves(
        ctx,
        records,
        remove,
        refusal_of=lambda error: Conflict() if isinstance(error, IntegrityError) else None,
        refuse=lambda record, _: stay.append(record),
    )
    return len(records) - len(stay)


def _tell(ctx: Context, spec: ObjectSpec, ids: Sequence[int]) -> None:
    # By its number only: what it was called goes with it.
    ctx.record(*(RecordPurged(object=spec.key, object_id=id, title=f"#{id}") for id in ids))
    ctx.touch(spec.key, *ids)


def remove_rows(ctx: Context, spec: ObjectSpec, ids: Sequence[int]) -> None:
    """Take the rows of records, and all that hangs on them, out of their tables.

    Raises:
        IntegrityError: something leans on one of them.
    """
    for other, living in _living_with(spec, ids):
        remove_rows(ctx, other, living)
        _tell(ctx, other, living)
    for field in spec.compound_fields:
        field.store(ctx, {id: field.empty() for id in ids})
    forget_values(spec.key, ids)
    forget_events(spec, ids)
    for place in (*places(spec), *namings()):
        if issubclass(place.model, Record):
            _let_go(ctx, place, spec, ids)
        elif place.kind:
            _drop(place, spec, ids)
    _unlink(ctx, spec, ids)
    # Of parts in tables of their own PostgreSQL's keys say what goes with a record, and what forbids that it goes.
    table = connection.ops.quote_name(spec.model._meta.db_table)
    with forgetting():
        _rows(
            f"delete from {table} t where t.workspace_id = %s and t.id = any(%s) returning t.id",  # noqa: S608 names come from models, values are parameters
            [current_workspace_id(), list(ids)],
        )


def _living_with(spec: ObjectSpec, ids: Sequence[int]) -> list[tuple[ObjectSpec, list[int]]]:
    """Records of other objects that go with these, because their key says so."""
    out = []
    for other in all_objects():
        links = [
            f
            for f in other.model._meta.local_concrete_fields
            if isinstance(f, models.ForeignKey)
            and f.related_model is spec.model
            and f.remote_field.on_delete is models.CASCADE
        ]
        if links and other.model is not spec.model:
            q = models.Q(*(models.Q((f"{f.attname}__in", list(ids))) for f in links), _connector=models.Q.OR)
            if living := list(other.rows.filter(q).values_list("id", flat=True)):
                out.append((other, living))
    return out


def _drop(place: Place, spec: ObjectSpec, ids: Sequence[int]) -> None:
    where, params = place.here(spec)
    what = "t.sha256" if place.model is File else "1"
    gone = _rows(
        f'delete from "{place.table}" t where {where} and t.{place.column} = any(%s) returning {what}',  # noqa: S608 names come from models, values are parameters
        [*params, list(ids)],
    )
    if place.model is File:
        forget_bytes(current_workspace_id(), {sha256 for (sha256,) in gone})


def _let_go(ctx: Context, place: Place, spec: ObjectSpec, ids: Sequence[int]) -> None:
    """Empty the links of other records to these; one that cannot be empty is left to its key, which forbids or cascades."""
    column = next(f for f in place.model._meta.local_concrete_fields if f.column == place.column)
    if not column.null:
        return
    where, params = place.here(spec)
    emptied = f"{place.kind} = '', " if place.kind else ""
    rows = _rows(
        f'update "{place.table}" t set {emptied}{place.column} = null, version = t.version + 1 '  # noqa: S608 names come from models, values are parameters
        f"where {where} and t.{place.column} = any(%s) returning t.id",
        [*params, list(ids)],
    )
    for other in all_objects():
        if other.model is place.model and rows:
            ctx.touch(
                other.key, *other.rows.filter(id__in=[id for (id,) in rows]).values_list("id", flat=True)
            )


def _unlink(ctx: Context, spec: ObjectSpec, ids: Sequence[int]) -> None:
    """Empty the workspace's own links to these records, and what roll-ups remember of them."""
    here = current_workspace_id()
    for owner, link in custom_links(spec):
        found = _rows(
            "delete from custom_value t where t.workspace_id = %s and t.field_id = %s and t.number = any(%s) returning t.object_id",
            [here, link.defined.id, list(ids)],
        )
        holders = [id for (id,) in found]
        table = connection.ops.quote_name(owner.model._meta.db_table)
        _rows(
            f"update {table} t set custom = t.custom - %s::text, version = t.version + 1 "  # noqa: S608 names come from models, values are parameters
            "where t.workspace_id = %s and t.id = any(%s) returning t.id",
            [link.key, here, holders],
        )
        ctx.touch(owner.key, *holders)
    own = [f.defined.id for f in spec.custom_fields]
    RollupSource.objects.filter(field_id__in=own, target_id__in=list(ids)).delete()


def _rows(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())
