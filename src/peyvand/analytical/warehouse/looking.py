"""How a warehouse stands."""

from __future__ import annotations

from pathlib import Path

from django.db import connection

from peyvand.analytical.warehouse.star import TABLES
from peyvand.platform.workspaces.scope import current_workspace_id


def rows_by_table(version: Path) -> dict[str, int]:
    """How many rows each table of a version has."""
    import duckdb

    from peyvand.analytical.warehouse.filling import MEMORY

    counted = ", ".join(f"(select count(*) from {name})" for name in TABLES)
    with duckdb.connect(str(version), read_only=True, config={"memory_limit": MEMORY}) as file:
        found = file.execute(f"select {counted}").fetchone() or ()
    return dict(zip(TABLES, found, strict=True))


def waiting() -> int:
    """How many changes of records of the open workspace its warehouse does not know yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(sum(cardinality(ids)), 0) from warehouse_change where workspace_id = %s",
            [current_workspace_id()],
        )
        (count,) = cursor.fetchone()
    return int(count)
