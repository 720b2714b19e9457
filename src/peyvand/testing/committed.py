"""Emptying the database after tests whose rows were really committed: those that need several connections or processes."""

from __future__ import annotations

from typing import Any

import psycopg

from peyvand.platform.database.embedded import start
from peyvand.testing.environment import HOME


def empty_database() -> None:
    """Remove every row of every table; a superuser's work, for the application may not truncate."""
    with start(HOME) as server, psycopg.connect(server.superuser_url, autocommit=True) as connection:
        rows: list[Any] = connection.execute(
            "select quote_ident(tablename) from pg_tables where schemaname = 'public' and tablename <> 'django_migrations'"
        ).fetchall()
        connection.execute(f"truncate {', '.join(row[0] for row in rows)} cascade")
