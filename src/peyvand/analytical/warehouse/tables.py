"""The star's tables as Ibis expressions, on whatever engine holds them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from peyvand.analytical.warehouse.star import TABLES, Table

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa
    from ibis.backends.sql import SQLBackend

# How a column's type is called by Ibis, which every engine is spoken to through.
IBIS: Final = {
    "bigint": "int64",
    "integer": "int32",
    "double": "float64",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
    "varchar": "string",
}


class Tables:
    """The tables of one workspace's warehouse: ``tables["sale"]`` is an Ibis table with the columns that star.py says.

    ``prefix``: what their names begin with where an engine holds those of several workspaces.
    """

    def __init__(self, backend: SQLBackend, prefix: str = "") -> None:
        self.backend = backend
        self._prefix = prefix

    def __getitem__(self, name: str) -> ir.Table:
        """Raises KeyError: the star has no such table."""
        return self.backend.table(self._prefix + TABLES[name].name)

    def outside(self, name: str) -> ir.Table:
        """The table of an outside source, with the columns that ``public.outside_tables`` says.

        Raises KeyError: there is no such source, or its data are not there yet.
        """
        place, there = (f"{self._prefix}outside_{name}", None) if self._prefix else (name, "outside")
        if place not in self.backend.list_tables(database=there):
            raise KeyError(name)
        return self.backend.table(place, database=there)

    def fetch(self, expression: Any) -> pa.Table:
        """The rows of an expression, in Arrow's columns."""
        found: pa.Table = expression.to_pyarrow()
        return found


def schema_of(table: Table) -> dict[str, str]:
    """The columns of a table with Ibis's types."""
    return {column.name: IBIS[column.type] for column in table.columns}


def filled(backend: SQLBackend, rows: Mapping[str, pa.Table | None]) -> Tables:
    """Tables of an engine that has none yet, with these rows; columns and tables that are not given are empty."""
    import ibis

    for table in TABLES.values():
        schema = ibis.schema(schema_of(table))
        backend.create_table(
            table.name, obj=whole(table, rows.get(table.name)), schema=schema, overwrite=True
        )
    return Tables(backend)


def whole(table: Table, given: pa.Table | None) -> pa.Table:
    """Rows with all columns of the table in its types; what is not given is empty."""
    import ibis
    import pyarrow as pa

    wanted = ibis.schema(schema_of(table)).to_pyarrow()
    if given is None:
        return wanted.empty_table()
    columns = [
        given[name].cast(wanted.field(name).type)
        if name in given.column_names
        else pa.nulls(given.num_rows, wanted.field(name).type)
        for name in wanted.names
    ]
    return pa.table(columns, schema=wanted)
