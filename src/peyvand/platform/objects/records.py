"""Creating, changing, deleting and restoring records of any object, in sets: a single write is a set of one.

Each is an action ("person.create"): permission, events, audit and search follow from platform.actions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import models

from peyvand.kernel import clock
from peyvand.kernel.errors import Conflict, Invalid, NotAllowed, Problem, msg
from peyvand.platform.actions.action import on_change, perform
from peyvand.platform.actions.context import Context
from peyvand.platform.access.decisions import visible
from peyvand.platform.database.bulk import insert_rows, next_ids, update_rows
from peyvand.platform.events.facts import RecordCreated, RecordDeleted, RecordRestored, RecordUpdated
from peyvand.platform.fields.types import Compound, Field, Link, Ref
from peyvand.platform.identity.grants import FieldAccess
from peyvand.platform.objects.spec import ObjectSpec, find_object, object_named
from peyvand.platform.search import index

Values = Mapping[str, Any]


def clean(ctx: Context, spec: ObjectSpec, raw: Values, *, partial: bool = False) -> dict[str, Any]:
    """Typed values from what was typed or sent, by field key. ``partial``: only what is given, for an update.

    Raises:
        Invalid: every field that is wrong, with its reason.
    """
    problems: list[Problem] = []
    values: dict[str, Any] = {}
    for key in raw:
        if key not in spec.all_fields:
            problems.append(Problem(key, msg("There is no field “%(name)s”.", name=key), "unknown"))
    for key, field in spec.all_fields.items():
        if key not in raw:
            if not partial and not field.readonly:
                if field.default is not None:
                    values[key] = field.default() if callable(field.default) else field.default
                elif field.required:
                    problems.append(Problem(key, msg("This is required."), "required"))
            continue
        if field.readonly or ctx.actor.grants.field_access(spec.key, key) is not FieldAccess.WRITE:
            problems.append(Problem(key, msg("This cannot be changed here."), "readonly"))
            continue
        try:
            values[key] = field.parse(raw[key], ctx.reader)
        except Invalid as error:
            problems += error.at(key).problems
            continue
        if field.required and values[key] in (None, "", ()):
            problems.append(Problem(key, msg("This is required."), "required"))
    if not problems:
        problems = missing_links(ctx, spec, [values])[0]
    if problems:
        raise Invalid(problems)
    return values


def missing_links(ctx: Context, spec: ObjectSpec, rows: Sequence[Values]) -> list[list[Problem]]:
    """For each row, its links that lead to nothing the actor may see: one query for each link field, in sets."""
    problems: list[list[Problem]] = [[] for _ in rows]
    for field in spec.all_fields.values():
        if not isinstance(field, Link):
            continue
        asked = {row[field.key] for row in rows if row.get(field.key) is not None}
        linked = find_object(field.to)
        if not asked or linked is None:
            continue
        seen = visible(ctx.actor, linked.key, linked.model.objects.filter(id__in=asked, deleted_at__isnull=True))
        found = set(seen.values_list("id", flat=True))
        for place, row in enumerate(rows):
            if row.get(field.key) is not None and row[field.key] not in found:
                problems[place].append(Problem(field.key, msg("This record does not exist or you may not see it."), "missing"))
    return problems


def create_record(ctx: Context, spec: ObjectSpec, raw: Values) -> Any:
    """Create one record from what was typed or sent; return it."""
    return create_records(ctx, spec, [clean(ctx, spec, raw)])[0]


def create_records(ctx: Context, spec: ObjectSpec, rows: Sequence[Values], *, source: str = "") -> list[Any]:
    """Create records from cleaned values, in a few statements however many; return them in order."""

    def write() -> list[Any]:
        now = clock.now()
        records = []
        for id, values in zip(next_ids(spec.model, len(rows)), rows, strict=True):
            record = spec.model(id=id, created_at=now, updated_at=now, created_by_id=ctx.actor.user_id, workspace_id=ctx.actor.workspace_id)
            _assign(spec, record, values)
            if spec.can_own and "owner" not in values:
                record.owner_id = ctx.actor.user_id  # type: ignore[attr-defined]
            records.append(record)
        if spec.prepare:
            spec.prepare(ctx, records, rows)
        columns = [f.attname for f in spec.model._meta.local_concrete_fields if not f.generated]
        insert_rows(spec.model, columns, ([getattr(r, c) for c in columns] for r in records))
        _store_compounds(ctx, spec, records, rows)
        if spec.after:
            spec.after(ctx, records, rows, True)
        ctx.record(*(RecordCreated(object=spec.key, object_id=r.id, title=str(getattr(r, spec.title)), subjects=subjects(spec, r), source=source) for r in records))
        ctx.touch(spec.key, *(r.id for r in records))
        return records

    return perform(ctx, spec.permission("create"), (), write)


def update_record(ctx: Context, spec: ObjectSpec, record: Any, raw: Values, *, version: int | None = None) -> Any:
    """Change one record by what was typed or sent; return it. ``version``: the one the change was made upon.

    Raises:
        Conflict: the record has another version by now.
        Invalid: a value is wrong.
    """
    if version is not None and record.version != version:
        raise Conflict()
    return update_records(ctx, spec, [record], [clean(ctx, spec, raw, partial=True)])[0]


def update_records(ctx: Context, spec: ObjectSpec, records: Sequence[Any], rows: Sequence[Values]) -> Sequence[Any]:
    """Set cleaned values on records, row by row, in a few statements; unchanged records stay untouched."""

    def write() -> Sequence[Any]:
        old = [_snapshot(spec, record, values) for record, values in zip(records, rows, strict=True)]
        compounds = _loaded_compounds(spec, records, rows)
        for record, values in zip(records, rows, strict=True):
            _assign(spec, record, values)
        if spec.prepare:
            spec.prepare(ctx, records, rows)
        changed: list[tuple[Any, dict[str, Any], Values]] = []
        for record, values, before in zip(records, rows, old, strict=True):
            changes = _changes(spec, record, before) | _compound_changes(values, compounds.get(record.id, {}))
            if changes:
                changed.append((record, changes, values))
        if not changed:
            return records
        now = clock.now()
        for record, _, _ in changed:
            record.version += 1
            record.updated_at = now
        _save(spec, [record for record, _, _ in changed])
        _store_compounds(ctx, spec, [r for r, _, _ in changed], [v for _, _, v in changed])
        if spec.after:
            spec.after(ctx, [r for r, _, _ in changed], [v for _, _, v in changed], False)
        ctx.record(*(
            RecordUpdated(object=spec.key, object_id=r.id, title=str(getattr(r, spec.title)), subjects=subjects(spec, r), changes=c)
            for r, c, _ in changed
        ))  # fmt: skip
        ctx.touch(spec.key, *(r.id for r, _, _ in changed))
        return records

    return perform(ctx, spec.permission("update"), records, write)


def delete_records(ctx: Context, spec: ObjectSpec, records: Sequence[Any]) -> None:
    """Move records to the bin, from which they can be restored."""

    def write() -> None:
        now = clock.now()
        spec.model.objects.filter(id__in=[r.id for r in records]).update(deleted_at=now, version=models.F("version") + 1)
        ctx.record(*(RecordDeleted(object=spec.key, object_id=r.id, title=str(getattr(r, spec.title)), subjects=subjects(spec, r)) for r in records))
        ctx.touch(spec.key, *(r.id for r in records))

    if not spec.has_bin:
        raise NotAllowed()
    perform(ctx, spec.permission("delete"), records, write)


def restore_records(ctx: Context, spec: ObjectSpec, records: Sequence[Any]) -> None:
    """Take records out of the bin."""

    def write() -> None:
        spec.model.objects.filter(id__in=[r.id for r in records]).update(deleted_at=None, version=models.F("version") + 1)
        ctx.record(*(RecordRestored(object=spec.key, object_id=r.id, title=str(getattr(r, spec.title)), subjects=subjects(spec, r)) for r in records))
        ctx.touch(spec.key, *(r.id for r in records))

    perform(ctx, spec.permission("delete"), records, write)


def subjects(spec: ObjectSpec, record: Any) -> tuple[tuple[str, int], ...]:
    """The record and those it links to, on whose timelines a fact about it belongs."""
    linked = ((f.to, getattr(record, f.column)) for f in spec.timeline_links)
    about = ((record.about_object, record.about_id),) if getattr(record, "about_object", "") else ()
    return ((spec.key, record.id), *((key, id) for key, id in (*linked, *about) if id is not None))


@on_change
def reindex(ctx: Context, object_key: str, ids: Sequence[int]) -> None:
    """Renew what the search knows of changed records."""
    spec = find_object(object_key)
    if spec is None or not spec.in_search or not ids:
        return
    fields = [f for f in spec.stored_fields if f.search]
    paths = [c for f in fields for c in f.columns()[-1:]]
    subtitle = spec.field(spec.subtitle).columns()[-1] if spec.subtitle else None
    owner = ["owner_id"] if spec.can_own else []
    rows = list(
        spec.model.objects.filter(id__in=ids, deleted_at__isnull=True)
        .values_list("id", spec.title, *(subtitle,) if subtitle else (), *owner, *paths)
    )
    found = [f for f in spec.compound_fields if f.search]
    compounds = [(f, f.load([row[0] for row in rows])) for f in found]
    documents = []
    for row in rows:
        at = 2 + (1 if subtitle else 0) + len(owner)
        words = tuple(str(v) for v in row[at:] if v)
        words += tuple(text for f, loaded in compounds if (text := f.search_text(loaded.get(row[0], ()))))
        documents.append(index.Document(row[0], str(row[1] or ""), str(row[2] or "") if subtitle else "", words, row[at - 1] if owner else None))
    index.put(object_key, documents)
    gone = set(ids) - {row[0] for row in rows}
    if gone:
        index.remove(object_key, gone)


def _assign(spec: ObjectSpec, record: Any, values: Values) -> None:
    for key, value in values.items():
        field = spec.field(key)
        if not field.is_compound:
            setattr(record, field.column, None if key == "external_id" and not value else value)


def _snapshot(spec: ObjectSpec, record: Any, values: Values) -> dict[str, Any]:
    return {f.key: getattr(record, f.column) for f in spec.stored_fields}


def _changes(spec: ObjectSpec, record: Any, before: Mapping[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for field in spec.stored_fields:
        new = getattr(record, field.column)
        if new != before[field.key] and field.key != "updated_at":
            out[field.key] = [field.to_json(before[field.key]), field.to_json(new)]
    return out


def _loaded_compounds(spec: ObjectSpec, records: Sequence[Any], rows: Sequence[Values]) -> dict[int, dict[str, Any]]:
    out: dict[int, dict[str, Any]] = {r.id: {} for r in records}
    for field in spec.compound_fields:
        ids = [r.id for r, values in zip(records, rows, strict=True) if field.key in values]
        if ids:
            loaded = field.load(ids)
            for id in ids:
                out[id][field.key] = loaded.get(id, field.empty())
    return out


def _compound_changes(values: Values, before: Mapping[str, Any]) -> dict[str, Any]:
    return {key: [old, values[key]] for key, old in before.items() if old != values[key]}


def _store_compounds(ctx: Context, spec: ObjectSpec, records: Sequence[Any], rows: Sequence[Values]) -> None:
    for field in spec.compound_fields:
        given = {r.id: values[field.key] for r, values in zip(records, rows, strict=True) if field.key in values}
        if given:
            field.store(ctx, given)


def _save(spec: ObjectSpec, records: Sequence[Any]) -> None:
    skip = {"id", "workspace_id", "created_at", "created_by_id", "deleted_at"}
    columns = [f.attname for f in spec.model._meta.local_concrete_fields if not f.generated and f.attname not in skip]
    update_rows(spec.model, columns, ((r.id, *(getattr(r, c) for c in columns)) for r in records))


def as_field_value(field: Field, record: Any) -> Any:
    """The value of a field on a loaded record, as Field.show and to_json want it."""
    if isinstance(field, Compound):
        return field.load([record.id]).get(record.id, field.empty())
    value = getattr(record, field.column)
    if isinstance(field, Link) and value is not None:
        linked = object_named(field.to)
        title = linked.model.everywhere.filter(id=value).values_list(linked.title, flat=True).first()
        return Ref(field.to, value, str(title or ""))
    return value
