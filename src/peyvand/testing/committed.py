"""What tests need whose rows are really committed: two who write at the same moment, and an empty database afterwards."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import psycopg
from django.db import connection, connections

from peyvand.kernel.errors import PeyvandError
from peyvand.platform.database.embedded import start
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.environment import HOME
from peyvand.testing.installation import eventually


def empty_database() -> None:
    """Remove every row of every table; a superuser's work, for the application may not truncate."""
    with start(HOME) as server, psycopg.connect(server.superuser_url, autocommit=True) as connection:
        rows: list[Any] = connection.execute(
            "select quote_ident(tablename) from pg_tables where schemaname = 'public' and tablename <> 'django_migrations'"
        ).fetchall()
        connection.execute(f"truncate {', '.join(row[0] for row in rows)} cascade")


def behind(tenant: Any, first: Callable[[], Any], second: Callable[[], Any]) -> Any:
    """What ``second`` came to, its result or its refusal: begun in a connection of its own once ``first`` has done its
    work, which is committed as soon as the second waits for it or has ended."""
    came: list[Any] = []

    def run() -> None:
        try:
            with workspace_scope(tenant.id):
                came.append(second())
        except PeyvandError as error:
            came.append(error)
        finally:
            connections.close_all()

    other = threading.Thread(target=run)
    with workspace_scope(tenant.id):
        first()
        other.start()
        eventually(lambda: not other.is_alive() or _somebody_waits(), pause=0.02)
    other.join(60)
    return came[0]


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select exists(select from pg_locks where not granted)")
        return bool(cursor.fetchone()[0])
