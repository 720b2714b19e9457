"""Creating, changing, deleting and restoring records of any object, in sets: a single write is a set of one.

Each is an action ("person.create"): permission, events, audit and search follow from platform.actions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from operator import itemgetter
from typing import Any

from django.db import models
from django.db.models.base import ModelState

from peyvand.kernel import clock
from peyvand.kernel.errors import (
    Conflict,
    Invalid,
    Message,
    NotAllowed,
    Problem,
    Refusals,
    RuleViolation,
    msg,
)
from peyvand.platform.access.decisions import demand_each
from peyvand.platform.access.rules import covered
from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import Context
from peyvand.platform.database import lookups  # noqa: F401, registers any_of
from peyvand.platform.database.bulk import insert_rows, next_ids, update_rows
from peyvand.platform.events.facts import RecordCreated, RecordDeleted, RecordRestored
from peyvand.platform.fields.about import About
from peyvand.platform.fields.types import Compound, Field, Link, Ref
from peyvand.platform.identity.actor import Actor
from peyvand.platform.objects.changes import record_changes
from peyvand.platform.objects.cleaning import Values, clean, missing_links, understood
from peyvand.platform.objects.custom import keep_custom, settle_files
from peyvand.platform.objects.derived import derive
from peyvand.platform.objects.references import subjects_of
from peyvand.platform.objects.sight import shown_refs
from peyvand.platform.objects.spec import ObjectSpec, find_object

# Which of these records of an object may not leave the bin, and why: said by layers above.
WhyKept = Callable[[str, Sequence[int]], Mapping[int, Message]]
_holding: list[WhyKept] = []


def keep_in_bin(why_kept: WhyKept) -> None:
    """Add a rule about what may not be restored."""
    _holding.append(why_kept)


def create_record(ctx: Context, spec: ObjectSpec, raw: Values) -> Any:
    """Create one record from what was typed or sent; return it."""
    return create_records(ctx, spec, [clean(ctx, spec, raw)])[0]


def create_records(ctx: Context, spec: ObjectSpec, rows: Sequence[Values], *, source: str = "") -> list[Any]:
    """Create records from cleaned values, in a few statements however many; return them in order."""
    given = [dict(values) for values in rows]

    def write() -> list[Any]:
        now, fields, owned = clock.now(), spec.all_fields, spec.can_own
        records = []
        first = spec.model(
            created_at=now,
            updated_at=now,
            created_by_id=ctx.actor.user_id,
            workspace_id=ctx.actor.workspace_id,
        )
        made = [f for f in first._meta.local_concrete_fields if f.has_default() and callable(f.default)]
        for id, values in zip(next_ids(spec.model, len(given)), given, strict=True):
            record = _another(first, id, made)
            _assign(fields, record, values)
            if owned and "owner" not in values:
                record.owner_id = ctx.actor.user_id
            records.append(record)
        if spec.prepare:
            spec.prepare(ctx, records, given)
        settle_files(spec, records)
        derive(ctx.tenant, spec, records)
        _complete(spec, records)
        columns = [f.attname for f in spec.model._meta.local_concrete_fields if not f.generated]
        insert_rows(spec.model, columns, map(itemgetter(*columns), map(vars, records)))
        for record in records:
            record._state.adding = False
        keep_custom(ctx, spec, records)
        _store_compounds(ctx, spec, records, given, are_new=True)
        if spec.after:
            spec.after(ctx, records, given, True)
        ctx.record(*(
            RecordCreated(object=spec.key, object_id=r.id, title=str(getattr(r, spec.title)), subjects=subjects, source=source)
            for r, subjects in zip(records, subjects_of(spec, records), strict=True)
        ))  # fmt: skip
        ctx.touch(spec.key, *(r.id for r in records))
        ctx.made.update(((spec.key, r.id), (r, values)) for r, values in zip(records, given, strict=True))
        return records

    return perform(ctx, spec.permission("create"), (), write)


def update_record(
    ctx: Context, spec: ObjectSpec, record: Any, raw: Values, *, version: int | None = None, source: str = ""
) -> Any:
    """Change one record by what was typed or sent; return it. ``version``: the one the change was made upon.

    Raises:
        Conflict: the record has another version by now.
        Invalid: a value is wrong.
    """
    if version is not None and record.version != version:
        raise Conflict
    values, problems = understood(ctx, spec, raw, True)
    # A link that stays as it is may lead where the actor cannot see.
    asked = {key: value for key, value in values.items() if not _is_kept(spec.field(key), record, value)}
    if problems := problems or missing_links(ctx, spec, [asked])[0]:
        raise Invalid(problems)
    return update_records(ctx, spec, [record], [values], source=source)[0]


def _is_kept(field: Field, record: Any, value: Any) -> bool:
    return isinstance(field, Link | About) and bool(field.read(record) == value)


def update_records(
    ctx: Context, spec: ObjectSpec, records: Sequence[Any], rows: Sequence[Values], *, source: str = ""
) -> Sequence[Any]:
    """Set cleaned values on records, row by row, in a few statements; unchanged records stay untouched.

    Raises:
        Conflict: the record was read without a lock, and someone else changed it since.
    """
    given = [dict(values) for values in rows]

    def write() -> Sequence[Any]:
        hold(ctx, spec, records, "update")
        _keep_shared(ctx.actor, spec, records, given)
        old = [_snapshot(spec, record) for record in records]
        kept = {record.id: dict(vars(record)) for record in records}
        compounds = _loaded_compounds(spec, records, given)
        fields = spec.all_fields
        for record, values in zip(records, given, strict=True):
            _assign(fields, record, values)
        if spec.prepare:
            spec.prepare(ctx, records, given)
        settle_files(spec, records)
        derive(ctx.tenant, spec, records)
        _complete(spec, records)
        changed: list[tuple[Any, dict[str, Any], Values]] = []
        for record, values, before in zip(records, given, old, strict=True):
            changes = _changes(spec, record, before) | _compound_changes(values, compounds.get(record.id, {}))
            if changes:
                changed.append((record, changes, values))
        if not changed:
            return records
        now = clock.now()
        for record, _, _ in changed:
            record.version += 1
            record.updated_at = now
        _save(spec, [record for record, _, _ in changed], kept)
        keep_custom(ctx, spec, [record for record, _, _ in changed], [changes for _, changes, _ in changed])
        altered = [{key: value for key, value in v.items() if key in c} for _, c, v in changed]
        _store_compounds(ctx, spec, [r for r, _, _ in changed], altered)
        if spec.after:
            spec.after(ctx, [r for r, _, _ in changed], [v for _, _, v in changed], False)
        told = {r.id: spec.told(r) for r, _, _ in changed}
        record_changes(ctx, spec, [(r, changes) for r, changes, _ in changed], told=told, source=source)
        ctx.touch(spec.key, *(r.id for r, _, _ in changed))
        return records

    return perform(ctx, spec.permission("update"), records, write)


def _keep_shared(actor: Actor, spec: ObjectSpec, records: Sequence[Any], rows: Sequence[Values]) -> None:
    """Refuse to give away, or take over, a record that the actor may change only because it was shared with them."""
    operation = spec.permission("update")
    if not spec.can_own or operation not in actor.shares:
        return
    given = [r for r, v in zip(records, rows, strict=True) if "owner" in v and v["owner"] != r.owner_id]
    if len(covered(replace(actor, shares=frozenset()), operation, given)) < len({r.pk for r in given}):
        raise NotAllowed(msg("What was shared with you stays with its owner."))


def hold(ctx: Context, spec: ObjectSpec, records: Sequence[Any], operation: str) -> None:
    """Lock a set for the transaction and bring those changed since they were read up to date; whether the actor may apply
    the operation to these is asked again.

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
    renewed = []
    for record in records:
        if record.id not in versions:
            raise Conflict
        if record.version != versions[record.id]:
            record.refresh_from_db()
            renewed.append(record)
    if renewed:
        demand_each(ctx.actor, spec.permission(operation), renewed)


def delete_records(ctx: Context, spec: ObjectSpec, records: Sequence[Any]) -> None:
    """Move records to the bin, from which they can be restored."""

    def write() -> None:
        demand_free(ctx, spec, records)
        hold(ctx, spec, records, "delete")
        moved = _moved(spec, records, into_bin=True)
        ctx.record(*(
            RecordDeleted(object=spec.key, object_id=r.id, title=str(getattr(r, spec.title)), subjects=subjects)
            for r, subjects in zip(moved, subjects_of(spec, moved), strict=True)
        ))  # fmt: skip
        ctx.touch(spec.key, *(r.id for r in moved))

    if not spec.has_bin:
        raise NotAllowed
    perform(ctx, spec.permission("delete"), records, write)


def demand_free(ctx: Context, spec: ObjectSpec, records: Sequence[Any]) -> None:
    """Refuse to let go of records that stay by what they are now, or that others still need (ObjectSpec.stays, keep)."""
    if spec.stays is not None:
        refusals = Refusals()
        rows = spec.model.objects.filter(id__in=[r.id for r in records]).order_by("id")
        for record in rows.select_for_update(of=("self",)):
            if (why := spec.stays(record)) is not None:
                with refusals.of(record.id):
                    raise RuleViolation(why)
        refusals.settle()
    if spec.keep:
        spec.keep(ctx, records)


def restore_records(ctx: Context, spec: ObjectSpec, records: Sequence[Any]) -> None:
    """Take records out of the bin, with all that hangs on them, which never went away.

    Raises:
        RuleViolation: one needs another record that rests in the bin itself, or is kept there by a rule (keep_in_bin).
    """

    def write() -> None:
        hold(ctx, spec, records, "delete")
        _keep_held(spec, records)
        _keep_needed(spec, records)
        moved = _moved(spec, records, into_bin=False)
        ctx.record(*(
            RecordRestored(object=spec.key, object_id=r.id, title=str(getattr(r, spec.title)), subjects=subjects)
            for r, subjects in zip(moved, subjects_of(spec, moved), strict=True)
        ))  # fmt: skip
        ctx.touch(spec.key, *(r.id for r in moved))

    perform(ctx, spec.permission("delete"), records, write)


def _moved(spec: ObjectSpec, records: Sequence[Any], *, into_bin: bool) -> list[Any]:
    """Move records into the bin or out of it; return those that were not there already."""
    asked = spec.model.objects.filter(id__in=[r.id for r in records], deleted_at__isnull=into_bin).order_by(
        "id"
    )
    ids = set(asked.select_for_update(of=("self",)).values_list("id", flat=True))
    now = clock.now() if into_bin else None
    spec.model.objects.filter(id__in=ids).update(deleted_at=now, version=models.F("version") + 1)
    return [r for r in records if r.id in ids]


def _keep_held(spec: ObjectSpec, records: Sequence[Any]) -> None:
    refusals = Refusals()
    for why_kept in _holding:
        for id, why in why_kept(spec.key, [r.id for r in records]).items():
            with refusals.of(id):
                raise RuleViolation(why)
    refusals.settle()


def _keep_needed(spec: ObjectSpec, records: Sequence[Any]) -> None:
    """Refuse to restore records of which a link that cannot be empty leads into the bin."""
    refusals = Refusals()
    columns = {f.attname: f for f in spec.model._meta.local_concrete_fields}
    for field in spec.stored_fields:
        linked = find_object(field.to) if isinstance(field, Link) else None
        column = columns.get(field.column)
        if linked is None or column is None or column.null or not linked.has_bin:
            continue
        asked = {field.read(r) for r in records}
        binned = dict(
            linked.rows.filter(id__in=asked, deleted_at__isnull=False).values_list("id", linked.title)
        )
        for record in records:
            with refusals.of(record.id):
                if (id := field.read(record)) in binned:
                    sentence = msg("“%(title)s” rests in the bin; restore it first.", title=str(binned[id]))
                    raise RuleViolation(sentence, field.key)
    refusals.settle()


def _another(first: models.Model, id: int, made: Sequence[models.Field[Any, Any]]) -> Any:
    """A new unsaved record like the first: a fifth of the time that the model's own constructor takes.

    ``made`` are the fields whose default is made anew for each record.
    """
    record = type(first).__new__(type(first))
    vars(record).update(vars(first), id=id, _state=ModelState())
    for field in made:
        setattr(record, field.attname, field.get_default())
    return record


def _complete(spec: ObjectSpec, records: Sequence[Any]) -> None:
    """Give emptied columns that cannot be empty their usual value, where nothing else did.

    Raises:
        Invalid: one has none.
    """
    problems: list[Problem] = []
    for name, key, column in _never_empty(spec):
        for record in records:
            if vars(record)[name] is not None:
                continue
            if column.has_default():
                setattr(record, name, column.get_default())
            else:
                problems.append(Problem(key, msg("This is required."), "required"))
    if problems:
        raise Invalid(problems)


@lru_cache(maxsize=256)
def _never_empty(spec: ObjectSpec) -> list[tuple[str, str, models.Field[Any, Any]]]:
    """The columns of an object's own fields that cannot be empty: attribute, field key, column."""
    columns = {c.attname: c for c in spec.model._meta.local_concrete_fields if not c.null and not c.generated}
    keys = {f.column: f.key for f in spec.fields if not f.is_compound}
    return [(name, keys[name], column) for name, column in columns.items() if name in keys]


def _assign(fields: Mapping[str, Field], record: Any, values: Values) -> None:
    for key, value in values.items():
        field = fields[key]
        if not field.is_compound:
            field.write(record, None if key == "external_id" and not value else value)


def _snapshot(spec: ObjectSpec, record: Any) -> dict[str, Any]:
    return {f.key: f.read(record) for f in spec.stored_fields}


def _changes(spec: ObjectSpec, record: Any, before: Mapping[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for field in spec.stored_fields:
        new = field.read(record)
        if new != before[field.key] and field.key != "updated_at":
            out[field.key] = [field.to_json(before[field.key]), field.to_json(new)]
    return out


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


def _store_compounds(
    ctx: Context, spec: ObjectSpec, records: Sequence[Any], rows: Sequence[Values], *, are_new: bool = False
) -> None:
    for field in spec.compound_fields:
        given = {
            r.id: values[field.key] for r, values in zip(records, rows, strict=True) if field.key in values
        }
        if given:
            (field.add if are_new else field.store)(ctx, given)


def _save(spec: ObjectSpec, records: Sequence[Any], before: Mapping[int, Mapping[str, Any]]) -> None:
    """Write the columns that differ from ``before``, and no others: what is reckoned aside (a deal's next activity, its
    place on the board) changes without a new version, and must not be put back to what was read."""
    skip = {"id", "workspace_id", "created_at", "created_by_id", "deleted_at"}
    columns = [
        f.attname
        for f in spec.model._meta.local_concrete_fields
        if not f.generated
        and f.attname not in skip
        and any(vars(r)[f.attname] != before[r.id].get(f.attname) for r in records)
    ]
    rows = ((r.id, *(getattr(r, c) for c in columns)) for r in records)
    if update_rows(spec.model, columns, rows, only="t.version = v.version::int - 1") != len(records):
        raise Conflict


def as_field_value(field: Field, record: Any, actor: Actor) -> Any:
    """The value of a field on a loaded record, as Field.show and to_json want it, for this reader."""
    if isinstance(field, Compound):
        return field.load([record.id]).get(record.id, field.empty())
    value = field.read(record)
    key, id = (value.object, value.id) if isinstance(value, Ref) else (getattr(field, "to", ""), value)
    if isinstance(field, Link | About) and id is not None and (linked := find_object(key)):
        rows: Any = linked.model.everywhere
        title = rows.filter(id=id).values_list(linked.title, flat=True).first()
        ref = Ref(key, id, str(title or ""))
        return shown_refs(actor, [ref])[ref]
    return value
