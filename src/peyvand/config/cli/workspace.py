"""`peyvand workspace`: the businesses kept in this installation."""

from __future__ import annotations

import click

from peyvand.config.cli.application import application


@click.group()
def workspace() -> None:
    """Create and list workspaces (one for each business)."""


@workspace.command("create")
@click.argument("slug")
@click.option("--name", default="", help="The business's name; the slug if not given.")
@click.option("--language", type=click.Choice(["fa", "en"]), default="fa", show_default=True)
@click.option("--currency", default=None, help="ISO code; IRR for Persian and USD for English if not given.")
@click.option("--timezone", default="Asia/Tehran", show_default=True)
def create(slug: str, name: str, language: str, currency: str | None, timezone: str) -> None:
    """Create the workspace SLUG; its pages are then under /w/SLUG/."""
    with application():
        from peyvand.administration.members.actions import create_workspace

        made = create_workspace(
            slug,
            name,
            language=language,
            currency=currency or ("IRR" if language == "fa" else "USD"),
            timezone=timezone,
        )
        click.echo(
            f"Created the workspace {made.slug}. Next: peyvand user create EMAIL --workspace {made.slug} --role owner"
        )


@workspace.command("list")
def list_() -> None:
    """List the workspaces."""
    with application():
        from peyvand.platform.workspaces.models import Workspace

        for slug, name, language, currency in Workspace.objects.order_by("slug").values_list(
            "slug", "name", "language", "currency"
        ):
            click.echo(f"{slug}\t{name}\t{language}\t{currency}")
