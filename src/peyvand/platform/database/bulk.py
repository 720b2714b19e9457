"""Writing in sets: one statement for any number of rows. (COPY is refused by PostgreSQL under row security.)"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection, models

from peyvand.platform.database.prepared import fetch, prepared_cursor

CHUNK = 5000


def next_ids(model: type[models.Model], count: int) -> list[int]:
    """Reserve ``count`` ids of the model's identity column, in order."""
    table = model._meta.db_table
    rows = fetch(
        "select nextval(pg_get_serial_sequence(%s::text, 'id')) from generate_series(1, %s::int)",
        [f'"{table}"', count],
    )
    return [row[0] for row in rows]


def insert_rows(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]], on_conflict: str = ""
) -> int:
    """Insert rows given as tuples in the order of ``columns`` (model attribute names); return how many were offered.

    One ``insert … select from unnest(arrays)`` for each 5,000 rows. ``on_conflict`` is SQL after "on conflict".
    """
    fields = [_field(model, name) for name in columns]
    names = ", ".join(f'"{f.column}"' for f in fields)
    types = [array_type(f) for f in fields]
    selected = ", ".join(
        f'v."{f.column}"::{f.db_type(connection)}' if t == "text" else f'v."{f.column}"'
        for f, t in zip(fields, types, strict=True)
    )
    arrays = ", ".join(f"%s::{t}[]" for t in types)
    tail = f" on conflict {on_conflict}" if on_conflict else ""
    statement = f'insert into "{model._meta.db_table}" ({names}) select {selected} from unnest({arrays}) as v({names}){tail}'  # noqa: S608 names come from models, values are parameters
    total = 0
    with prepared_cursor() as cursor:
        for chunk in _chunks(rows):
            cursor.execute(
                statement,
                [
                    array([as_json(v) for v in column] if isinstance(f, models.JSONField) else column, t)
                    for f, t, column in zip(fields, types, zip(*chunk, strict=True), strict=True)
                ],
            )
            total += len(chunk)
    return total


def update_rows(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]], *, only: str = ""
) -> int:
    """Update rows by id: each tuple is the id, then the values of ``columns``. Returns how many rows changed.

    ``only`` is SQL that a row ``t`` and its new values ``v`` must meet besides.
    """
    fields = [_field(model, name) for name in columns]
    types = ["bigint", *(array_type(f) for f in fields)]
    names = ", ".join(["id", *(f'"{f.column}"' for f in fields)])
    sets = ", ".join(f'"{f.column}" = v."{f.column}"::{f.db_type(connection)}' for f in fields)
    arrays = ", ".join(f"%s::{t}[]" for t in types)
    statement = (
        f'update "{model._meta.db_table}" t set {sets} from unnest({arrays}) as v({names}) where t.id = v.id'  # noqa: S608 names come from models, values are parameters
        f"{f' and {only}' if only else ''}"
    )
    total = 0
    with prepared_cursor() as cursor:
        for chunk in _chunks(rows):
            ids, *values = zip(*chunk, strict=True)
            cursor.execute(
                statement,
                [
                    array(ids, "bigint"),
                    *(
                        array([as_json(v) for v in column] if isinstance(f, models.JSONField) else column, t)
                        for f, t, column in zip(fields, types[1:], values, strict=True)
                    ),
                ],
            )
            total += cursor.rowcount
    return total


def _field(model: type[models.Model], name: str) -> models.Field[Any, Any]:
    for field in model._meta.local_concrete_fields:
        if name in (field.name, field.attname):
            return field
    raise KeyError(f"{model.__name__} has no column {name}")


def array_type(field: models.Field[Any, Any]) -> str:
    """The element type under which a column's values travel in an array."""
    kind = (field.db_type(connection) or "text").split("(")[0]
    return "text" if kind in ("jsonb", "varchar", "character varying", "inet") else kind


def array(values: Sequence[Any], kind: str) -> str:
    """Values as PostgreSQL writes an array of a type ("bigint", "text"), for a parameter that is cast to it.

    Several times faster than a list, which the driver writes value by value.
    """
    if kind == "text":
        written = [
            '"' + str(v).replace("\\", "\\\\").replace('"', '\\"') + '"' if v is not None else "NULL"
            for v in values
        ]
    elif kind in ("date", "timestamp with time zone", "timestamptz"):
        written = [v.isoformat() if v is not None else "NULL" for v in values]
    else:
        written = [str(v) if v is not None else "NULL" for v in values]
    return f"{{{','.join(written)}}}"


def as_json(value: Any) -> str:
    """A value as the text of a jsonb column; dates as ISO."""
    return json.dumps(value, ensure_ascii=False, default=_json_default)


def _json_default(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not JSON")


def _chunks(rows: Iterable[Sequence[Any]]) -> Iterable[list[Sequence[Any]]]:
    chunk: list[Sequence[Any]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
