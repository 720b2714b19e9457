"""Custom values when records are written: their typed rows, and the refusal of what another record has already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from peyvand.kernel.errors import Invalid, Problem, msg
from peyvand.platform.access.decisions import visible
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.kinds import CustomFile
from peyvand.platform.files.models import File
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.platform.schema.values import Taken, keep_values

NAMED = 20


def keep_custom(
    ctx: Context, spec: ObjectSpec, records: Sequence[Any], changes: Sequence[Mapping[str, Any]] | None = None
) -> None:
    """Renew the typed rows of written records; ``changes`` names the fields of each that changed, None: they are new.

    Raises:
        Invalid: a unique value is another record's.
    """
    fields = spec.custom_fields
    if not fields:
        return
    if changes is None:
        touched = [r for r in records if r.custom]
    else:
        keys = {key for change in changes for key in change}
        fields = tuple(f for f in fields if f.key in keys)
        touched = [
            r for r, change in zip(records, changes, strict=True) if any(f.key in change for f in fields)
        ]
    if not fields or not touched:
        return
    values = {r.id: {f.key: f.read(r) for f in fields} for r in touched}
    if taken := keep_values(fields, values, are_new=changes is None):
        raise Invalid(_said(ctx, spec, taken, values))


def settle_files(spec: ObjectSpec, records: Sequence[Any]) -> None:
    """Name the files that records were just given, on the records themselves: one query for all.

    Raises:
        Invalid: one of them does not hang on its record.
    """
    new = [
        (record, field, value["id"])
        for field in spec.custom_fields
        if isinstance(field, CustomFile)
        for record in records
        if (value := field.read(record)) and value.get("record") != record.id
    ]
    if not new:
        return
    there = File.objects.filter(
        object=spec.key,
        object_id__in=[r.id for r, _, _ in new],
        id__in=[id for _, _, id in new],
        removed_at__isnull=True,
    )
    names = {(id, on): name for id, on, name in there.values_list("id", "object_id", "name")}
    for record, field, id in new:
        name = names.get((id, record.id))
        if name is None:
            raise Invalid.of(msg("Choose one of the record's files."), field.key, "missing")
        field.write(record, {"id": id, "name": name, "object": spec.key, "record": record.id})


def _said(
    ctx: Context, spec: ObjectSpec, taken: Sequence[Taken], values: Mapping[int, Mapping[str, Any]]
) -> list[Problem]:
    rows = visible(ctx.actor, spec.key, spec.rows.filter(id__in=[t.held_by for t in taken]))
    titles = dict(rows.values_list("id", spec.title))
    problems = []
    for one in taken[:NAMED]:
        shown = one.field.show(values[one.wanted_by][one.field.key], ctx.reader) or one.field.key
        title = titles.get(one.held_by)
        sentence = (
            msg("“%(value)s” is taken: “%(title)s” has it.", value=shown, title=str(title))
            if title
            else msg("“%(value)s” is taken by another record.", value=shown)
        )
        problems.append(Problem(one.field.key, sentence, "taken"))
    return problems
