"""A program that answers one question put to a version of the warehouse, and can do nothing else.

It runs as a process of its own (querying.py), without Django, so that a question that eats memory or never ends takes nobody
along. In: one JSON object on standard input. Out: the answer as Arrow, Parquet or CSV; or, with exit code 2, why there is none.
"""

from __future__ import annotations

import io
import json
import resource
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

if __name__ == "__main__":
    # Arrow does without NumPy, whose loading takes longer than most questions; what only files need is loaded where one is made.
    sys.modules["numpy"] = None  # type: ignore[assignment]

import duckdb
import pyarrow as pa
from pyarrow import ArrowException, ipc

from peyvand.kernel.guarding import guarded

# Of memory beyond what DuckDB is allowed: Python, Arrow and the rows on their way out.
_BESIDE = 3 * 1024**3
_BATCH = 50_000
# Of texts, those that guarded() may have to change: few, so that it is not asked about each.
_SUSPECT = r"""^[=+\-@＝＋－＠\t\r\n']|[;\t\r\n]"*[=+\-@＝＋－＠']"""


# What DuckDB tells of itself and is about the tables; all else that it tells is about this machine.
_OF_TABLES = frozenset((
    "duckdb_columns", "duckdb_constraints", "duckdb_functions", "duckdb_keywords", "duckdb_schemas", "duckdb_tables",
    "duckdb_types", "duckdb_views", "pragma_table_info", "pragma_version", "sqlite_master", "sqlite_schema",
))  # fmt: skip
# Functions that make rows of what they are given. Others read files and settings, or run a text as SQL: new ones too.
_OF_ROWS = frozenset((
    "generate_series", "json_each", "json_tree", "pg_timezone_names", "range", "repeat", "repeat_row", "unnest",
))  # fmt: skip
# Of the functions that make a value, which are hundreds: a setting, how a question is carried out, a line in a log.
_OF_MACHINE = frozenset(("current_setting", "json_serialize_plan", "write_log"))
_ITS_OWN = (
    "select lower(view_name) from duckdb_views() where internal and schema_name <> 'information_schema'"
)


class Refused(Exception):
    """What was asked is no question, or its answer is too large."""


class Bounded(io.RawIOBase):
    """Writes at most so many bytes."""

    def __init__(self, out: BinaryIO, most: int) -> None:
        self._out, self._left = out, most

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        size = memoryview(data).nbytes
        if size > self._left:
            raise Refused("the answer is too large")
        self._left -= size
        self._out.write(data)
        return size


def main() -> int:
    asked = json.load(sys.stdin)
    resource.setrlimit(resource.RLIMIT_CPU, (asked["seconds"] * 4, asked["seconds"] * 4 + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (asked["bytes"],) * 2)
    resource.setrlimit(resource.RLIMIT_AS, (asked["memory"] + _BESIDE, asked["memory"] + _BESIDE))
    try:
        with _opened(asked) as file:
            _write(
                _question(file, asked["sql"]),
                asked["rows"],
                asked["format"],
                Bounded(sys.stdout.buffer, asked["bytes"]),
            )
            sys.stdout.buffer.flush()
    except (duckdb.Error, ArrowException, Refused, MemoryError) as error:
        sys.stderr.write(str(error) or "Out of Memory Error")
        return 2
    return 0


def _opened(asked: dict[str, Any]) -> duckdb.DuckDBPyConnection:
    """The version, to be read: no other file, no network, no extension, and no way to allow one."""
    file = duckdb.connect(
        asked["version"],
        read_only=True,
        config={
            "memory_limit": f"{asked['memory'] // 1024**2}MB",
            "threads": 2,
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "python_enable_replacements": "false",
        },
    )
    # Nothing is laid on the disk: what does not fit into the memory is refused as that.
    file.execute("set temp_directory = ''; set enable_external_access = false; set lock_configuration = true")
    return file


def _question(file: duckdb.DuckDBPyConnection, sql: str) -> duckdb.DuckDBPyRelation:
    statements = file.extract_statements(sql)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise Refused("one SELECT")
    _tells_of_tables(file, statements[0].query)
    return file.sql(statements[0].query)


def _tells_of_tables(file: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Raises Refused: it asks where this server keeps its files, or how it is set up."""
    # Given as a parameter, it would have DuckDB look for pandas, which takes far longer than the question.
    text = sql.replace("'", "''")
    row = file.execute(f"select json_serialize_sql('{text}')").fetchone()
    kept = frozenset(name for (name,) in file.execute(_ITS_OWN).fetchall()) - _OF_TABLES
    try:
        tree = json.loads(row[0]) if row else {"error": True}
        if tree.get("error") or any(_is_of_machine(part, kept) for part in _parts(tree)):
            raise Refused("Permission Error")
    except RecursionError as error:
        raise Refused("nested too deeply") from error


def _parts(tree: Any) -> Iterator[dict[str, Any]]:
    """All that a question is made of, wherever in it."""
    if isinstance(tree, list):
        for part in tree:
            yield from _parts(part)
    elif isinstance(tree, dict):
        yield tree
        for part in tree.values():
            yield from _parts(part)


def _is_of_machine(part: dict[str, Any], kept: frozenset[str]) -> bool:
    """Whether it reads one of DuckDB's ``kept`` views, or a function that is not known to tell of rows and tables alone."""
    if part.get("type") == "TABLE_FUNCTION":
        # Only a call by its name is one; what else may stand there some day is not known.
        return str(part["function"].get("function_name")).lower() not in _OF_ROWS | _OF_TABLES
    return (
        str(part.get("table_name")).lower() in kept or str(part.get("function_name")).lower() in _OF_MACHINE
    )


def _write(question: duckdb.DuckDBPyRelation, most: int, format: str, out: Bounded) -> None:
    reader = question.limit(most).to_arrow_reader(_BATCH)
    if format == "arrow":
        with ipc.new_stream(out, reader.schema) as writer:
            for batch in reader:
                writer.write_batch(batch)
    elif format == "parquet":
        from pyarrow import parquet

        with parquet.ParquetWriter(out, reader.schema, compression="zstd") as writer:
            for batch in reader:
                writer.write_batch(batch)
    else:
        from pyarrow import csv

        with csv.CSVWriter(out, reader.schema) as writer:
            for batch in reader:
                writer.write_batch(_guarded(batch))


def _guarded(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The rows with texts that no spreadsheet runs as formulas."""
    from pyarrow import compute

    columns = list(batch.columns)
    for n, column in enumerate(columns):
        if pa.types.is_string(column.type):
            suspect = compute.match_substring_regex(column, _SUSPECT).fill_null(False)
            safe = [guarded(text.as_py()) for text in column.filter(suspect)]
            columns[n] = compute.replace_with_mask(column, suspect, pa.array(safe, column.type))
    return pa.record_batch(columns, schema=batch.schema)


if __name__ == "__main__":
    sys.exit(main())
