"""Another engine than DuckDB's files, where an installation has one: the same tables, written there after every refresh.

Each workspace's tables have its number before their names, so that a database of one's own is all that the engine has to give.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from peyvand.analytical.warehouse.opening import opened
from peyvand.analytical.warehouse.outside.adding import table_of
from peyvand.analytical.warehouse.outside.looking import columns_of
from peyvand.analytical.warehouse.star import TABLES
from peyvand.analytical.warehouse.tables import Tables, schema_of, whole

if TYPE_CHECKING:
    from ibis.backends.sql import SQLBackend


def is_elsewhere() -> bool:
    """Whether measures are read from another engine."""
    return bool(settings.ANALYTICS)


def tables_elsewhere(workspace_id: int) -> Tables:
    """A workspace's tables on that engine."""
    return Tables(_connected(), _prefix(workspace_id))


def hand_over(version: Path, workspace_id: int) -> None:
    """Write a version's tables to that engine in place of those before; done twice it does no harm."""
    import ibis

    engine = _connected()
    try:
        with opened(version) as file:
            for table in TABLES.values():
                rows = whole(table, file.execute(f"select * from {table.name}").to_arrow_table())
                engine.create_table(
                    _prefix(workspace_id) + table.name,
                    obj=rows,
                    schema=ibis.schema(schema_of(table)),
                    overwrite=True,
                )
            beginning = f"{_prefix(workspace_id)}outside_"
            names = list(columns_of(file))
            for gone in engine.list_tables(like=f"^{beginning}"):
                if gone.removeprefix(beginning) not in names:
                    engine.drop_table(gone)
            for name in names:
                rows = file.execute(f"select * from {table_of(name)}").to_arrow_table()
                engine.create_table(beginning + name, obj=rows, overwrite=True)
    finally:
        engine.disconnect()


def _connected() -> SQLBackend:
    import ibis

    backend: SQLBackend = ibis.connect(settings.ANALYTICS)
    return backend


def _prefix(workspace_id: int) -> str:
    return f"w{workspace_id}_"
