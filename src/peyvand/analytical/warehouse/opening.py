"""Opening a version to read it. There is one way: no process may have a file open in two at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from django.conf import settings

from peyvand.analytical.warehouse import store

if TYPE_CHECKING:
    import duckdb

MEMORY: Final = "1GB"
Bounds = dict[str, str | bool | int | float | list[str]]


def bounds() -> Bounds:
    """What DuckDB may take at most of memory and cores; more than fits into the memory it lays on the disk, where it may write."""
    return {"memory_limit": MEMORY, "threads": settings.CORES}


def opened(version: Path) -> duckdb.DuckDBPyConnection:
    """A version, to be read and closed by who asked."""
    import duckdb

    return duckdb.connect(str(version), read_only=True, config=bounds())


def published(workspace_id: int) -> duckdb.DuckDBPyConnection | None:
    """The version of a workspace's warehouse that is published; None: there is none yet."""
    import duckdb

    while (version := store.published(workspace_id)) is not None:
        try:
            return opened(version)
        except duckdb.IOException:
            # Another was published meanwhile and this one removed; whatever else it is, is not ours to hide.
            if version.exists():
                raise
    return None
