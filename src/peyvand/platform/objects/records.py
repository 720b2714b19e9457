"""Creating, changing, deleting and restoring records of any object, in sets: a single write is a set of one.

Each is an action ("person.create"): permission, events, audit and search follow from platform.actions.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.db import models
from django.db.models.base import ModelState

from peyvand.kernel import clock
from peyvand.kernel.errors import Conflict, Invalid, NotAllowed, Problem, msg
from peyvand.platform.access.decisions import visible
from peyvand.platform.actions.action import on_change, perform
from peyvand.platform.actions.context import Context
from peyvand.platform.database import lookups  # noqa: F401, registers any_of
from peyvand.platform.database.bulk import insert_rows, next_ids, update_rows
from peyvand.platform.events.facts import RecordCreated, RecordDeleted, RecordRestored, RecordUpdated
from peyvand.platform.fields.about import About
from peyvand.platform.fields.types import Compound, Field, Link, Ref
from peyvand.platform.identity.grants import FieldAccess
from peyvand.platform.objects.compiled import Statement, id_in_slot, statement
from peyvand.platform.objects.references import subjects_of, titled
from peyvand.platform.objects.spec import ObjectSpec, find_object
from peyvand.platform.search import index
from peyvand.platform.workspaces.scope import current_workspace_id

Values = Mapping[str, Any]


def clean(ctx: Context, spec: ObjectSpec, raw: Values, *, partial: bool = False) -> dict[str, Any]:
    """Typed values from what was typed or sent, by field key. ``partial``: only what is given, for an update.

    Raises:
        Invalid: every field that is wrong, with its reason.
    """
    values, problems = _understood(ctx, spec, raw, partial)
    if not problems:
        problems = missing_links(ctx, spec, [values])[0]
    if problems:
        raise Invalid(problems)
    return values


def clean_rows(
    ctx: Context, spec: ObjectSpec, rows: Sequence[Values | None]
) -> list[tuple[dict[str, Any], list[Problem]]]:
    """As clean, for many new records at once: the values and the problems of each row. None is a row that is no record."""
    read = [_understood(ctx, spec, row, False) if row is not None else ({}, [_NO_RECORD]) for row in rows]
    missing = missing_links(ctx, spec, [values for values, _ in read])
    return [(values, problems or lost) for (values, problems), lost in zip(read, missing, strict=True)]


_NO_RECORD = Problem(None, msg("Send an object with the fields of the record."))


def _understood(
    ctx: Context, spec: ObjectSpec, raw: Values, partial: bool
) -> tuple[dict[str, Any], list[Problem]]:
    problems: list[Problem] = []
    values: dict[str, Any] = {}
    problems += (
        Problem(key, msg("There is no field “%(name)s”.", name=key), "unknown")
        for key in raw
        if key not in spec.all_fields
    )
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
    return values, problems


def missing_links(ctx: Context, spec: ObjectSpec, rows: Sequence[Values]) -> list[list[Problem]]:
    """For each row, its links that lead to nothing the actor may see: one query for each link field, in sets."""
    problems: list[list[Problem]] = [[] for _ in rows]
    for field in spec.all_fields.values():
        if isinstance(field, About):
            refs = [row.get(field.key) for row in rows]
            there = titled(ctx.actor, filter(None, refs), present=True)
            for ref, found_here in zip(refs, problems, strict=True):
                if ref and (ref.object, ref.id) not in there:
                    found_here.append(
                        Problem(
                            field.key, msg("This record does not exist or you may not see it."), "missing"
                        )
                    )
        if not isinstance(field, Link):
            continue
        asked = {row[field.key] for row in rows if row.get(field.key) is not None}
        linked = find_object(field.to)
        if not asked or linked is None:
            continue
        seen = visible(
            ctx.actor, linked.key, linked.model.objects.filter(id__in=asked, deleted_at__isnull=True)
        )
        found = set(seen.values_list("id", flat=True))
        for place, row in enumerate(rows):
            if row.get(field.key) is not None and row[field.key] not in found:
                problems[place].append(
                    Problem(field.key, msg("This record does not exist or you may not see it."), "missing")
                )
    return problems


def create_record(ctx: Context, spec: ObjectSpec, raw: Values) -> Any:
    """Create one record from what was typed or sent; return it."""
    return create_records(ctx, spec, [clean(ctx, spec, raw)])[0]


def create_records(ctx: Context, spec: ObjectSpec, rows: Sequence[Values], *, source: str = "") -> list[Any]:
    """Create records from cleaned values, in a few statements however many; return them in order."""

    def write() -> list[Any]:
        now = clock.now()
        records = []
        first = spec.model(
            created_at=now,
            updated_at=now,
            created_by_id=ctx.actor.user_id,
            workspace_id=ctx.actor.workspace_id,
        )
        for id, values in zip(next_ids(spec.model, len(rows)), rows, strict=True):
            record = _another(first, id)
            _assign(spec, record, values)
            if spec.can_own and "owner" not in values:
                record.owner_id = ctx.actor.user_id
            records.append(record)
        if spec.prepare:
            spec.prepare(ctx, records, rows)
        columns = [f.attname for f in spec.model._meta.local_concrete_fields if not f.generated]
        insert_rows(spec.model, columns, ([getattr(r, c) for c in columns] for r in records))
        for record in records:
            record._state.adding = False
        _store_compounds(ctx, spec, records, rows)
        if spec.after:
            spec.after(ctx, records, rows, True)
        ctx.record(*(
            RecordCreated(object=spec.key, object_id=r.id, title=str(getattr(r, spec.title)), subjects=subjects, source=source)
            for r, subjects in zip(records, subjects_of(spec, records), strict=True)
        ))  # fmt: skip
        ctx.touch(spec.key, *(r.id for r in records))
        return records

    return perform(ctx, spec.permission("create"), (), write)


def update_record(
    ctx: Context, spec: ObjectSpec, record: Any, raw: Values, *, version: int | None = None
) -> Any:
    """Change one record by what was typed or sent; return it. ``version``: the one the change was made upon.

    Raises:
        Conflict: the record has another version by now.
        Invalid: a value is wrong.
    """
    if version is not None and record.version != version:
        raise Conflict
    return update_records(ctx, spec, [record], [clean(ctx, spec, raw, partial=True)])[0]


def update_records(
    ctx: Context, spec: ObjectSpec, records: Sequence[Any], rows: Sequence[Values]
) -> Sequence[Any]:
    """Set cleaned values on records, row by row, in a few statements; unchanged records stay untouched.

    Raises:
        Conflict: the record was read without a lock, and someone else changed it since.
    """

    def write() -> Sequence[Any]:
        hold(spec, records)
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
        untold = [(r, rest) for r, c, _ in changed if (rest := _without(c, spec.told(r)))]
        ctx.record(*(
            RecordUpdated(object=spec.key, object_id=r.id, title=str(getattr(r, spec.title)), subjects=subjects, changes=rest)
            for (r, rest), subjects in zip(untold, subjects_of(spec, [r for r, _ in untold]), strict=True)
        ))  # fmt: skip
        ctx.touch(spec.key, *(r.id for r, _, _ in changed))
        return records

    return perform(ctx, spec.permission("update"), records, write)


def hold(spec: ObjectSpec, records: Sequence[Any]) -> None:
    """Lock a set for the transaction and bring those changed since they were read up to date.

    All who change sets lock in the order of the ids, so that no two wait for each other. A single record needs no lock:
    its version tells.
    """
    if len(records) < 2:
        return
    rows = (
        spec.model.objects.filter(id__in=[r.id for r in records])
        .order_by("id")
        .select_for_update(of=("self",))
    )
    versions = dict(rows.values_list("id", "version"))
    for record in records:
        if record.id not in versions:
            raise Conflict
        if record.version != versions[record.id]:
            record.refresh_from_db()


def delete_records(ctx: Context, spec: ObjectSpec, records: Sequence[Any]) -> None:
    """Move records to the bin, from which they can be restored."""

    def write() -> None:
        if spec.keep:
            spec.keep(ctx, records)
        hold(spec, records)
        now = clock.now()
        spec.model.objects.filter(id__in=[r.id for r in records]).update(
            deleted_at=now, version=models.F("version") + 1
        )
        ctx.record(*(
            RecordDeleted(object=spec.key, object_id=r.id, title=str(getattr(r, spec.title)), subjects=subjects)
            for r, subjects in zip(records, subjects_of(spec, records), strict=True)
        ))  # fmt: skip
        ctx.touch(spec.key, *(r.id for r in records))

    if not spec.has_bin:
        raise NotAllowed
    perform(ctx, spec.permission("delete"), records, write)


def restore_records(ctx: Context, spec: ObjectSpec, records: Sequence[Any]) -> None:
    """Take records out of the bin."""

    def write() -> None:
        hold(spec, records)
        spec.model.objects.filter(id__in=[r.id for r in records]).update(
            deleted_at=None, version=models.F("version") + 1
        )
        ctx.record(*(
            RecordRestored(object=spec.key, object_id=r.id, title=str(getattr(r, spec.title)), subjects=subjects)
            for r, subjects in zip(records, subjects_of(spec, records), strict=True)
        ))  # fmt: skip
        ctx.touch(spec.key, *(r.id for r in records))

    perform(ctx, spec.permission("delete"), records, write)


@on_change
def reindex(ctx: Context, object_key: str, ids: Sequence[int]) -> None:
    """Renew what the search knows of changed records."""
    spec = find_object(object_key)
    if spec is None or not spec.in_search or not ids:
        return
    rows = _search_statement(spec, current_workspace_id()).run(list(ids))
    subtitle, owner = bool(spec.subtitle), spec.can_own
    found = [f for f in spec.compound_fields if f.search]
    compounds = [(f, f.load([row[0] for row in rows])) for f in found]
    documents = []
    for row in rows:
        at = 2 + subtitle + owner
        words = tuple(str(v) for v in row[at:] if v)
        words += tuple(text for f, loaded in compounds if (text := f.search_text(loaded.get(row[0], ()))))
        documents.append(
            index.Document(
                row[0],
                str(row[1] or ""),
                str(row[2] or "") if subtitle else "",
                words,
                row[at - 1] if owner else None,
            )
        )
    index.put(object_key, documents)
    gone = set(ids) - {row[0] for row in rows}
    if gone:
        index.remove(object_key, gone)


@lru_cache(maxsize=1024)
def _search_statement(spec: ObjectSpec, workspace_id: int) -> Statement:
    """Id, title, subtitle and owner where there are such, and the words that the record is found by."""
    paths = [c for f in spec.stored_fields if f.search for c in f.columns()[-1:]]
    subtitle = [spec.field(spec.subtitle).columns()[-1]] if spec.subtitle else []
    owner = ["owner_id"] if spec.can_own else []
    rows = spec.model.objects.filter(id_in_slot(0), deleted_at__isnull=True)
    return statement(rows, ("id", spec.title, *subtitle, *owner, *paths))


def _another(first: models.Model, id: int) -> Any:
    """A new unsaved record like the first: a fifth of the time that the model's own constructor takes."""
    record = type(first).__new__(type(first))
    vars(record).update(vars(first), id=id, _state=ModelState())
    for field in first._meta.local_concrete_fields:
        if field.has_default() and callable(field.default):
            setattr(record, field.attname, field.get_default())
    return record


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


def _without(changes: Mapping[str, Any], told: Collection[str]) -> dict[str, Any]:
    return {key: pair for key, pair in changes.items() if key not in told}


def _loaded_compounds(
    spec: ObjectSpec, records: Sequence[Any], rows: Sequence[Values]
) -> dict[int, dict[str, Any]]:
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
        given = {
            r.id: values[field.key] for r, values in zip(records, rows, strict=True) if field.key in values
        }
        if given:
            field.store(ctx, given)


def _save(spec: ObjectSpec, records: Sequence[Any]) -> None:
    skip = {"id", "workspace_id", "created_at", "created_by_id", "deleted_at"}
    columns = [
        f.attname for f in spec.model._meta.local_concrete_fields if not f.generated and f.attname not in skip
    ]
    rows = ((r.id, *(getattr(r, c) for c in columns)) for r in records)
    if update_rows(spec.model, columns, rows, only="t.version = v.version::int - 1") != len(records):
        raise Conflict


def as_field_value(field: Field, record: Any) -> Any:
    """The value of a field on a loaded record, as Field.show and to_json want it."""
    if isinstance(field, Compound):
        return field.load([record.id]).get(record.id, field.empty())
    value = getattr(record, field.column)
    key, id = (value.object, value.id) if isinstance(value, Ref) else (getattr(field, "to", ""), value)
    if isinstance(field, Link | About) and id is not None and (linked := find_object(key)):
        rows: Any = linked.model.everywhere
        title = rows.filter(id=id).values_list(linked.title, flat=True).first()
        return Ref(key, id, str(title or ""))
    return value
