"""How a warehouse stands."""

from __future__ import annotations

from pathlib import Path

from django.db import connection

from peyvand.analytical.warehouse.opening import opened
from peyvand.analytical.warehouse.outside.adding import SCHEMA, table_of
from peyvand.analytical.warehouse.outside.looking import columns_of
from peyvand.analytical.warehouse.star import TABLES
from peyvand.platform.workspaces.scope import current_workspace_id


def rows_by_table(version: Path) -> dict[str, int]:
    """How many rows each table of a version has, those of outside sources too."""
    with opened(version) as file:
        places = {name: name for name in TABLES} | {f"{SCHEMA}.{n}": table_of(n) for n in columns_of(file)}
        counted = ", ".join(f"(select count(*) from {place})" for place in places.values())
        found = file.execute(f"select {counted}").fetchone() or ()
    return dict(zip(places, found, strict=True))


def waiting() -> int:
    """How many changes of records of the open workspace its warehouse does not know yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(sum(cardinality(ids)), 0) from warehouse_change where workspace_id = %s",
            [current_workspace_id()],
        )
        (count,) = cursor.fetchone()
    return int(count)
