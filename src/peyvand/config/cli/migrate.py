"""`peyvand migrate`: bring the database's tables to this version."""

from __future__ import annotations

import os

import click

from peyvand.config.cli.database import running_database


@click.command()
def migrate() -> None:
    """Bring the database's tables to this version (as the owner role)."""
    with running_database() as (databases, _):
        from peyvand.platform.database.urls import role_of

        os.environ.update(DATABASE_URL=databases.owner_url, DATABASE_OWNER_URL=databases.owner_url)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peyvand.config.settings")
        import django
        from django.core.management import call_command
        from django.db import connection

        django.setup()
        from peyvand.analytical.warehouse.watching import watch
        from peyvand.platform.database.first import quick_if_empty, whole_migrations
        from peyvand.platform.database.grants import grant_app, migrating_alone
        from peyvand.platform.database.stamp import set_stamp, stamp_of
        from peyvand.platform.objects.statistics import keep_statistics
        from peyvand.platform.workspaces.security import prepare, secure

        with migrating_alone(connection):
            prepare(connection)
            with quick_if_empty(connection), whole_migrations():
                call_command("migrate", interactive=False, verbosity=0)
            secure(connection)
            keep_statistics(connection)
            watch(connection)
            app_role = role_of(databases.app_url)
            grant_app(connection, app_role)
            set_stamp(connection, stamp_of(app_role))
