"""`peyvand token`: keys for programs."""

from __future__ import annotations

import click

from peyvand.config.cli.application import acting_in, application


@click.group()
def token() -> None:
    """Create, list and revoke API tokens."""


@token.command("create")
@click.option("--workspace", "slug", required=True, help="The workspace's slug.")
@click.option("--user", "email", required=True, help="Whose rights the token has.")
@click.option("--name", default="", help="What it is for.")
@click.option(
    "--days", type=click.IntRange(1), default=None, help="After how many days it ends; never if not given."
)
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    help="What it may do (deal.view, person.*, …); everything if not given.",
)
def create(slug: str, email: str, name: str, days: int | None, scopes: tuple[str, ...]) -> None:
    """Make a token and print it, alone: it is shown this once."""
    with application(), acting_in(slug) as ctx:
        from datetime import timedelta

        from peyvand.administration.members.actions import create_token
        from peyvand.kernel import clock
        from peyvand.platform.identity.models import User

        row = User.objects.filter(email=email.strip().lower(), is_active=True).first()
        if row is None:
            raise click.ClickException(f"There is no active user {email} in {slug}.")
        click.echo(
            create_token(
                ctx,
                row,
                name=name,
                expires_at=clock.now() + timedelta(days=days) if days else None,
                scopes=scopes,
            )
        )


@token.command("list")
@click.option("--workspace", "slug", required=True)
def list_(slug: str) -> None:
    """List a workspace's tokens: number, beginning, owner, name, state."""
    with application(), acting_in(slug) as ctx:
        from peyvand.kernel import clock
        from peyvand.platform.identity.models import ApiToken, User

        names = dict(User.objects.values_list("id", "email"))
        for row in ApiToken.objects.filter(workspace_id=ctx.tenant.id).order_by("id"):
            ended = row.expires_at is not None and row.expires_at < clock.now()
            state = "revoked" if row.revoked_at else "expired" if ended else "active"
            click.echo(f"{row.pk}\t{row.hint}…\t{names.get(row.user_id, '-')}\t{row.name}\t{state}")


@token.command("limit")
@click.argument("per_minute", type=click.IntRange(0))
@click.option("--workspace", "slug", required=True)
def limit(per_minute: int, slug: str) -> None:
    """Let each token of a workspace send PER_MINUTE requests a minute; 0 for as many as it likes."""
    with application(), acting_in(slug) as ctx:
        from peyvand.api.limits import PER_MINUTE
        from peyvand.platform.workspaces.models import Workspace

        workspace = Workspace.objects.select_for_update().get(id=ctx.tenant.id)
        workspace.settings[PER_MINUTE] = per_minute
        workspace.save(update_fields=["settings"])
        click.echo(f"Tokens of {slug}: {per_minute or 'any number of'} requests a minute.")


@token.command("revoke")
@click.argument("number", type=int)
@click.option("--workspace", "slug", required=True)
def revoke(number: int, slug: str) -> None:
    """Make the token with this NUMBER (see list) useless."""
    with application(), acting_in(slug) as ctx:
        from peyvand.administration.members.actions import revoke_token

        revoke_token(ctx, number)
        click.echo(f"Token {number} is revoked.")
