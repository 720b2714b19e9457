"""What tests need whose rows are really committed: two who write at the same moment, and the cast alone afterwards."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection, connections

from peyvand.kernel.errors import PeyvandError
from peyvand.platform.database.embedded import start
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.cast import Cast, build_cast
from peyvand.testing.environment import HOME
from peyvand.testing.installation import eventually


class Standing:
    """The cast as committed rows that one test after another begins with."""

    def __init__(self, blocker: Any) -> None:
        self._blocker = blocker
        self._cast: Cast | None = None
        # Its rows, by table, as PostgreSQL copies them out and in.
        self._rows: dict[str, bytes] = {}

    def cast(self) -> Cast:
        """A copy that the test may change, of rows that it may change in a transaction that is rolled back."""
        if self._cast is None:
            with self._blocker.unblock(), ThreadPoolExecutor(1) as elsewhere:
                # In a connection of its own: the one here may be inside the test's transaction already.
                self._cast = elsewhere.submit(self._build).result()
        return deepcopy(self._cast)

    def restore(self) -> None:
        """Only the cast's rows are there again, as they were made, and nothing that was kept of these workspaces on disk.

        Their numbers stay, and with them all that is known by a workspace's number: the SQL of its pages need not be
        made anew after every test that committed. Rights are read anew.
        """
        with _everything() as connection:
            _empty(connection)
            for name, rows in self._rows.items():
                with connection.cursor().copy(f"copy {name} from stdin (format binary)") as copy:
                    copy.write(rows)
            connection.execute("update workspace set access_version = nextval('access_version')")
        for folder in (settings.WAREHOUSE_ROOT, settings.MEDIA_ROOT):
            shutil.rmtree(folder, ignore_errors=True)

    def _build(self) -> Cast:
        try:
            made = build_cast()
        finally:
            connections.close_all()
        with _everything() as connection:
            for name in _filled(connection):
                with connection.cursor().copy(f"copy {name} to stdout (format binary)") as copy:
                    self._rows[name] = b"".join(copy)
        return made


def empty_database() -> None:
    """Remove every row of every table."""
    with _everything() as connection:
        _empty(connection)


@contextmanager
def _everything() -> Iterator[psycopg.Connection[Any]]:
    """A transaction of a superuser, for the application may not see and remove all; no trigger asks, no other row is
    looked for."""
    with start(HOME) as server, psycopg.connect(server.superuser_url) as connection:
        connection.execute("set session_replication_role = replica")
        yield connection


def _filled(connection: psycopg.Connection[Any]) -> list[str]:
    """The tables that have rows."""
    tables: list[Any] = connection.execute(
        "select quote_ident(tablename) from pg_tables where schemaname = 'public' and tablename <> 'django_migrations'"
    ).fetchall()
    asked = " union all ".join(f"select '{name}' where exists (select from {name})" for (name,) in tables)
    return [name for (name,) in connection.execute(asked).fetchall()]


def _empty(connection: psycopg.Connection[Any]) -> None:
    # Most tables are empty, and to truncate one costs as much as ten deletions of a few rows.
    for name in _filled(connection):
        connection.execute(f"delete from {name}")


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
        eventually(lambda: not other.is_alive() or _somebody_waits_for_us(), pause=0.02)
    other.join(60)
    return came[0]


def _somebody_waits_for_us() -> bool:
    # Of the locks, for pg_stat_activity shows all of a transaction what its first look saw.
    with connection.cursor() as cursor:
        cursor.execute(
            "select exists(select from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid)))"
        )
        return bool(cursor.fetchone()[0])
