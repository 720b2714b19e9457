"""`peyvand user`: who may work in a workspace."""

from __future__ import annotations

import secrets
import sys

import click

from peyvand.config.cli.application import acting_in, application


@click.group()
def user() -> None:
    """Create and list users, set passwords."""


@user.command("create")
@click.argument("email")
@click.option("--workspace", "slug", required=True, help="The workspace's slug.")
@click.option(
    "--role",
    default="member",
    show_default=True,
    help="owner, admin, manager, member, viewer, or one of your own.",
)
@click.option("--name", default="", help="What colleagues see; the part before @ if not given.")
@click.option(
    "--password",
    default=None,
    envvar="PEYVAND_PASSWORD",
    help="Made up and printed if not given; “-” reads it from the input.",
)
def create(email: str, slug: str, role: str, name: str, password: str | None) -> None:
    """Add EMAIL to a workspace. Somebody who has an account already keeps their password."""
    with application(), acting_in(slug) as ctx:
        from peyvand.administration.members.actions import add_user
        from peyvand.platform.identity.models import Account

        known = Account.objects.filter(email=email.strip().lower()).first()
        made_up = None
        if password == "-":  # noqa: S105 the sign for standard input
            password = sys.stdin.readline().rstrip("\n")
        elif password is None and not known:
            password = made_up = secrets.token_urlsafe(12)
        row = add_user(
            ctx, name=name, email=email, role=role, account=known, password=None if known else password
        )
        click.echo(f"Added {row.email} to {slug} as {role}.")
        if made_up:
            click.echo(f"Password: {made_up}")


@user.command("list")
@click.option("--workspace", "slug", required=True)
def list_(slug: str) -> None:
    """List a workspace's users."""
    with application(), acting_in(slug):
        from peyvand.platform.identity.models import User

        for row in User.objects.select_related("role", "team").order_by("name"):
            state = "" if row.is_active else "\toff"
            click.echo(
                f"{row.email or '-'}\t{row.name}\t{row.role.key}\t{row.team.name if row.team else '-'}{state}"
            )


@user.command("password")
@click.argument("email")
@click.option(
    "--password",
    default=None,
    envvar="PEYVAND_PASSWORD",
    help="Asked for if not given; “-” reads it from the input.",
)
def password(email: str, password: str | None) -> None:
    """Set the password of EMAIL and end its sessions."""
    with application():
        from peyvand.administration.members.actions import set_password
        from peyvand.platform.identity.models import Account, Session

        account = Account.objects.filter(email=email.strip().lower()).first()
        if account is None:
            raise click.ClickException(f"There is no account {email}.")
        if password == "-":  # noqa: S105 the sign for standard input
            password = sys.stdin.readline().rstrip("\n")
        set_password(
            account, password or click.prompt("New password", hide_input=True, confirmation_prompt=True)
        )
        Session.objects.filter(account_id=account.pk).delete()
        click.echo(f"The password of {account.email} is set.")
