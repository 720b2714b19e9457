"""`peyvand serve`: the web server alone."""

from __future__ import annotations

import gc
import multiprocessing
import os
import socket
from importlib import import_module

import click

from peyvand.config.cli.database import check_app_role, running_database
from peyvand.config.cli.leash import hold, wait_at_gate

# For requests in flight; less than what the supervisor grants.
KILL_SECONDS = 6
APPLICATION = "peyvand.config.asgi"


@click.command()
@click.option(
    "--host", envvar="PEYVAND_HOST", default="127.0.0.1", show_default=True, help="Where to listen."
)
@click.option("--port", envvar="PORT", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--workers", envvar="WEB_WORKERS", type=click.IntRange(1), default=2, show_default=True)
def serve(host: str, port: int, workers: int) -> None:
    """Answer the browser and the API (the database must be migrated)."""
    supervised = hold()
    require_free(host, port)
    with running_database() as (databases, _):
        if not supervised:
            check_app_role(databases)
        os.environ.update(DATABASE_URL=databases.app_url, DATABASE_OWNER_URL=databases.owner_url)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peyvand.config.settings")
        from granian.constants import HTTPModes, Interfaces
        from granian.log import LogLevels
        from granian.server import Server

        if multiprocessing.get_start_method() == "fork":
            # Loaded once for all workers, which are forked from here: they share it, and a new one is there at once.
            gc.disable()  # nearly all of it is kept
            import_module(APPLICATION)
            gc.enable()
        wait_at_gate()
        Server(
            f"{APPLICATION}:application",
            address=host,
            port=port,
            interface=Interfaces.ASGI,
            http=HTTPModes.http1,
            websockets=False,
            workers=workers,
            respawn_failed_workers=True,
            respawn_interval=0.5,
            workers_kill_timeout=KILL_SECONDS,
            log_level=LogLevels.warning,
        ).serve()


def require_free(host: str, port: int) -> None:
    """Raise ClickException when the address cannot be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError as failure:
            raise click.ClickException(f"Port {port} needs more rights; choose one above 1023.") from failure
        except OSError as failure:
            raise click.ClickException(
                f"Port {port} on {host} is taken by another program; choose another: PORT={port % 65535 + 1}."
            ) from failure
