"""Values of records, understood: typed values by field key from what was typed or sent, in sets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from peyvand.kernel.errors import Invalid, Message, Problem, msg
from peyvand.platform.access.decisions import visible
from peyvand.platform.actions.context import Context
from peyvand.platform.database.locks import kept
from peyvand.platform.fields.about import About
from peyvand.platform.fields.types import Field, Link, is_empty
from peyvand.platform.identity.grants import FieldAccess
from peyvand.platform.objects.spec import ObjectSpec, find_object
from peyvand.platform.objects.visibility import hidden_by

Values = Mapping[str, Any]
_NO_RECORD = Problem(None, msg("Send an object with the fields of the record."))
_LOST = msg("This record does not exist or you may not see it.")


def clean(ctx: Context, spec: ObjectSpec, raw: Values, *, partial: bool = False) -> dict[str, Any]:
    """Typed values from what was typed or sent, by field key. ``partial``: only what is given, for an update.

    Raises:
        Invalid: every field that is wrong, with its reason.
    """
    values, problems = understood(ctx, spec, raw, partial)
    if not problems:
        problems = missing_links(ctx, spec, [values])[0]
    if problems:
        raise Invalid(problems)
    return values


def clean_rows(
    ctx: Context, spec: ObjectSpec, rows: Sequence[Values | None], *, partial: bool = False
) -> list[tuple[dict[str, Any], list[Problem]]]:
    """As clean, for many records at once: the values and the problems of each row. None is a row that is no record."""
    read = [understood(ctx, spec, row, partial) if row is not None else ({}, [_NO_RECORD]) for row in rows]
    missing = missing_links(ctx, spec, [{} if problems else values for values, problems in read])
    return [(values, problems or lost) for (values, problems), lost in zip(read, missing, strict=True)]


def _unwritable(ctx: Context, spec: ObjectSpec, field: Field) -> Message:
    """Why a field takes no value; of one that follows from others, which of those the actor may write instead."""
    grants = ctx.actor.grants
    if grants.field_access(spec.key, field.key) is FieldAccess.WRITE:
        writable = [
            key
            for key in field.reads
            if not spec.field(key).readonly and grants.field_access(spec.key, key) is FieldAccess.WRITE
        ]
        if writable:
            return msg("This follows from other fields. Write instead: %(names)s.", names=", ".join(writable))
    return msg("This cannot be changed here.")


def understood(
    ctx: Context, spec: ObjectSpec, raw: Values, partial: bool
) -> tuple[dict[str, Any], list[Problem]]:
    """The typed values of one record, and what is wrong with it; where its links lead is not asked here."""
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
            problems.append(Problem(key, _unwritable(ctx, spec, field), "readonly"))
            continue
        try:
            values[key] = field.parse(raw[key], ctx.reader)
        except Invalid as error:
            problems += error.at(key).problems
            continue
        if field.required and is_empty(values[key]):
            problems.append(Problem(key, msg("This is required."), "required"))
    if hidden := hidden_by(spec, ctx.actor, values, partial=partial):
        values = {key: value for key, value in values.items() if key not in hidden}
        problems = [p for p in problems if p.field not in hidden]
    return values, problems


def missing_links(ctx: Context, spec: ObjectSpec, rows: Sequence[Values]) -> list[list[Problem]]:
    """For each row, its links that lead to nothing the actor may see: one query for each link field, in sets."""
    return lost_links(ctx, spec.all_fields.values(), rows)


def lost_links(ctx: Context, fields: Iterable[Field], rows: Sequence[Values]) -> list[list[Problem]]:
    """The same of rows of any fields, such as what an action takes."""
    problems: list[list[Problem]] = [[] for _ in rows]
    for field in fields:
        if not isinstance(field, Link | About):
            continue
        given = [row.get(field.key) for row in rows]
        asked = {value for value in given if value is not None}
        there: Collection[Any]
        if not asked:
            continue
        if isinstance(field, About):
            ids: dict[str, set[int]] = defaultdict(set)
            for ref in asked:
                ids[ref.object].add(ref.id)
            found = {key: _there(ctx, to, ids[key]) for key in ids if (to := find_object(key))}
            there = {ref for ref in asked if ref.id in found.get(ref.object, ())}
        elif linked := find_object(field.to):
            there = _there(ctx, linked, asked)
        else:
            continue
        for value, of_row in zip(given, problems, strict=True):
            if value is not None and value not in there:
                of_row.append(Problem(field.key, _LOST, "missing"))
    return problems


def _there(ctx: Context, spec: ObjectSpec, ids: Collection[int]) -> set[int]:
    """Which of these the actor sees. They stay until the link is made: nobody throws them away or merges them meanwhile."""
    seen = visible(ctx.actor, spec.key, spec.rows.filter(id__in=ids, deleted_at__isnull=True))
    if spec.has_bin:
        return {record.pk for record in kept(seen.only("id"))}
    return set(seen.values_list("id", flat=True))
