"""Writing in sets: one statement for any number of rows. (COPY is refused by PostgreSQL under row security.)"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import lru_cache
from itertools import repeat
from operator import is_
from typing import Any

import orjson
from django.db import connection, models

from peyvand.platform.database.prepared import fetch, prepared_cursor

CHUNK = 5000
# From so many rows on it pays to have a statement for the columns in which they differ.
MANY = 100


def next_ids(model: type[models.Model], count: int) -> list[int]:
    """Reserve ``count`` ids of the model's identity column, in order."""
    table = model._meta.db_table
    rows = fetch(
        # The sequence is looked up once, not for each number.
        "with own as materialized (select pg_get_serial_sequence(%s::text, 'id')::regclass as sequence) "
        "select nextval(sequence) from own, generate_series(1, %s::int)",
        [f'"{table}"', count],
    )
    return [row[0] for row in rows]


def insert_rows(
    model: type[models.Model],
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    on_conflict: str = "",
    *,
    beside: str = "",
    told: Sequence[Any] = (),
) -> int:
    """Insert rows given as tuples in the order of ``columns`` (model attribute names); return how many were offered.

    One ``insert … select from unnest(arrays)`` for each 5,000 rows; of a column in which many rows are all the same, such
    as their author and whatever nobody said, the value goes once. ``on_conflict`` is SQL after "on conflict".
    ``beside`` is another statement that goes along, and ``told`` its parameters.
    """
    total = 0
    with prepared_cursor() as cursor:
        for chunk in _chunks(rows):
            values = list(zip(*chunk, strict=True))
            shared = tuple(
                [len(chunk) >= MANY and (_is_one(column) or _is_empty(column)) for column in values]
            )
            if all(shared):
                shared = (False, *shared[1:])
            statement, kinds = _insertion(model, tuple(columns), shared, on_conflict, beside)
            once, each = list[Any](), list[Any]()
            for (kind, is_json), column, is_shared in zip(kinds, values, shared, strict=True):
                if is_shared:
                    once.append(as_json(column[0]) if is_json else _as_text(column[0], kind))
                else:
                    each.append(array([as_json(v) for v in column] if is_json else column, kind))
            cursor.execute(statement, [*told, *once, *each])
            total += len(chunk)
    return total


@lru_cache(maxsize=256)
def _insertion(
    model: type[models.Model],
    columns: tuple[str, ...],
    shared: tuple[bool, ...],
    on_conflict: str,
    beside: str,
) -> tuple[str, list[tuple[str, bool]]]:
    """The statement that inserts rows, and for each column the type it travels as and whether it is JSON.

    Its parameters are those of ``beside``, the values of the ``shared`` columns, then the arrays of the others.
    """
    fields = [_field(model, name) for name in columns]
    types = [array_type(f) for f in fields]
    names = [f'"{f.column}"' for f in fields]
    selected = ", ".join(
        (f"%s::{t}" if is_shared else f"v.{name}") + (f"::{_cast(f)}" if t == "text" else "")
        for f, t, name, is_shared in zip(fields, types, names, shared, strict=True)
    )
    own = [(t, name) for t, name, is_shared in zip(types, names, shared, strict=True) if not is_shared]
    # Side by side in a list of columns they are read as they come; as a table they would be laid aside first.
    arrays = ", ".join(f"unnest(%s::{t}[]) as {name}" for t, name in own)
    head = f"with beside as ({beside}) " if beside else ""
    tail = f" on conflict {on_conflict}" if on_conflict else ""
    sql = (
        f'{head}insert into "{model._meta.db_table}" ({", ".join(names)}) select {selected} '  # noqa: S608 names come from models, values are parameters
        f"from (select {arrays}) v{tail}"
    )
    return sql, [(t, isinstance(f, models.JSONField)) for f, t in zip(fields, types, strict=True)]


def update_rows(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]], *, only: str = ""
) -> int:
    """Update rows by id: each tuple is the id, then the values of ``columns``. Returns how many rows changed.

    ``only`` is SQL that a row ``t`` and its new values ``v`` must meet besides.
    """
    fields = [_field(model, name) for name in columns]
    types = ["bigint", *(array_type(f) for f in fields)]
    names = ", ".join(["id", *(f'"{f.column}"' for f in fields)])
    sets = ", ".join(f'"{f.column}" = v."{f.column}"::{_cast(f)}' for f in fields)
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


def _cast(field: models.Field[Any, Any]) -> str:
    """The column's type without its length: a cast to that would cut a longer text where the column refuses it."""
    return str(field.db_type(connection)).partition("(")[0]


def _field(model: type[models.Model], name: str) -> models.Field[Any, Any]:
    for field in model._meta.local_concrete_fields:
        if name in (field.name, field.attname):
            return field
    raise KeyError(f"{model.__name__} has no column {name}")


def array_type(field: models.Field[Any, Any]) -> str:
    """The element type under which a column's values travel in an array."""
    kind = (field.db_type(connection) or "text").split("(")[0]
    return "text" if kind in ("jsonb", "varchar", "character varying", "inet", "tsvector") else kind


def array(values: Sequence[Any], kind: str) -> str:
    """Values as PostgreSQL writes an array of a type ("bigint", "text"), for a parameter that is cast to it.

    Several times faster than a list, which the driver writes value by value.
    """
    if kind == "text":
        return _text_array(values)
    write = _writer(kind)
    first = values[0] if values else None
    if len(values) > 1 and _is_one(values):
        # The moment of a set, its author, its workspace.
        written = ["NULL" if first is None else write(first)] * len(values)
    else:
        written = ["NULL" if value is None else write(value) for value in values]
    return f"{{{','.join(written)}}}"


def _is_one(values: Sequence[Any]) -> bool:
    """Whether it is the same value each time; of equal ones that are not one, nobody knows without comparing."""
    return all(map(is_, values, repeat(values[0])))


def _is_empty(values: Sequence[Any]) -> bool:
    """Whether it is an empty object of JSON each time, such as each record of a set has for the workspace's own fields."""
    return values[0] == {} and values.count({}) == len(values)


def _as_text(value: Any, kind: str) -> str | None:
    return None if value is None else _writer(kind)(value)


def _writer(kind: str) -> Callable[[Any], str]:
    return _iso if kind in ("date", "timestamp with time zone", "timestamptz") else str


def _iso(value: date) -> str:
    return value.isoformat()


def _text_array(values: Sequence[Any]) -> str:
    texts = [v if v.__class__ is str else None if v is None else str(v) for v in values]
    if None not in texts:
        joined = '","'.join(texts)  # type: ignore[arg-type]  # no None is among them
        # Hardly a text has a quotation mark or a backslash: then nothing needs escaping, and one join does it all.
        if "\\" not in joined and joined.count('"') == 2 * (len(texts) - 1):
            return f'{{"{joined}"}}' if texts else "{}"
    return f"{{{','.join(map(_quoted, texts))}}}"


def _quoted(text: str | None) -> str:
    return "NULL" if text is None else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def as_json(value: Any) -> str:
    """A value as the text of a jsonb column; dates as ISO."""
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()


def _chunks(rows: Iterable[Sequence[Any]]) -> Iterable[list[Sequence[Any]]]:
    chunk: list[Sequence[Any]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
