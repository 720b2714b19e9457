"""Rows as JSON: read whole, joined, and put back exactly as they were."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, models

from peyvand.platform.database.bulk import as_json, next_ids
from peyvand.platform.fields.types import Compound
from peyvand.platform.objects.hanging import Place
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.platform.workspaces.scope import current_workspace_id

Row = dict[str, Any]
# What a row says about its value rather than what the value is: two rows that differ in these alone are one value.
ABOUT_IT = frozenset(("id", "label", "is_primary", "consent", "consent_at", "position"))
# A refusal outweighs a consent, and a consent outweighs silence.
CONSENTS = ("unknown", "granted", "refused")


def record_row(model: type[models.Model], id: int) -> Row:
    """One record's row, column by column; what PostgreSQL works out by itself is left out."""
    generated = {f.column for f in model._meta.local_concrete_fields if f.generated}
    found = _fetch(
        f'select to_jsonb(t) from "{model._meta.db_table}" t where t.workspace_id = %s and t.id = %s',  # noqa: S608 names come from models, values are parameters
        [current_workspace_id(), id],
    )
    return {column: value for column, value in found[0].items() if column not in generated} if found else {}


def put_columns(model: type[models.Model], id: int, values: Mapping[str, Any]) -> None:
    """Set columns of one record to values as ``record_row`` read them, and give it a new version."""
    table = model._meta.db_table
    sets = "".join(f', "{column}" = v."{column}"' for column in values)
    with connection.cursor() as cursor:
        cursor.execute(
            f'update "{table}" t set version = t.version + 1, updated_at = now(){sets} '  # noqa: S608 names come from models, values are parameters
            f'from jsonb_populate_record(null::"{table}", %s::jsonb) v where t.workspace_id = %s and t.id = %s',
            [as_json(dict(values)), current_workspace_id(), id],
        )


def rows_of(place: Place, spec: ObjectSpec, id: int) -> list[Row]:
    """The rows of a compound field's table that are one record's, in order."""
    where, params = place.here(spec)
    order = "t.position, t.id" if "position" in {f.name for f in place.model._meta.fields} else "t.id"
    return _fetch(
        f'select to_jsonb(t) from "{place.table}" t where {where} and t.{place.column} = %s order by {order}',  # noqa: S608 names come from models, values are parameters
        [*params, id],
    )


def put_rows(place: Place, spec: ObjectSpec, id: int, rows: Sequence[Row]) -> None:
    """Let a record have these rows and no others; those without an id get one."""
    where, params = place.here(spec)
    new = iter(next_ids(place.model, sum("id" not in row for row in rows)))
    whole = [row if "id" in row else {**row, "id": next(new)} for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(
            f'delete from "{place.table}" t where {where} and t.{place.column} = %s',  # noqa: S608 names come from models, values are parameters
            [*params, id],
        )
        cursor.execute(
            f'insert into "{place.table}" select * from jsonb_populate_recordset(null::"{place.table}", %s::jsonb)',  # noqa: S608
            [as_json(whole)],
        )


def joined(place: Place, winner: int, mine: Sequence[Row], theirs: Sequence[Row]) -> list[Row]:
    """The winner's rows and copies of those of the other that say something new."""
    known = {_value(place, row): row for row in mine}
    out = [dict(row) for row in mine]
    for row in theirs:
        same = next((o for o in out if _value(place, o) == _value(place, row)), None)
        if same is not None:
            if "consent" in row and CONSENTS.index(row["consent"]) > CONSENTS.index(same["consent"]):
                same |= {"consent": row["consent"], "consent_at": row["consent_at"]}
            continue
        copy = {column: value for column, value in row.items() if column != "id"} | {place.column: winner}
        if known and "is_primary" in copy:
            copy["is_primary"] = False
        out.append(copy)
    return in_order(out)


def copied(place: Place, winner: int, theirs: Sequence[Row]) -> list[Row]:
    """Copies of another record's rows for the winner."""
    return [
        {column: value for column, value in row.items() if column != "id"} | {place.column: winner}
        for row in theirs
    ]


def in_order(rows: Sequence[Row]) -> list[Row]:
    """The rows with places of their own, where their table has places."""
    return [{**row, "position": n} if "position" in row else row for n, row in enumerate(rows)]


def of_field(field: Compound, rows: Sequence[Row]) -> list[Row]:
    """Those of a table's rows that are this field's: phones and mails share one table."""
    return [row for row in rows if field.holds(row)]


def same_rows(one: Sequence[Row], other: Sequence[Row]) -> bool:
    """Whether two sets of rows say the same, whichever ids they have."""

    def said(rows: Sequence[Row]) -> list[str]:
        return sorted(
            as_json({k: v for k, v in sorted(row.items()) if k not in ("id", "consent_at")}) for row in rows
        )

    return said(one) == said(other)


def custom_rows(field_ids: Sequence[int], id: int) -> list[Row]:
    """The typed rows that repeat a record's custom values."""
    return _fetch(
        "select to_jsonb(t) from custom_value t where t.workspace_id = %s and t.field_id = any(%s) and t.object_id = %s",
        [current_workspace_id(), list(field_ids), id],
    )


def put_custom_rows(rows: Sequence[Row]) -> int:
    """Write typed rows again; return how many could not be, because another record has their unique value by now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into custom_value select * from jsonb_populate_recordset(null::custom_value, %s::jsonb) on conflict do nothing",
            [as_json(list(rows))],
        )
        return len(rows) - int(cursor.rowcount)


def _value(place: Place, row: Row) -> str:
    return as_json({k: v for k, v in sorted(row.items()) if k not in ABOUT_IT and k != place.column})


def _fetch(sql: str, params: Sequence[Any]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [json.loads(v) if isinstance(v, str) else v for (v,) in cursor.fetchall()]
