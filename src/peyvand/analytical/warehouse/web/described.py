"""The warehouse in the API's description; importing this adds it."""

from __future__ import annotations

from typing import Final

from peyvand.analytical.warehouse.querying import KINDS, LONGEST
from peyvand.analytical.warehouse.star import TABLES
from peyvand.api.openapi_parts import (
    READ_ERRORS,
    TEXT,
    WRITE_ERRORS,
    Json,
    as_json,
    describe,
    operation,
    parameter,
    query,
)

_TAG: Final = "warehouse"
_FORMAT: Final[Json] = {"type": "string", "enum": list(KINDS)}
_COLUMN: Final[Json] = {
    "type": "object",
    "required": ["name", "type", "says"],
    "properties": {"name": TEXT, "type": TEXT, "says": TEXT, "references": {**TEXT, "description": "the table whose key it holds"}},
}  # fmt: skip
_TABLE: Final[Json] = {
    "type": "object",
    "required": ["name", "key", "says", "open", "columns"],
    "properties": {
        "name": TEXT, "key": {**TEXT, "description": "what tells its rows apart; empty for outside tables"}, "says": TEXT,
        "open": {"type": "boolean", "description": "whether the token may read it"}, "columns": {"type": "array", "items": _COLUMN},
    },
}  # fmt: skip
_TABLES: Final[Json] = {
    "type": "object",
    "required": ["as_of", "tables"],
    "properties": {
        "as_of": {
            "type": ["string", "null"],
            "format": "date-time",
            "description": "null: it was not filled yet",
        },
        "tables": {"type": "array", "items": _TABLE},
    },
}
_FILE: Final[Json] = {
    "200": {
        "description": "A file",
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in KINDS.values()},
    }
}
_QUESTION: Final[Json] = {
    "type": "object",
    "required": ["sql"],
    "properties": {
        "sql": {"type": "string", "maxLength": LONGEST, "description": "one SELECT, in DuckDB's SQL", "example": "select 1 as one"},
        "format": {**_FORMAT, "default": "arrow"},
    },
}  # fmt: skip


def paths() -> Json:
    """Its operations."""
    name: Json = {
        "name": "name", "in": "path", "required": True, "schema": TEXT, "example": "customer",
        "description": f"one of {', '.join(TABLES)}, or outside.NAME",
    }  # fmt: skip
    return {
        "/warehouse/tables": {
            "get": operation("list_warehouse_tables", "The tables of the data warehouse", [_TAG], as_json(_TABLES), READ_ERRORS)
        },
        "/warehouse/tables/{name}": {
            "parameters": [name],
            "get": operation(
                "read_warehouse_table", "All rows of a table as a file", [_TAG], _FILE, READ_ERRORS,
                [query("format", "of the file", {**_FORMAT, "default": "parquet"})],
            ),
        },
        "/warehouse/query": {
            "post": operation(
                "ask_warehouse", "The answer to a question in SQL as a file, a million rows at most", [_TAG], _FILE, WRITE_ERRORS,
                [parameter("idempotency")], _QUESTION,
            )
        },
    }  # fmt: skip


describe(_TAG, paths)
