"""Another engine than DuckDB's files, where an installation has one: the same tables, written there after every refresh.

Each workspace's tables have its number before their names, so that a database of one's own is all that the engine has to give.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, parse_qsl, urlsplit

from django.conf import settings

from peyvand.analytical.warehouse.opening import opened
from peyvand.analytical.warehouse.outside.adding import table_of
from peyvand.analytical.warehouse.outside.looking import columns_of
from peyvand.analytical.warehouse.star import TABLES
from peyvand.analytical.warehouse.tables import Tables, whole

if TYPE_CHECKING:
    import pyarrow as pa
    from ibis.backends.sql import SQLBackend


SPARK: Final = "pyspark"


def is_elsewhere() -> bool:
    """Whether measures are read from another engine."""
    return bool(settings.ANALYTICS)


def tables_elsewhere(workspace_id: int) -> Tables:
    """A workspace's tables on that engine."""
    return Tables(_connected(), _prefix(workspace_id))


def hand_over(version: Path, workspace_id: int) -> None:
    """Write a version's tables to that engine in place of those before; done twice it does no harm."""
    engine = _connected()
    try:
        with opened(version) as file:
            for table in TABLES.values():
                rows = whole(table, file.execute(f"select * from {table.name}").to_arrow_table())
                _put(engine, _prefix(workspace_id) + table.name, rows)
            beginning = f"{_prefix(workspace_id)}outside_"
            names = list(columns_of(file))
            for gone in engine.list_tables(like=f"^{beginning}"):
                if gone.removeprefix(beginning) not in names:
                    engine.drop_table(gone)
            for name in names:
                rows = file.execute(f"select * from {table_of(name)}").to_arrow_table()
                _put(engine, beginning + name, rows)
    finally:
        let_go(engine)


def _put(engine: SQLBackend, name: str, rows: pa.Table) -> None:
    """Write a table in place of the one before. Spark is given Arrow's columns by itself: Ibis gives it those of pandas, in which whole
    numbers with gaps are floats, and Spark then reads every one of them as NULL."""
    if engine.name != SPARK:
        engine.create_table(name, obj=rows, overwrite=True)
        return
    from pyspark.sql import SparkSession

    SparkSession.builder.getOrCreate().createDataFrame(rows).write.saveAsTable(
        name, format="parquet", mode="overwrite"
    )


def let_go(engine: SQLBackend) -> None:
    """End a connection to the tables. Spark's is the one session of this process: whoever ended it would end it for all who read, and
    a session of its own forgets its tables with it."""
    if engine.name != SPARK:
        engine.disconnect()


def _connected() -> SQLBackend:
    import ibis

    parts = urlsplit(settings.ANALYTICS)
    backend: SQLBackend = _on_spark(parts) if parts.scheme == SPARK else ibis.connect(settings.ANALYTICS)
    return backend


def _on_spark(parts: SplitResult) -> SQLBackend:
    """The session of this process, begun with what the address says. Ibis would set that on a session that runs already, which Spark
    refuses of where it runs and where its tables lie."""
    import ibis
    from pyspark.sql import SparkSession

    builder = SparkSession.builder
    if folder := parts.path.rstrip("/"):
        builder = builder.config("spark.sql.warehouse.dir", folder)
    for key, value in parse_qsl(parts.query):
        builder = builder.config(key, value)
    return ibis.pyspark.connect(builder.getOrCreate())


def _prefix(workspace_id: int) -> str:
    return f"w{workspace_id}_"
