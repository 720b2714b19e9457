"""The database a command works on: started if embedded, checked before anything relies on it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from peyvand.platform.database.embedded import Server
    from peyvand.platform.database.urls import Databases


def has_cluster() -> bool:
    """Whether there is a database to start at all; a named one may be there."""
    from peyvand.platform.database.embedded import CLUSTER
    from peyvand.platform.database.urls import data_folder, resolve

    return not resolve(os.environ).embedded or (data_folder(os.environ) / CLUSTER).is_dir()


@contextmanager
def running_database() -> Iterator[tuple[Databases, Server | None]]:
    """The databases of this environment, answering; the embedded server is left again at the end.

    Raises DatabaseUnusable, or psycopg.OperationalError when a named server does not answer.
    """
    from peyvand.platform.database.urls import data_folder, resolve

    databases = resolve(os.environ)
    if not databases.embedded:
        yield databases, None
        return
    from peyvand.platform.database.embedded import start

    with start(data_folder(os.environ)) as server:
        yield databases, server


def check_app_role(databases: Databases) -> None:
    """Refuse to go on with a role that could bypass row security; warnings are shown."""
    import psycopg

    from peyvand.platform.database.urls import check_role

    with psycopg.connect(databases.app_url, connect_timeout=5) as connection:
        for warning in check_role(connection):
            click.secho(warning, fg="yellow", err=True)


def child_environment(databases: Databases) -> Mapping[str, str]:
    """The environment for child processes: they find the database running and need not start or check it."""
    return {
        **os.environ,
        "DATABASE_URL": databases.app_url,
        "DATABASE_OWNER_URL": databases.owner_url,
        "PYTHONUTF8": "1",
    }
