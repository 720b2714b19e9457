"""A program that reads one file and writes its rows as Parquet, and can do nothing else.

It runs as a process of its own (reading.py), without Django: a file that somebody made to do harm harms this process alone. In:
one JSON object on standard input. Out: one JSON object; or, with exit code 2, why there is none.
"""

from __future__ import annotations

import codecs
import json
import resource
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import duckdb

from peyvand.analytical.warehouse.outside.columns import named
from peyvand.analytical.warehouse.outside.keys import KEY, key_of
from peyvand.analytical.warehouse.outside.kinds import READ, Reading, readings, recognised
from peyvand.analytical.warehouse.outside.kinds import quoted as _quoted
from peyvand.analytical.warehouse.outside.kinds import text as _text

# Of memory beyond what DuckDB is allowed: Python, Arrow and the rows on their way.
_BESIDE: Final = 3 * 1024**3
_SAMPLE: Final = 20_480
# By the values of so many rows a column's type is recognised: whoever uploads a larger file waits for the answer.
_LOOKED_AT: Final = 1_000_000
_SHOWN: Final = 8
# Of a value that does not fit, so many characters are told.
_LONGEST: Final = 80
# Of lines that are no rows, so many are told.
_TOLD: Final = 20
_BLOCK: Final = 1 << 20
# A row's place in the file; no column of people's is called so.
_PLACE: Final = "peyvand_place"
_PLAIN: Final = {
    "BOOLEAN": "boolean", "TINYINT": "integer", "SMALLINT": "integer", "UTINYINT": "integer", "USMALLINT": "integer",
    "INTEGER": "integer", "UINTEGER": "bigint", "BIGINT": "bigint", "HUGEINT": "double", "UBIGINT": "double", "FLOAT": "double",
    "DOUBLE": "double", "DATE": "date",
}  # fmt: skip


class Refused(Exception):
    """The file cannot be read as it was said; the text is for reasons.py."""


def main() -> int:
    asked = json.load(sys.stdin)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (asked["bytes"],) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (asked["seconds"] * 2, asked["seconds"] * 2 + 1))
    resource.setrlimit(resource.RLIMIT_AS, (asked["memory"] + _BESIDE, asked["memory"] + _BESIDE))
    try:
        if asked["format"] == "csv" and asked["encoding"] not in ("utf-8", "utf-8-sig"):
            _into_utf8(asked)
        with _opened(asked) as here:
            done = _taken(here, asked) if asked["into"] else _looked_at(here, asked)
    except (duckdb.Error, Refused, MemoryError) as error:
        sys.stderr.write(_kept(str(error)) or "Out of Memory Error")
        return 2
    json.dump(done, sys.stdout, default=str)
    return 0


def _into_utf8(asked: dict[str, Any]) -> None:
    decoder = codecs.getincrementaldecoder(asked["encoding"])("replace")
    with Path(asked["path"]).open("rb") as source, Path(asked["beside"]).open("wb") as target:
        while block := source.read(_BLOCK):
            target.write(decoder.decode(block).encode())
        target.write(decoder.decode(b"", final=True).encode())
    asked["path"] = asked["beside"]


def _opened(asked: dict[str, Any]) -> duckdb.DuckDBPyConnection:
    """An engine that opens these two files alone: no network, no extension, and no way to allow one."""
    here = duckdb.connect(
        config={
            "memory_limit": f"{asked['memory'] // 1024**2}MB",
            "threads": 2,
            "max_temp_directory_size": "0KB",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "python_enable_replacements": "false",
        }
    )
    paths = ", ".join(_text(path) for path in (asked["path"], asked["into"]) if path)
    here.execute(f"set allowed_paths = [{paths}]")
    here.execute("set enable_external_access = false")
    here.execute("set lock_configuration = true")
    return here


def _looked_at(here: duckdb.DuckDBPyConnection, asked: dict[str, Any]) -> dict[str, Any]:
    """What its columns are, as far as they can be recognised, and its first rows."""
    if asked["format"] == "parquet":
        columns = _described(here, asked)
        return {
            "delimiter": "",
            "header": True,
            "columns": columns,
            "sample": _sample(here, _source(asked, columns), columns),
        }
    delimiter, header, columns = _sniffed(here, asked)
    source = _source({**asked, "delimiter": delimiter, "header": header}, _as_texts(columns))
    names = [c["name"] for c in columns]
    types = recognised(
        here, f"(from {source} limit {_LOOKED_AT})", names, [c["type"] for c in columns], _SAMPLE
    )
    return {
        "delimiter": delimiter,
        "header": header,
        "columns": [{**c, "type": type} for c, (type, _) in zip(columns, types, strict=True)],
        "sample": _sample(here, source, columns),
        "misfits": [misfits for _, misfits in types],
    }


def _described(here: duckdb.DuckDBPyConnection, asked: dict[str, Any]) -> list[dict[str, str]]:
    found = here.execute(f"describe from read_parquet({_text(asked['path'])})").fetchall()
    return named([row[0] for row in found], [_plain(row[1]) for row in found])


def _sniffed(
    here: duckdb.DuckDBPyConnection, asked: dict[str, Any]
) -> tuple[str, bool, list[dict[str, str]]]:
    """A text's delimiter, whether it has a header, and its columns as DuckDB takes them by the first rows."""
    said = "".join(
        (
            f", delim = {_text(asked['delimiter'])}" if asked["delimiter"] else "",
            f", header = {asked['header']}" if asked["header"] is not None else "",
        )
    )
    row = here.execute(
        f"select Delimiter, HasHeader, Columns from sniff_csv({_text(asked['path'])}, sample_size = {_SAMPLE}, ignore_errors = true{said})"
    ).fetchone()
    if row is None:
        raise Refused("empty")
    delimiter, header, found_columns = row
    return (
        delimiter,
        header,
        named([c["name"] for c in found_columns], [_plain(c["type"]) for c in found_columns]),
    )


def _as_texts(columns: Sequence[Mapping[str, str]], types: Collection[str] = ()) -> list[dict[str, str]]:
    """The columns as texts; with ``types`` those of these types alone."""
    return [{**c, "type": "varchar" if not types or c["type"] in types else c["type"]} for c in columns]


def _sample(here: duckdb.DuckDBPyConnection, source: str, columns: list[dict[str, str]]) -> list[list[str]]:
    listed = ", ".join(f"left({_quoted(c['name'])}::varchar, 100)" for c in columns)
    rows = here.execute(f"select {listed} from {source} limit {_SHOWN}").fetchall()
    return [[_kept(value) for value in row] for row in rows]


def _taken(here: duckdb.DuckDBPyConnection, asked: dict[str, Any]) -> dict[str, Any]:
    columns = asked["columns"]
    if asked["heads"]:
        _same_heads(here, asked, columns)
    # As PostgreSQL copies it, it says its types itself.
    is_read = asked["format"] == "csv" and not asked["is_copy"]
    written = _as_texts(columns, READ) if is_read else columns
    source = _source(asked, written)
    read, there = readings(here, source, [c for c in columns if c["type"] in READ]) if is_read else ({}, 0)
    listed = [f"{_value(c, read)} as {_quoted(c['name'])}" for c in columns]
    joined = " ".join(reading.joined for reading in read.values())
    fits = " and ".join(
        f"({_cell(name)} is null or {value.value} is not null)" for name, value in read.items()
    )
    keys = ""
    if key := asked["key"]:
        _know_keys(here, source, key["column"], key["by"])
        listed.append(f"k.key as {KEY}")
        keys = f"left join keys k on k.value = t.{_quoted(key['column'])}::varchar"
    # Lines that are no rows are told of the reading itself, so that each is told once.
    reading = _source(asked, written, tells=True)
    here.execute(
        f"copy (select {', '.join(listed)} from (from {reading} limit {asked['rows'] + 1}) t {joined} {keys} "
        f"where {fits or 'true'}) to {_text(asked['into'])} (format parquet, compression zstd)"
    )
    found = here.execute(f"select count(*) from read_parquet({_text(asked['into'])})").fetchone()
    rows = found[0] if found else 0
    if rows > asked["rows"]:
        raise Refused("too many rows")
    refused, count = _refused(here) if asked["format"] == "csv" else ([], 0)
    # What DuckDB itself could not read was told of the reading.
    if read and there > rows:
        misread, more = _misread(here, asked, source, read, joined)
        refused, count = sorted([*refused, *misread], key=lambda line: line["line"])[:_TOLD], count + more
    return {"rows": rows, "refused": refused, "refused_count": count}


def _cell(name: str) -> str:
    return f"t.{_quoted(name)}"


def _value(column: Mapping[str, str], read: Mapping[str, Reading]) -> str:
    name = column["name"]
    return read[name].value if name in read else f"{_cell(name)}::{column['type']}"


def _misread(
    here: duckdb.DuckDBPyConnection, asked: dict[str, Any], source: str, read: Mapping[str, Reading], joined: str,
) -> tuple[list[dict[str, Any]], int]:  # fmt: skip
    """The first rows with a value that does not fit its column's type, and how many there are."""
    wrong = {name: f"{_cell(name)} is not null and ({value.value}) is null" for name, value in read.items()}
    is_wrong = " or ".join(f"({each})" for each in wrong.values())
    found = here.execute(f"select count(*) from {source} t {joined} where {is_wrong}").fetchone()
    if not found or not found[0]:
        return [], 0
    which = " ".join(f"when {each} then {_text(name)}" for name, each in wrong.items())
    cell = " ".join(f"when {each} then left({_cell(name)}, {_LONGEST})" for name, each in wrong.items())
    cells = ", ".join(f"coalesce({_cell(c['name'])}::varchar, '')" for c in asked["columns"])
    rows = here.execute(
        f"select t.{_PLACE}, case {which} end, case {cell} end, left(concat_ws({_text(asked['delimiter'])}, {cells}), 200) "
        f"from (select *, row_number() over () as {_PLACE} from {source}) t {joined} where {is_wrong} order by 1 limit {_TOLD}"
    ).fetchall()
    lines = _lines(here, asked, [row[0] for row in rows])
    told = [
        {"line": line, "column": _kept(column), "value": _kept(value), "why": "CAST", "text": _kept(said)}
        for line, (_, column, value, said) in zip(lines, rows, strict=False)
    ]
    return told, found[0]


def _lines(here: duckdb.DuckDBPyConnection, asked: dict[str, Any], places: Sequence[int]) -> list[int]:
    """The lines of rows by their places among those that could be read: broken and empty lines stand between them."""
    broken = {line for (line,) in here.execute("select distinct line from reject_errors").fetchall()}
    lines: list[int] = []
    place = -1 if asked["header"] else 0
    for line, is_empty in enumerate(_empties(Path(asked["path"])), 1):
        place += line not in broken and (not is_empty or len(asked["columns"]) == 1)
        if place == places[len(lines)]:
            lines.append(line)
            if len(lines) == len(places):
                break
    return lines


def _empties(path: Path) -> Iterator[bool]:
    """Of each line whether it is empty; one with a line break within quotes is one."""
    is_open = False
    with path.open("rb") as file:
        for line in file:
            was_open, is_open = is_open, is_open != bool(line.count(b'"') % 2)
            if not was_open:
                yield not line.strip()


def _same_heads(
    here: duckdb.DuckDBPyConnection, asked: dict[str, Any], columns: list[dict[str, str]]
) -> None:
    """Raises Refused: a column that was there is called otherwise or is gone."""
    found = _described(here, asked) if asked["format"] == "parquet" else _sniffed(here, asked)[2]
    there = [c["head"] for c in found]
    wanted = [c["head"] for c in columns]
    if there != wanted:
        raise Refused(
            json.dumps(
                {"gone": [h for h in wanted if h not in there], "new": [h for h in there if h not in wanted]}
            )
        )


def _source(asked: dict[str, Any], columns: list[dict[str, str]], *, tells: bool = False) -> str:
    """The file as a table, with the columns' names."""
    path = _text(asked["path"])
    if asked["format"] == "parquet":
        listed = ", ".join(f"{_quoted(c['head'])} as {_quoted(c['name'])}" for c in columns)
        return f"(select {listed} from read_parquet({path}))"
    names = ", ".join(_text(c["name"]) for c in columns)
    types = ", ".join(_text(c["type"]) for c in columns)
    errors = "store_rejects = true, rejects_limit = 0" if tells else "ignore_errors = true"
    quoted = (
        ", nullstr = '', allow_quoted_nulls = false, quote = '\"', escape = '\"'" if asked["is_copy"] else ""
    )
    return (
        f"read_csv({path}, delim = {_text(asked['delimiter'])}, header = {asked['header']}, names = [{names}], "
        f"types = [{types}], sample_size = {_SAMPLE}, {errors}{quoted})"
    )


def _know_keys(here: duckdb.DuckDBPyConnection, source: str, column: str, by: str) -> None:
    """The table of what each value of a column is compared by."""
    # Most files name no customers: it takes longer to load than such a file to read.
    import pyarrow as pa

    here.execute("create temp table keys (value varchar, key varchar)")
    found = here.execute(
        f"select distinct {_quoted(column)}::varchar as value from {source}"
    ).to_arrow_table()
    values = [value for value in found.column(0).to_pylist() if value]
    keys = pa.array([key_of(by, value) for value in values], pa.string())
    here.register("known", pa.table({"value": pa.array(values, pa.string()), "key": keys}))
    here.execute("insert into keys select value, key from known where key <> ''")


def _refused(here: duckdb.DuckDBPyConnection) -> tuple[list[dict[str, Any]], int]:
    """The first lines that are no rows, and how many there are."""
    rows = here.execute(
        "select line, any_value(column_name), any_value(error_type), any_value(left(csv_line, 200)) from reject_errors "
        f"group by line order by line limit {_TOLD}"
    ).fetchall()
    count = here.execute("select count(distinct line) from reject_errors").fetchone()
    told = [
        {"line": line, "column": _kept(column), "why": str(why), "text": _kept(text)}
        for line, column, why, text in rows
    ]
    return told, count[0] if count else 0


def _kept(text: str | None) -> str:
    """A text as PostgreSQL can keep it."""
    return (text or "").replace("\x00", "")


def _plain(type: str) -> str:
    if type.startswith("TIMESTAMP"):
        return "timestamp"
    return "double" if type.startswith("DECIMAL") else _PLAIN.get(type, "varchar")


if __name__ == "__main__":
    sys.exit(main())
