from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from peyvand.kernel.persian.text import SQL_FUNCTIONS
from peyvand.platform.database.embedded import start


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """A real PostgreSQL that has the kernel's SQL functions."""
    folder: Path = tmp_path_factory.mktemp("kernel")
    server = start(folder, {"fsync": "off", "shared_buffers": "16MB"})
    try:
        with psycopg.connect(server.owner_url, autocommit=True) as connection:
            connection.execute(SQL_FUNCTIONS.encode())
            yield connection
    finally:
        server.stop()
