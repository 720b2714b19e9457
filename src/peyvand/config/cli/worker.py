"""`peyvand worker`: the background worker alone."""

from __future__ import annotations

import os

import click

from peyvand.config.cli.database import check_app_role, running_database
from peyvand.config.cli.leash import hold


@click.command()
def worker() -> None:
    """Work off background jobs and schedules; may run on many machines at once."""
    supervised = hold()
    with running_database() as (databases, _):
        if not supervised:
            check_app_role(databases)
        os.environ.update(DATABASE_URL=databases.app_url, DATABASE_OWNER_URL=databases.owner_url)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peyvand.config.settings")
        os.environ.setdefault("PEYVAND_STATEMENT_SECONDS", "600")
        from peyvand.platform.database.urls import data_folder
        from peyvand.platform.jobs.yielding import give_way, leave_cores

        leave_cores()
        import django

        django.setup()
        from peyvand.platform.jobs.worker import run_worker

        give_way(data_folder(os.environ))
        run_worker()
