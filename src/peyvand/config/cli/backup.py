"""`peyvand backup` and `peyvand restore`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from peyvand.config.cli.database import running_database

URL_HELP = "A role that sees every row, where the database is not the embedded one."


@contextmanager
def _seeing_everything(url: str | None) -> Iterator[tuple[str, Path]]:
    """A URL past row security, and the data folder."""
    from peyvand.platform.database.urls import data_folder

    with running_database() as (_, server):
        if server is not None:
            yield server.superuser_url, data_folder(os.environ)
        elif url:
            yield url, data_folder(os.environ)
        else:
            raise click.ClickException(
                "A backup must see every row: give DATABASE_BACKUP_URL (or --url), a superuser or a role with BYPASSRLS."
            )


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--url", envvar="DATABASE_BACKUP_URL", default=None, help=URL_HELP)
def backup(file: Path, url: str | None) -> None:
    """Write everything (database, files, secret key) to FILE. Works while people work."""
    from peyvand.platform.database.backup import write_backup

    with _seeing_everything(url) as (full_url, data):
        write_backup(full_url, data, file)
    click.echo(
        f"Wrote {file} ({file.stat().st_size // 1024:,} kB). It holds every secret of this installation: keep it safe."
    )


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--url", envvar="DATABASE_BACKUP_URL", default=None, help=URL_HELP)
@click.option("--yes", is_flag=True, help="Do not ask.")
def restore(file: Path, url: str | None, yes: bool) -> None:
    """Put the backup FILE in place of everything that is there now. Stop the server first."""
    from peyvand.platform.database.backup import read_backup

    if not yes:
        click.confirm("Everything in this installation will be replaced. Go on?", abort=True)
    with _seeing_everything(url) as (full_url, data):
        manifest = read_backup(full_url, data, file)
    click.echo(
        f"Restored what was saved on {manifest.taken_at[:16].replace('T', ' ')} UTC by Peyvand {manifest.version}."
    )
