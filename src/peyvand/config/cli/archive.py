"""`peyvand export` and `peyvand import-archive`: a whole workspace as a file, and a workspace from one."""

from __future__ import annotations

import time
from pathlib import Path

import click

from peyvand.config.cli.application import application, tenant


@click.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--workspace", "slug", required=True, help="The workspace's slug.")
def export(file: Path, slug: str) -> None:
    """Write everything of a workspace into FILE: a ZIP of its records, history and files in an open format.

    People may go on working: it is the workspace as it is at the beginning. Passwords, keys and webhooks stay behind.
    """
    if file.exists():
        raise click.ClickException(f"{file} is there already.")
    with application():
        from peyvand.integrations.archive.writing import write_archive

        here, begun, last = tenant(slug), time.monotonic(), [0.0]

        def told(rows: int, total: int) -> None:
            if time.monotonic() - last[0] >= 1:
                last[0] = time.monotonic()
                click.echo(f"{rows:,} of {total:,} rows", err=True)

        rows = write_archive(here.id, file, told)
        click.echo(
            f"{rows:,} rows in {file} ({file.stat().st_size:,} bytes), {time.monotonic() - begun:.0f} s"
        )


@click.command("import-archive")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as", "slug", default="", help="The new workspace's slug; the archive's own if not given.")
def import_archive(file: Path, slug: str) -> None:
    """Make a new workspace of an archive FILE. It is there whole, or not at all.

    Who worked there has an account here by their e-mail, and keeps the password they have here; for those who had none,
    `peyvand user password` sets one.
    """
    with application():
        from peyvand.integrations.archive.reading import read_archive
        from peyvand.platform.objects.indexing import rebuild

        begun, last = time.monotonic(), [""]

        def told(table: str, rows: int) -> None:
            if table != last[0]:
                last[0] = table
                click.echo(f"{table}: after {rows:,} rows", err=True)

        read = read_archive(file, slug, told)
        click.echo("Writing the search index …", err=True)
        rebuild(read.tenant, lambda key, done, of: None)
        click.echo(
            f"{read.rows:,} rows and {read.files:,} files in the workspace {read.tenant.slug}, {time.monotonic() - begun:.0f} s"
        )
        for email in read.new_accounts:
            click.echo(f"No password yet: {email}")
