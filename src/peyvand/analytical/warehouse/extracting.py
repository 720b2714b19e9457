"""Rows out of PostgreSQL, in Arrow's columns, a piece at a time: COPY's text is read by Arrow, never by Python."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from django.db import connection

from peyvand.analytical.warehouse.sources import FOLLOWS, Source
from peyvand.analytical.warehouse.star import TABLES, Column, Table, Type

if TYPE_CHECKING:
    import pyarrow as pa

# Of COPY's text at a time: some 100,000 rows.
PIECE: Final = 16 * 1024 * 1024
# Records that PostgreSQL is asked about at a time, where not all are meant.
IDS: Final = 50_000
_IDS: Final = Table("ids", "id", "", (Column("id", "bigint", ""),))
_CHANGED: Final = (
    "select distinct x.id from warehouse_change c cross join unnest(c.ids) x(id) "
    "where c.workspace_id = %(here)s and c.unit = %(unit)s order by x.id"
)
_ONLY: Final = re.compile(r"\{only:([a-z_.]+)\}")


def arrow_type(type: Type) -> pa.DataType:
    """Arrow's type of a column of the star."""
    import pyarrow as pa

    return {
        "bigint": pa.int64(), "integer": pa.int32(), "double": pa.float64(), "boolean": pa.bool_(), "date": pa.date32(),
        "timestamp": pa.timestamp("us"), "varchar": pa.string(),
    }[type]  # fmt: skip


def rows_of(
    source: Source, known: Mapping[str, Any], ids: pa.ChunkedArray | None = None
) -> Iterator[pa.Table]:
    """The source's rows as they are now, of these records or of all (None), in tables of the star's columns.

    ``known``: here, zone and hour, as sources.declared says.
    """
    table = TABLES[source.table]
    if ids is None:
        yield from copied(_ONLY.sub("", source.sql), known, table)
        return
    narrowed = _ONLY.sub(r"and \1 = any(%(ids)s)", source.sql)
    for part in _parts(ids):
        yield from copied(narrowed, {**known, "ids": part}, table)


def copied(sql: str, known: Mapping[str, Any], table: Table) -> Iterator[pa.Table]:
    """What a statement selects, in tables of this one's columns."""
    connection.ensure_connection()
    statement, text = f"copy ({sql}) to stdout (format csv)", bytearray()
    with connection.connection.cursor() as cursor, cursor.copy(statement, known) as copy:
        for line in copy:
            text += line
            if len(text) >= PIECE:
                yield _read(table, text)
                text = bytearray()
        if text:
            yield _read(table, text)


def _read(table: Table, text: bytearray) -> pa.Table:
    import pyarrow as pa
    from pyarrow import csv

    return csv.read_csv(
        pa.BufferReader(text),
        read_options=csv.ReadOptions(column_names=[c.name for c in table.columns], use_threads=False),
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(
            column_types={c.name: arrow_type(c.type) for c in table.columns},
            # PostgreSQL leaves out what is null and writes "" for a text that is empty.
            null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False, true_values=["t"], false_values=["f"],
        ),
    )  # fmt: skip


def changed(here: int) -> dict[str, pa.ChunkedArray]:
    """By unit the records that changed and the warehouse does not know it yet, each once."""
    with connection.cursor() as cursor:
        cursor.execute("select distinct unit from warehouse_change where workspace_id = %s", [here])
        units = [row[0] for row in cursor.fetchall()]
    return {unit: _ids(copied(_CHANGED, {"here": here, "unit": unit}, _IDS)) for unit in units}


def touched(changed: Mapping[str, pa.ChunkedArray], here: int) -> dict[str, pa.ChunkedArray]:
    """The records whose rows are to be made anew because these changed."""
    found = dict(changed)
    for follow in FOLLOWS:
        for part in _parts(changed[follow.unit]) if follow.unit in changed else ():
            more = _ids(copied(follow.sql, {"here": here, "ids": part}, _IDS))
            found[follow.to] = _together(found.get(follow.to), more)
    return found


def _parts(ids: pa.ChunkedArray) -> Iterator[list[int]]:
    for start in range(0, len(ids), IDS):
        yield ids.slice(start, IDS).to_pylist()


def _ids(pieces: Iterable[pa.Table]) -> pa.ChunkedArray:
    import pyarrow as pa

    return pa.chunked_array([chunk for piece in pieces for chunk in piece["id"].chunks], pa.int64())


def _together(one: pa.ChunkedArray | None, other: pa.ChunkedArray) -> pa.ChunkedArray:
    import pyarrow as pa
    from pyarrow import compute

    if one is None:
        return other
    return pa.chunked_array([compute.unique(pa.chunked_array([*one.chunks, *other.chunks], pa.int64()))])
