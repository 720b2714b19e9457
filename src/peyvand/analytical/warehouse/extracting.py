"""Rows out of PostgreSQL, in Arrow's columns, a piece at a time: COPY's text is read by Arrow, never by Python."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from django.db import connection

from peyvand.analytical.warehouse.sources import FOLLOWS, Source
from peyvand.analytical.warehouse.star import TABLES, Table, Type

if TYPE_CHECKING:
    import pyarrow as pa

# Of COPY's text at a time: some 100,000 rows.
PIECE: Final = 16 * 1024 * 1024
_ONLY: Final = re.compile(r"\{only:([a-z_.]+)\}")


def arrow_type(type: Type) -> pa.DataType:
    """Arrow's type of a column of the star."""
    import pyarrow as pa

    return {
        "bigint": pa.int64(), "integer": pa.int32(), "double": pa.float64(), "boolean": pa.bool_(), "date": pa.date32(),
        "timestamp": pa.timestamp("us"), "varchar": pa.string(),
    }[type]  # fmt: skip


def rows_of(source: Source, known: Mapping[str, Any], ids: Sequence[int] | None = None) -> Iterator[pa.Table]:
    """The source's rows as they are now, of these records or of all (None), in tables of the star's columns.

    ``known``: here, zone and hour, as sources.declared says.
    """
    narrowed = _ONLY.sub(r"and \1 = any(%(ids)s)" if ids is not None else "", source.sql)
    yield from copied(narrowed, {**known, "ids": ids}, TABLES[source.table])


def copied(sql: str, known: Mapping[str, Any], table: Table) -> Iterator[pa.Table]:
    """What a statement selects, in tables of this one's columns."""
    connection.ensure_connection()
    statement, pieces = f"copy ({sql}) to stdout (format csv)", list[bytes]()
    with connection.connection.cursor() as cursor, cursor.copy(statement, known) as copy:
        size = 0
        for line in copy:
            pieces.append(bytes(line))
            size += len(line)
            if size >= PIECE:
                yield _read(table, b"".join(pieces))
                pieces, size = [], 0
        if pieces:
            yield _read(table, b"".join(pieces))


def _read(table: Table, text: bytes) -> pa.Table:
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


def touched(changed: Mapping[str, set[int]], here: int) -> dict[str, set[int]]:
    """The records whose rows are to be made anew because these changed."""
    found = {unit: set(ids) for unit, ids in changed.items()}
    with connection.cursor() as cursor:
        for follow in FOLLOWS:
            if ids := changed.get(follow.unit):
                cursor.execute(follow.sql, {"here": here, "ids": sorted(ids)})
                found.setdefault(follow.to, set()).update(row[0] for row in cursor.fetchall())
    return found
