"""A workspace with a warehouse that sees what the test has written, though none of it is ever committed."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pytest

from peyvand.analytical.warehouse import store
from peyvand.analytical.warehouse.filling import refresh
from peyvand.analytical.warehouse.star import TABLES
from peyvand.analytical.warehouse.tables import Tables, whole
from peyvand.analytical.warehouse.tables import filled as filled_tables

Rows = dict[str, list[tuple[Any, ...]]]


@pytest.fixture(autouse=True)
def apart(settings: Any, tmp_path: Path) -> Path:
    """Warehouses of this test alone."""
    settings.WAREHOUSE_ROOT = tmp_path / "warehouse"
    return tmp_path / "warehouse"


@pytest.fixture
def rows() -> Callable[[Any], Rows]:
    """``rows(tenant)``: every row of every table of the published version, sorted."""
    return rows_of


def rows_of(tenant: Any) -> Rows:
    version = store.published(tenant.id)
    assert version is not None
    with duckdb.connect(str(version), read_only=True) as file:
        return {name: sorted(file.execute(f"select * from {name}").fetchall(), key=repr) for name in TABLES}


@pytest.fixture
def filled(cast: Any) -> Callable[[], Rows]:
    """``filled()``: Arman's warehouse brought to what the test has written, and its rows. Inside the scope of Arman."""

    def fill() -> Rows:
        refresh(cast.arman)
        return rows_of(cast.arman)

    return fill


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A Spark on this machine, started once."""
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, which is not here")
    sql = pytest.importorskip("pyspark.sql", reason="Spark is not installed: `pip install --group spark`")
    # Functions of ours run in processes of Spark's, which must be this Python.
    os.environ["PYSPARK_PYTHON"] = sys.executable
    session = (
        sql.SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.memory", "1g")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "1")
        # Of small tables, compiling a plan takes longer than walking it; so does making the machine's code of it.
        .config("spark.sql.codegen.wholeStage", "false")
        .config("spark.sql.codegen.factoryMode", "NO_CODEGEN")
        .config("spark.driver.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        .config("spark.sql.adaptive.enabled", "false")
        .config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("spark")))
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.log.level", "ERROR")
        .getOrCreate()
    )
    yield session
    session.stop()


# What Spark's client says of the newest pandas, and leaves open until it ends, is not ours.
_QUIET = [
    pytest.mark.filterwarnings(f"ignore::{kind}")
    for kind in ("pandas.errors.Pandas4Warning", "ResourceWarning", "pytest.PytestUnraisableExceptionWarning")
]


SPARK = pytest.param("spark", marks=[pytest.mark.slow, *_QUIET])


@pytest.fixture(scope="session", params=["duckdb", SPARK])
def engine(request: pytest.FixtureRequest) -> Callable[[Mapping[str, Any]], Tables]:
    """``engine(rows)``: the star's tables with these rows, on each engine in turn, apart from those of other calls."""
    if request.param == "duckdb":
        return lambda rows: filled_tables(ibis.duckdb.connect(), rows)
    session = request.getfixturevalue("spark")

    def on_spark(rows: Mapping[str, Any]) -> Tables:
        apart = session.newSession()
        for table in TABLES.values():
            apart.createDataFrame(whole(table, rows.get(table.name))).createOrReplaceTempView(table.name)
        return Tables(ibis.pyspark.connect(apart))

    return on_spark
