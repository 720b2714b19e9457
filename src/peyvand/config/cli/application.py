"""The application, loaded and connected, for commands that work on what is in it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from peyvand.config.cli.database import check_app_role, child_environment, running_database

if TYPE_CHECKING:
    from peyvand.platform.actions.context import Context
    from peyvand.platform.identity.actor import Tenant


@contextmanager
def application() -> Iterator[None]:
    """Django set up on a running, migrated database, as the role that can bypass nothing."""
    with running_database() as (databases, _):
        check_app_role(databases)
        os.environ.update(DATABASE_URL=databases.app_url, DATABASE_OWNER_URL=databases.owner_url)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peyvand.config.settings")
        import django
        from django.db import connection

        django.setup()
        with connection.cursor() as cursor:
            cursor.execute("select to_regclass('workspace') is null")
            if cursor.fetchone() == (True,):
                subprocess.run(
                    [sys.executable, "-m", "peyvand.config.cli", "migrate"],
                    env=dict(child_environment(databases)),
                    check=True,
                )
        try:
            yield
        finally:
            connection.close()


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
