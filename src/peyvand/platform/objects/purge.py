"""The end of the bin: records that rested there long enough go for good, with all that hung on them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction

from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import Context
from peyvand.platform.events.facts import RecordPurged
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.platform.workspaces.scope import current_workspace_id

SET = 500


def purge(ctx: Context, spec: ObjectSpec, before: datetime, after_id: int = 0) -> int | None:
    """Remove one set of records that were deleted before a moment, those behind ``after_id`` in the order of their ids.

    A record that others still lean on stays. Returns the id to go on behind, or None at the end.
    """
    rows = spec.model.objects.filter(deleted_at__lt=before, id__gt=after_id).order_by("id")
    records = list(rows.select_for_update(of=("self",), skip_locked=True)[:SET])
    if records:
        perform(ctx, spec.permission("delete"), (), lambda: _remove(ctx, spec, records))
    return records[-1].pk if len(records) == SET else None


def _remove(ctx: Context, spec: ObjectSpec, records: Sequence[Any]) -> None:
    """Remove a set; where something leans on one of them, halve it until that one stands alone."""
    try:
        with transaction.atomic():
            _remove_rows(ctx, spec, [record.pk for record in records])
    except IntegrityError:
        if len(records) > 1:
            middle = len(records) // 2
            _remove(ctx, spec, records[:middle])
            _remove(ctx, spec, records[middle:])
        return
    ctx.record(*(
        RecordPurged(object=spec.key, object_id=record.pk, title=str(getattr(record, spec.title))) for record in records
    ))  # fmt: skip
    ctx.touch(spec.key, *(record.pk for record in records))


def _remove_rows(ctx: Context, spec: ObjectSpec, ids: Sequence[int]) -> None:
    for field in spec.compound_fields:
        field.store(ctx, {id: field.empty() for id in ids})
    workspace_id = current_workspace_id()
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from timeline_entry where workspace_id = %s and object = %s and object_id = any(%s)",
            [workspace_id, spec.key, list(ids)],
        )
        # PostgreSQL's own keys say what goes with a record, what merely lets go of it, and what forbids it.
        table = connection.ops.quote_name(spec.model._meta.db_table)
        statement = f"delete from {table} where workspace_id = %s and id = any(%s)"  # noqa: S608 names come from models, values are parameters
        cursor.execute(statement, [workspace_id, list(ids)])
