"""The application, loaded and connected, for commands that work on what is in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from peyvand.config.cli.database import check_app_role, has_cluster, running_database

if TYPE_CHECKING:
    from peyvand.platform.actions.context import Context
    from peyvand.platform.identity.actor import Tenant


@contextmanager
def application() -> Iterator[None]:
    """Django set up on a running, migrated database, as the role that can bypass nothing.

    Raises ClickException where no tables are: a command begins no database of its own in a folder that was not meant.
    """
    if not has_cluster():
        raise click.ClickException(_no_tables())
    with running_database() as (databases, _):
        check_app_role(databases)
        os.environ.update(DATABASE_URL=databases.app_url, DATABASE_OWNER_URL=databases.owner_url)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peyvand.config.settings")
        import django
        from django.db import connection

        django.setup()
        with connection.cursor() as cursor:
            # The rights are given after the last of the tables is made.
            cursor.execute("select coalesce(has_table_privilege(to_regclass('workspace'), 'select'), false)")
            if cursor.fetchone() == (False,):
                raise click.ClickException(_no_tables())
        try:
            yield
        finally:
            connection.close()


def _no_tables() -> str:
    from peyvand.platform.database.urls import data_folder

    where = (
        "The database of DATABASE_URL"
        if os.environ.get("DATABASE_URL")
        else f"The folder {data_folder(os.environ)}"
    )
    return (
        f"{where} has no tables of Peyvand yet: `make run` or `peyvand migrate` makes them there. If yours is another,"
        " give this command the PEYVAND_DATA or DATABASE_URL that Peyvand runs with."
    )


def tenant(slug: str) -> Tenant:
    """The workspace named on the command line."""
    from peyvand.platform.identity.actor import tenant_by

    found = tenant_by(slug=slug)
    if found is None:
        raise click.ClickException(
            f"There is no workspace “{slug}”. `peyvand workspace list` shows those there are."
        )
    return found


@contextmanager
def acting_in(slug: str) -> Iterator[Context]:
    """A scope of the workspace, and the context of the operator acting as the system in it."""
    from peyvand.platform.actions.context import Context
    from peyvand.platform.identity.actor import system_actor
    from peyvand.platform.workspaces.scope import workspace_scope

    here = tenant(slug)
    with workspace_scope(here.id):
        yield Context(system_actor(here), "cli")
