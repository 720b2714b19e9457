"""The `peyvand` command as an operator meets it: help, and one sentence for what goes wrong."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from peyvand.platform.database.embedded import Server, start
from peyvand.testing.installation import free_port

PEYVAND = [sys.executable, "-m", "peyvand.config.cli"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    quick = {"fsync": "off", "shared_buffers": "16MB"}
    with start(tmp_path_factory.mktemp("cluster") / "data", quick) as running:
        with psycopg.connect(running.superuser_url) as connection:
            connection.execute("create role passer login bypassrls")
            connection.execute("grant connect on database peyvand to passer")
        yield running


def _peyvand(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    ours = ("DATABASE", "PEYVAND", "PORT")
    kept = {name: text for name, text in os.environ.items() if not name.startswith(ours)}
    return subprocess.run(
        [*PEYVAND, *arguments],
        env={**kept, **environ},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


def _refusal(finished: subprocess.CompletedProcess[str]) -> str:
    """The one sentence of a command that refused; fails on a traceback or a success."""
    assert finished.returncode != 0
    assert "Traceback" not in finished.stderr
    [line] = [line for line in finished.stderr.splitlines() if line.startswith(("Error:", "✗"))]
    return line


def test_help_names_the_commands_without_loading_django() -> None:
    finished = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "peyvand.config.cli", "--help"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert {"run", "serve", "worker", "migrate", "doctor"} <= set(finished.stdout.split())
    assert "django" not in finished.stderr


@pytest.mark.parametrize("command", ["run", "serve"])
def test_a_busy_port(command: str, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        finished = _peyvand(command, PORT=str(port), PEYVAND_DATA=str(tmp_path))

    assert f"Port {port} on 127.0.0.1 is taken" in _refusal(finished)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["run", "serve", "worker", "migrate"])
def test_a_wrong_address(command: str) -> None:
    finished = _peyvand(command, PORT=str(free_port()), DATABASE_URL="mysql://a:hidden@h/d")

    assert "DATABASE_URL must name a PostgreSQL database" in _refusal(finished)


def test_an_unreachable_database(tmp_path: Path) -> None:
    address = f"postgresql://app:hidden@127.0.0.1:{free_port()}/crm"

    finished = _peyvand("run", PORT=str(free_port()), DATABASE_URL=address, PEYVAND_DATA=str(tmp_path))

    sentence = _refusal(finished)
    assert "The database cannot be reached" in sentence
    assert "hidden" not in sentence


@pytest.mark.parametrize("command", ["run", "serve", "worker"])
def test_a_role_that_could_bypass_row_security(command: str, server: Server, tmp_path: Path) -> None:
    finished = _peyvand(
        command, PORT=str(free_port()), DATABASE_URL=server.url("passer"), PEYVAND_DATA=str(tmp_path)
    )

    assert "passer has BYPASSRLS and could bypass row security" in _refusal(finished)


def test_a_data_folder_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file, not a folder")

    finished = _peyvand("run", PORT=str(free_port()), PEYVAND_DATA=str(tmp_path / "data"))

    assert "cannot be used" in _refusal(finished)


@pytest.mark.parametrize("command", [
    ("workspace", "create", "arman"), ("token", "create", "--workspace", "arman", "--user", "a@arman.example"),
    ("workspace", "list"), ("demo",),
])  # fmt: skip
def test_a_folder_without_a_database_is_left_as_it_is(command: tuple[str, ...], tmp_path: Path) -> None:
    finished = _peyvand(*command, PEYVAND_DATA=str(tmp_path / "data"))

    sentence = _refusal(finished)
    assert f"The folder {tmp_path / 'data'} has no tables of Peyvand yet" in sentence
    assert "`peyvand migrate`" in sentence
    assert not (tmp_path / "data").exists()


def test_a_database_whose_tables_are_still_being_made(server: Server, tmp_path: Path) -> None:
    with psycopg.connect(server.owner_url, autocommit=True) as connection:
        connection.execute("create table workspace (id bigint)")
        try:
            finished = _peyvand("workspace", "list", DATABASE_URL=server.app_url, PEYVAND_DATA=str(tmp_path))
        finally:
            connection.execute("drop table workspace")

    assert "The database of DATABASE_URL has no tables of Peyvand yet" in _refusal(finished)


def test_a_migration_interrupted_by_the_operator_leaves_nothing_running(tmp_path: Path) -> None:
    running = subprocess.Popen(
        [*PEYVAND, "run", "--port", str(free_port())],
        env={**os.environ, "PEYVAND_DATA": str(tmp_path / "data")},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    assert running.stdout is not None
    while "Database" not in running.stdout.readline().decode():
        assert running.poll() is None

    os.killpg(running.pid, signal.SIGINT)
    running.communicate(timeout=60)

    command = ["ps", "-ww", "-eo", "args"]
    processes = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert str(tmp_path / "data") not in processes
