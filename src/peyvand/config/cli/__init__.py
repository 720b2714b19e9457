"""The `peyvand` command. Its modules import the application inside functions: help stays instant."""

from __future__ import annotations

import click

from peyvand import __version__
from peyvand.config.cli.archive import export, import_archive
from peyvand.config.cli.backup import backup, restore
from peyvand.config.cli.demo import demo
from peyvand.config.cli.doctor import doctor
from peyvand.config.cli.failures import PlainFailures
from peyvand.config.cli.importing import import_
from peyvand.config.cli.migrate import migrate
from peyvand.config.cli.run import run
from peyvand.config.cli.search import search
from peyvand.config.cli.serve import serve
from peyvand.config.cli.token import token
from peyvand.config.cli.user import user
from peyvand.config.cli.warehouse import warehouse
from peyvand.config.cli.worker import worker
from peyvand.config.cli.workspace import workspace


@click.group(cls=PlainFailures, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="Peyvand %(version)s")
def main() -> None:
    """Peyvand (پیوند), an open-source, Persian-first CRM.

    \b
    Most settings come from the environment:
      DATABASE_URL        the PostgreSQL to work on (without it: an embedded one)
      DATABASE_OWNER_URL  who migrates it (without it: the same role)
      PEYVAND_DATA        the folder for everything kept on disk
      PORT, WEB_WORKERS   where the web server listens (8000), how many processes (2)
    """


for command in (
    run, serve, worker, migrate, doctor, workspace, user, token, backup, restore, import_, export, import_archive, search, warehouse, demo,
):  # fmt: skip
    main.add_command(command)
