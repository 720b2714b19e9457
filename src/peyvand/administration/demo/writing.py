"""Many records that came about at moments of their own, written in one set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import F

from peyvand.kernel import clock
from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import Context
from peyvand.platform.database.bulk import update_rows
from peyvand.platform.events.facts import RecordCreated
from peyvand.platform.events.models import EventRow
from peyvand.platform.objects.records import create_records, update_records
from peyvand.platform.objects.spec import ObjectSpec


def write_down(
    ctx: Context, spec: ObjectSpec, rows: Sequence[dict[str, Any]], moments: Sequence[datetime]
) -> list[Any]:
    """Create the records as of the last of their moments; each says, on its page and its timeline, that it was made at its own."""
    if not rows:
        return []

    def write() -> list[Any]:
        made = create_records(ctx, spec, rows)
        _tell_then(ctx, spec, made, moments)
        update_rows(
            spec.model,
            ["created_at", "updated_at"],
            [(record.id, moment, moment) for record, moment in zip(made, moments, strict=True)],
        )
        for record, moment in zip(made, moments, strict=True):
            record.created_at = record.updated_at = moment
        return made

    with clock.freeze(max(moments)):
        made: list[Any] = perform(ctx, spec.permission("create"), (), write)
    # Its history tells of its making what the record itself tells.
    begun = EventRow.objects.filter(
        wire=RecordCreated.wire, object=spec.key, object_id__in=[record.id for record in made]
    )
    begun.update(recorded_at=F("at"))
    return made


def change(
    ctx: Context,
    spec: ObjectSpec,
    records: Sequence[Any],
    rows: Sequence[dict[str, Any]],
    moments: Sequence[datetime],
) -> None:
    """Change the records as of the last of their moments; their timelines say that each was changed at its own."""

    def write() -> None:
        update_records(ctx, spec, records, rows)
        _tell_then(ctx, spec, records, moments)
        update_rows(
            spec.model, ["updated_at"], [(record.id, at) for record, at in zip(records, moments, strict=True)]
        )

    with clock.freeze(max(moments)):
        perform(ctx, spec.permission("update"), records, write)


def _tell_then(ctx: Context, spec: ObjectSpec, records: Sequence[Any], moments: Sequence[datetime]) -> None:
    """What is told of the records in this writing is told as of their moments."""
    at = {(spec.key, record.id): moment for record, moment in zip(records, moments, strict=True)}
    ctx.facts[:] = [
        replace(fact, at=at[fact.object, fact.object_id]) if (fact.object, fact.object_id) in at else fact
        for fact in ctx.facts
    ]
