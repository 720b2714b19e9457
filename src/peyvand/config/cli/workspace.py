"""`peyvand workspace`: the businesses kept in this installation."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from peyvand.config.cli.application import application

if TYPE_CHECKING:
    from peyvand.analytical.analyses.contract import Analysis
    from peyvand.platform.identity.actor import Tenant


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


@workspace.command("history")
@click.argument("name", type=click.Choice(["retail", "cdnow", "telco"]))
@click.argument("folder", metavar="DATA_DIR", type=click.Path(exists=True, path_type=Path))
@click.option("--slug", default="", help="The new workspace's slug; the history's name if not given.")
@click.option(
    "--analyses/--no-analyses", "analysed", default=True, help="Whether all analyses run at its end."
)
def history(name: str, folder: Path, slug: str, analysed: bool) -> None:
    """Make a workspace of a real history: what customers bought, or had, until they left.

    \b
    retail   purchases/online_retail.parquet      Online Retail (UCI, CC BY 4.0): the invoices of a wholesaler
    cdnow    purchases/CDNOW_sample.txt           CDNOW (Fader & Hardie): the purchases of new customers of a shop
    telco    churn/Telco-Customer-Churn.csv       Telco (IBM, Apache-2.0): subscriptions, and who ended theirs
    DATA_DIR holds the file there, or by its name alone. Its figures are as of the day after its last fact; all analyses run
    at its end. Ends with 2 when what was made is not what the set is known by.
    """  # fmt: skip
    with application():
        from peyvand.administration.demo.histories.build import lay_history
        from peyvand.kernel.errors import PeyvandError

        begun, slug = time.monotonic(), slug or name
        try:
            laid = lay_history(name, folder, slug, _progress)
        except PeyvandError as error:
            raise click.ClickException(str(error.message)) from error
        _clear()
        for figure in laid.figures:
            click.secho(str(figure), fg=None if figure.is_known else "yellow")
        click.echo(
            f"Made the workspace {slug} in {time.monotonic() - begun:.0f} s; its figures are as of {laid.tenant.present}."
        )
        if analysed:
            _analyse(laid.tenant)
        click.echo(
            f"Next: peyvand user create EMAIL --workspace {slug} --role owner\n"
            f"Look at /w/{slug}/insights (what was sold, or who stays and whose contract is at risk), "
            f"/w/{slug}/insights/models (how each answer is known) "
            f"and the Insights card on any customer's page."
        )
        if not laid.is_known:
            raise SystemExit(2)


def _analyse(tenant: Tenant) -> None:
    from peyvand.analytical.analyses.public import READY, REFUSED, run_all

    def told(analysis: Analysis, place: int, count: int) -> None:
        if sys.stderr.isatty():
            click.echo(f"\r\033[K  {place}/{count} {analysis.label}", nl=False, err=True)

    begun = time.monotonic()
    cards = run_all(tenant, told)
    _clear()
    ready, refused = (sum(card.state == state for card in cards) for state in (READY, REFUSED))
    failed = len(cards) - ready - refused
    click.echo(
        f"Ran {len(cards)} analyses in {time.monotonic() - begun:.0f} s: {ready} give answers, {refused} say what they lack"
        + (f", {failed} failed." if failed else ".")
    )


def _clear() -> None:
    if sys.stderr.isatty():
        click.echo("\r\033[K", nl=False, err=True)


def _progress(what: str, count: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r\033[K  {what}: {count:,}", nl=False, err=True)


@workspace.command("list")
def list_() -> None:
    """List the workspaces."""
    with application():
        from peyvand.platform.workspaces.models import Workspace

        for slug, name, language, currency in Workspace.objects.order_by("slug").values_list(
            "slug", "name", "language", "currency"
        ):
            click.echo(f"{slug}\t{name}\t{language}\t{currency}")
