"""`peyvand warehouse`: what analysis reads, filled from what people work on."""

from __future__ import annotations

import time

import click

from peyvand.config.cli.application import application, tenant

_WORKSPACE = click.option("--workspace", "slug", required=True, help="The workspace's slug.")


@click.group()
def warehouse() -> None:
    """Look after the analytical warehouse of a workspace."""


@warehouse.command()
@_WORKSPACE
def refresh(slug: str) -> None:
    """Take into the warehouse what changed since it was filled; everything, the first time."""
    _fill(slug, whole=False)


@warehouse.command()
@_WORKSPACE
def rebuild(slug: str) -> None:
    """Fill the warehouse anew from everything there is."""
    _fill(slug, whole=True)


@warehouse.command()
@_WORKSPACE
def status(slug: str) -> None:
    """Show as of when the warehouse is true, how many rows it has, and how many changes it does not know yet."""
    with application():
        from peyvand.analytical.warehouse import store
        from peyvand.analytical.warehouse.looking import rows_by_table, waiting
        from peyvand.platform.workspaces.scope import workspace_scope

        here = tenant(slug)
        version = store.published(here.id)
        if version is None:
            click.echo(f"{slug}: never filled. `peyvand warehouse refresh --workspace {slug}` fills it.")
            return
        with workspace_scope(here.id):
            changes = waiting()
        click.echo(
            f"{slug}: as of {store.moment_of(version):%Y-%m-%d %H:%M:%S} UTC, {version.stat().st_size:,} bytes, "
            f"{changes:,} changed records not taken in yet"
        )
        for name, rows in rows_by_table(version).items():
            click.echo(f"{name}\t{rows:,}")


def _fill(slug: str, *, whole: bool) -> None:
    with application():
        from peyvand.analytical.warehouse import filling

        begun = time.monotonic()
        filled = filling.refresh(tenant(slug), whole=whole)
        if filled is None:
            click.echo(f"{slug}: nothing has changed.")
        else:
            what = "everything" if filled.records is None else f"{filled.records:,} changed records"
            click.echo(f"{slug}: {what} taken in, {time.monotonic() - begun:.1f} s")
