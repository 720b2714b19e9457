"""`peyvand run`: database, migrations, web server and worker in one command."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from peyvand.config.cli.database import check_app_role, child_environment, running_database
from peyvand.config.cli.serve import require_free
from peyvand.config.cli.supervise import Child, Supervisor
from peyvand.platform.database import DatabaseUnusable

if TYPE_CHECKING:
    from peyvand.platform.database.embedded import Server
    from peyvand.platform.database.urls import Databases

ANSWER_SECONDS = 60.0
HOPELESS_CRASHES = 3
WATCH_SECONDS = 0.5
_NO_DEMONSTRATION = (
    "No demonstration is made: others may reach this address, and its password is published. Begin with "
    "`peyvand workspace create`, or ask for it with --demo."
)


@click.command()
@click.option(
    "--host", envvar="PEYVAND_HOST", default="127.0.0.1", show_default=True, help="Where to listen."
)
@click.option("--port", envvar="PORT", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--workers", envvar="WEB_WORKERS", type=click.IntRange(1), default=2, show_default=True)
@click.option(
    "--demo/--no-demo",
    envvar="PEYVAND_DEMO",
    default=None,
    help="Make a demonstration if there is no workspace. Its password is known to everybody, so it is made without "
    "asking only where nobody but this machine gets in.",
)
def run(host: str, port: int, workers: int, demo: bool | None) -> None:
    """Run everything: database, migrations, web server and worker. Ctrl-C ends it all."""
    from peyvand.platform.database.urls import resolve

    require_free(host, port)
    # Left in this order at the end: first the children, then the database they work on.
    with ExitStack() as stack, Supervisor(_warn) as supervisor:
        environ = child_environment(resolve(os.environ))
        # It loads while the database starts, and answers nobody until all is ready.
        place = ["--host", host, "--port", str(port), "--workers", str(workers)]
        web = supervisor.add("web server", ["serve", *place], environ)
        with _step("Database"):
            databases, server = stack.enter_context(running_database())
            check_app_role(databases)
        with _step("Tables"):
            if not _up_to_date(databases):
                _await(supervisor, "migrate", environ)
        if supervisor.asked_to_end():
            return
        login = _demonstrate(supervisor, databases, environ, demo, host)
        if supervisor.asked_to_end():
            return
        with _step("Web server and worker"):
            supervisor.gate.open()
            _await_answer(supervisor, web, f"http://{_reachable(host)}:{port}/healthz")
            supervisor.add("worker", ["worker"], environ)  # after what a person waits for
        if not supervisor.asked_to_end():
            _greet(_reachable(host), port, login)
        while not supervisor.asked_to_end():
            supervisor.tend(WATCH_SECONDS)
            _keep_alive(server, supervisor)
        click.echo("\nStopping …")


def _up_to_date(databases: Databases) -> bool:
    """Whether this very code has migrated the database: asking takes a twentieth of migrating nothing."""
    import psycopg

    from peyvand.platform.database.stamp import bears_stamp, stamp_of
    from peyvand.platform.database.urls import role_of

    with psycopg.connect(databases.app_url) as connection:
        return bears_stamp(connection, stamp_of(role_of(databases.app_url)))


def _await(supervisor: Supervisor, command: str, environ: Mapping[str, str]) -> None:
    """Run a command to its end in a process of its own, so that the supervisor itself stays small."""
    child = subprocess.Popen(
        [sys.executable, "-m", "peyvand.config.cli", command],
        env=dict(environ), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    while child.poll() is None:
        supervisor.wait(0.5)
        if supervisor.asked_to_end():
            child.terminate()
            child.wait()
            return
    if child.returncode:
        raise SystemExit(1)


def _demonstrate(
    supervisor: Supervisor, databases: Databases, environ: Mapping[str, str], asked: bool | None, host: str
) -> str:
    """Make the demonstration where there is no workspace yet and ``asked`` says so, or says nothing and nobody else gets
    in; return what tells its login, if it is there."""
    import psycopg

    from peyvand.administration.demo.login import SENTENCE, SLUG

    with psycopg.connect(databases.app_url) as connection:
        slugs = {row[0] for row in connection.execute("select slug from workspace limit 1000")}
    if not slugs and asked is None and not is_alone(host, environ):
        click.echo(f"  {_NO_DEMONSTRATION}")
    elif not slugs and asked is not False:
        with _step("Demonstration"):
            _await(supervisor, "demo", environ)
        slugs = {SLUG}
    return SENTENCE if SLUG in slugs else ""


def _await_answer(supervisor: Supervisor, web: Child, address: str) -> None:
    """Wait until the web server really answers."""
    deadline = time.monotonic() + ANSWER_SECONDS
    while not supervisor.asked_to_end() and not _answers(address):
        supervisor.tend(0.05)
        if web.crashes >= HOPELESS_CRASHES:
            raise click.ClickException("The web server does not start; its last message above says why.")
        if time.monotonic() > deadline:
            raise click.ClickException(f"The web server did not answer within {ANSWER_SECONDS:.0f} seconds.")


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5):  # noqa: S310 our own http address
            return True
    except urllib.error.HTTPError as answer:
        return answer.code < 500
    except OSError:
        return False


def _keep_alive(server: Server | None, supervisor: Supervisor) -> None:
    """Bring the embedded database back if it died."""
    if server is None or supervisor.asked_to_end() or server.is_running:
        return
    _warn("The database ended; starting it again.")
    try:
        server.start()
    except DatabaseUnusable as failure:
        _warn(str(failure))  # a disk may be freed again: the next round tries once more


def _greet(host: str, port: int, login: str) -> None:
    click.secho(f"\n  Peyvand is ready: http://{host}:{port}/", bold=True)
    if login:
        click.echo(f"  {login}")
    click.echo("  Ctrl-C stops it.\n")


def is_alone(host: str, environ: Mapping[str, str]) -> bool:
    """Whether nobody but this machine gets in: it listens to itself alone, and no setting speaks of a proxy that lets others
    in or of a name that they reach it by."""
    if environ.get("PEYVAND_TLS") == "1" or environ.get("PEYVAND_PROXIES", "").strip():
        return False
    url, hosts = environ.get("PEYVAND_URL", ""), environ.get("PEYVAND_HOSTS", "").split(",")
    named = [
        urlsplit(url).hostname or "" if url else "localhost",
        *(name for name in hosts if name not in ("", "*")),
    ]
    return is_loopback(host) and all(is_loopback(name.strip()) for name in named)


def is_loopback(host: str) -> bool:
    """Whether only this machine itself reaches what listens there; of a name nobody knows but "localhost"."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _reachable(host: str) -> str:
    """The name a browser on this machine reaches the address by."""
    if host in ("0.0.0.0", "::", "127.0.0.1"):  # noqa: S104 compared, not bound
        return "localhost" if host == "::" else "127.0.0.1"
    return f"[{host}]" if ":" in host else host


@contextmanager
def _step(title: str) -> Iterator[None]:
    """Show one line: what is being done, then how long it took."""
    click.echo(f"  {title} … ", nl=False)
    start = time.monotonic()
    try:
        yield
    except BaseException:
        click.echo()
        raise
    click.echo(f"{time.monotonic() - start:.1f} s")


def _warn(message: str) -> None:
    click.secho(f"  {message}", fg="yellow", err=True)
