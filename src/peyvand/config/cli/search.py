"""`peyvand search`: the index that records, texts and files are found by."""

from __future__ import annotations

import time

import click

from peyvand.config.cli.application import application, tenant


@click.group()
def search() -> None:
    """Look after the search index."""


@search.command("reindex")
@click.option("--workspace", "slug", default=None, help="The workspace's slug; all of them if not given.")
def reindex(slug: str | None) -> None:
    """Write the search index anew, while people work. Needed once after an upgrade that finds by more than before."""
    with application():
        from peyvand.platform.objects.indexing import rebuild
        from peyvand.platform.workspaces.models import Workspace

        slugs = [slug] if slug else list(Workspace.objects.order_by("slug").values_list("slug", flat=True))
        for name in slugs:
            begun, told = time.monotonic(), dict[str, int]()

            def say(key: str, done: int, of: int, name: str = name, told: dict[str, int] = told) -> None:
                told[key] = done
                click.echo(f"{name}: {key} {done:,} of {of:,}")

            rebuild(tenant(name), say)
            click.echo(f"{name}: {sum(told.values()):,} records in {time.monotonic() - begun:.0f} s")
