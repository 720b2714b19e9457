"""`peyvand demo`: invented businesses to look around in."""

from __future__ import annotations

import click

from peyvand.config.cli.application import application


@click.command()
@click.option(
    "--reset",
    is_flag=True,
    help="Remove the demonstration and all that was changed in it, then make it anew.",
)
def demo(reset: bool) -> None:
    """Make two demonstration workspaces: a Persian one, firouzeh, and an English one, turquoise."""
    with application():
        from django.db import transaction

        from peyvand.administration.demo.build import build_demo, remove_demo
        from peyvand.administration.demo.login import SENTENCE
        from peyvand.config.demo.programs import connect_programs

        with transaction.atomic():
            if reset:
                remove_demo()
            made = build_demo()
            for slug in made:
                connect_programs(slug)
        click.echo(
            f"Made {' and '.join(made)}."
            if made
            else "The demonstration is there already; --reset makes it anew."
        )
        click.echo(SENTENCE)
