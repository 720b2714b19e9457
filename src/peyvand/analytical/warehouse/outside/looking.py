"""Which outside tables a version of the warehouse has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from peyvand.analytical.warehouse import opening
from peyvand.analytical.warehouse.outside.adding import CUSTOMER, SCHEMA, table_of
from peyvand.analytical.warehouse.star import Column, Type
from peyvand.kernel.errors import msgid

if TYPE_CHECKING:
    import duckdb

_TYPES: Final[dict[str, Type]] = {
    "BIGINT": "bigint", "INTEGER": "integer", "DOUBLE": "double", "BOOLEAN": "boolean", "DATE": "date", "TIMESTAMP": "timestamp",
}  # fmt: skip
_WHOSE: Final = msgid("whom the row is about; NULL: not known, or it could be several")


def columns_of(file: duckdb.DuckDBPyConnection) -> dict[str, tuple[Column, ...]]:
    """The outside tables of an open version with their columns, by name."""
    found: dict[str, list[Column]] = {}
    rows = file.execute(
        "select table_name, column_name, data_type from duckdb_columns() "
        "where schema_name = ? and not internal and database_name = current_database() order by table_name, column_index",
        [SCHEMA],
    ).fetchall()
    for table, name, type in rows:
        is_whose = name == CUSTOMER
        column = Column(
            name, _TYPES.get(type, "varchar"), _WHOSE if is_whose else "", CUSTOMER if is_whose else ""
        )
        found.setdefault(table, []).append(column)
    return {table: tuple(columns) for table, columns in found.items()}


def outside_of(workspace_id: int) -> dict[str, tuple[Column, ...]]:
    """The same of the version that is published; nothing where there is none."""
    if (published := opening.published(workspace_id)) is None:
        return {}
    with published as file:
        return columns_of(file)


def matched(workspace_id: int, name: str) -> tuple[int, int] | None:
    """How many rows of an outside table are of a customer that is known, and how many are not; None: it has no customers,
    or is not there."""
    if (published := opening.published(workspace_id)) is None:
        return None
    with published as file:
        if not any(column.to for column in columns_of(file).get(name, ())):
            return None
        counted = f"select count({CUSTOMER}), count(*) - count({CUSTOMER}) from {table_of(name)}"
        known, unknown = file.execute(counted).fetchone() or (0, 0)
    return known, unknown
