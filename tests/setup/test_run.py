"""`peyvand run` as one process tree: it answers, brings back what dies, and leaves nothing behind."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from peyvand.config.cli.run import is_alone, is_loopback
from peyvand.platform.database.embedded import start
from peyvand.platform.database.stamp import bears_stamp, stamp_of
from peyvand.testing.environment import lay_database
from peyvand.testing.installation import free_port

PATIENCE = 180.0
pytestmark = pytest.mark.slow


class Running:
    """A `peyvand run` on a port and a data folder of its own."""

    def __init__(self, data: Path, *arguments: str) -> None:
        self.port = free_port()
        self.data = data
        ours = ("DATABASE", "PEYVAND", "PORT")
        kept = {name: text for name, text in os.environ.items() if not name.startswith(ours)}
        self.output = (data.parent / f"{self.port}.txt").open("a+", encoding="utf-8")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "peyvand.config.cli", "run", *arguments],
            env={**kept, "PEYVAND_DATA": str(data), "PORT": str(self.port)},
            stdout=self.output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def said(self) -> str:
        self.output.seek(0)
        return self.output.read()

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5):
                return True
        except (urllib.error.URLError, OSError):
            return False

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(PATIENCE)

    def child(self, word: str) -> int | None:
        """The process below the supervisor whose command line has the word."""
        for line in _processes():
            pid, parent, command = line.split(None, 2)
            if int(parent) == self.process.pid and re.search(rf"\b{word}\b", command):
                return int(pid)
        return None


def _processes() -> list[str]:
    shown = subprocess.run(
        ["ps", "-ww", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    ).stdout
    return [line for line in shown.splitlines() if "<defunct>" not in line]


def _eventually(happens: Callable[[], object]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if happens():
            return True
        time.sleep(0.1)
    return False


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """``run()``: one that is ready, on a database that this code has migrated."""
    started: list[Running] = []

    def start(*arguments: str) -> Running:
        data = tmp_path / "data"
        if not data.exists():
            lay_database(data)
        started.append(Running(data, *(arguments or ("--no-demo",))))
        running = started[-1]
        _eventually(lambda: "Peyvand is ready" in running.said() or running.process.poll() is not None)
        assert "Peyvand is ready" in running.said(), running.said()
        return running

    yield start
    for running in started:
        if running.process.poll() is None:
            running.end()
        running.output.close()


def test_an_interrupt_of_the_whole_group_ends_everything(run: Callable[[], Running]) -> None:
    running = run()
    family = [running.child(word) for word in ("postgres", "serve", "worker")]

    os.killpg(running.process.pid, signal.SIGINT)
    code = running.process.wait(20)

    left = {int(line.split()[0]) for line in _processes()} & {pid for pid in family if pid}
    assert None not in family
    assert (code, left) == (0, set())
    assert "Traceback" not in running.said()


def test_what_is_killed_comes_back(run: Callable[[], Running]) -> None:
    running = run()
    for word in ("serve", "worker", "postgres"):
        assert _eventually(lambda word=word: running.child(word))
        before = running.child(word)

        os.kill(before, signal.SIGKILL)

        assert _eventually(lambda word=word, before=before: running.child(word) not in (None, before)), word
        assert _eventually(running.answers), word


def test_a_killed_supervisor_takes_its_children_along_and_the_next_one_takes_over(
    run: Callable[[], Running],
) -> None:
    first = run()
    children = {first.child("serve"), first.child("worker")}
    database = first.child("postgres")

    first.process.kill()
    first.process.wait()
    assert _eventually(lambda: not {int(line.split()[0]) for line in _processes()} & children)
    second = run()
    second.process.terminate()
    code = second.process.wait(20)

    assert code == 0
    assert database not in {int(line.split()[0]) for line in _processes()}


def test_a_start_migrates_only_what_other_code_left(run: Callable[[], Running]) -> None:
    """A right taken away by hand comes back with migrating alone: so it tells whether that ran."""
    first = run()
    with start(first.data) as server, psycopg.connect(server.owner_url, autocommit=True) as owner:

        def may_read() -> bool:
            row = owner.execute("select has_table_privilege('peyvand_app', 'person', 'select')").fetchone()
            return bool(row and row[0])

        assert bears_stamp(owner, stamp_of("peyvand_app"))
        owner.execute("revoke select on person from peyvand_app")
        first.end()
        run().end()
        assert not may_read()

        owner.execute("comment on table django_migrations is 'other code'")
        run().end()
        assert may_read()
        assert bears_stamp(owner, stamp_of("peyvand_app"))


def test_no_password_that_is_published_opens_what_others_reach(run: Callable[..., Running]) -> None:
    said = run("--host", "0.0.0.0").said()
    assert "No demonstration is made" in said
    assert "Demonstration …" not in said


@pytest.mark.parametrize(
    ("host", "alone"),
    [("127.0.0.1", True), ("127.8.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False),
     ("::", False), ("192.168.1.4", False), ("crm.example.com", False), ("localhost.example.com", False)],
)  # fmt: skip
def test_only_this_machine_itself_is_alone(host: str, alone: bool) -> None:
    assert is_loopback(host) is alone


@pytest.mark.parametrize(
    ("said", "alone"),
    [
        ({}, True),
        ({"PEYVAND_URL": "http://localhost:8000", "PEYVAND_HOSTS": "*"}, True),
        ({"PEYVAND_HOSTS": "localhost,127.0.0.1"}, True),
        ({"PEYVAND_TLS": "1"}, False),
        ({"PEYVAND_PROXIES": "127.0.0.1"}, False),
        ({"PEYVAND_URL": "https://crm.example.com"}, False),
        ({"PEYVAND_HOSTS": "crm.example.com,localhost"}, False),
    ],
)
def test_a_proxy_before_it_lets_others_in(said: dict[str, str], alone: bool) -> None:
    assert is_alone("127.0.0.1", said) is alone
    assert not is_alone("0.0.0.0", said)
