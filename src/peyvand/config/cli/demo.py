"""`peyvand demo`: invented businesses to look around in."""

from __future__ import annotations

import click

from peyvand.config.cli.application import application


@click.command()
@click.option("--reset", is_flag=True, help="Remove the demonstration and all that was changed in it, then make it anew.")
@click.option("--if-empty", is_flag=True, help="Do nothing where there is a workspace already.")
def demo(reset: bool, if_empty: bool) -> None:
    """Make two demonstration workspaces: a Persian one, firouzeh, and an English one, turquoise."""
    with application():
        from django.db import transaction

        from peyvand.administration.demo.build import LOGIN, PASSWORD, build_demo, is_built, remove_demo
        from peyvand.platform.workspaces.models import Workspace

        if if_empty and Workspace.objects.exists() and not is_built():
            return
        with transaction.atomic():
            if reset:
                remove_demo()
            made = build_demo()
        if made and not if_empty:
            click.echo(f"Made {' and '.join(made)}.")
        elif not if_empty:
            click.echo("The demonstration is there already; --reset makes it anew.")
        click.echo(f"Demo login: {LOGIN}   password: {PASSWORD}")
