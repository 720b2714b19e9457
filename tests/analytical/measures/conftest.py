"""Answers are held against pandas and NumPy on DuckDB; ``test_engines`` holds Spark's equal to these, for it takes a second a query."""

from __future__ import annotations

import ibis
import pytest
from tests.analytical.measures.making import Filled, World, rows
from tests.analytical.methods.conftest import dataset

from peyvand.analytical.warehouse.tables import filled

__all__ = ["dataset"]


@pytest.fixture(scope="session")
def duck() -> Filled:
    """``duck(rows)``: the star's tables with these rows in a DuckDB of their own."""
    return lambda rows: filled(ibis.duckdb.connect(), rows)


@pytest.fixture(scope="session")
def world(duck: Filled) -> World:
    made = rows()
    return World(duck(made), {name: table.to_pandas() for name, table in made.items()})
