"""A real installation for tests of the whole: its own database, web server and worker, as processes that may be killed."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import indent
from typing import Any

import psycopg

from peyvand.platform.database.embedded import Server, start
from peyvand.platform.database.programs import is_postgres
from peyvand.testing.environment import lay_database

# How long something may take that happens at once, on machines that have other work as well.
PATIENCE = 60.0
# Commands migrate and fill whole databases.
PATIENCE_WITH_COMMANDS = 240.0
PASSWORD = "correct-horse-1"
_WORKSPACE = """
import json
from peyvand.administration.members.actions import add_user, create_token, create_workspace
from peyvand.platform.actions.context import job_context
from peyvand.platform.workspaces.scope import workspace_scope
tenant = create_workspace({slug!r}, {slug!r}, language="en", currency="USD")
with workspace_scope(tenant.id):
    ctx = job_context(tenant)
    owner = add_user(ctx, name="Owner", email="owner@{slug}.example", role="owner", password={password!r})
    print(json.dumps([tenant.id, owner.email, create_token(ctx, owner, name="tests")]))
"""


@dataclass(frozen=True)
class Answer:
    """What came back for a request; ``status`` 0 means that the connection broke and nothing is known."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Owner:
    """Who owns a workspace, and their ways into it: an address for `PASSWORD`, and a token of the API."""

    slug: str
    workspace_id: int
    email: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def eventually(happens: Callable[[], object], seconds: float = PATIENCE, *, pause: float = 0.1) -> bool:
    """Whether it happens within so many seconds; it is looked for at their end too, however long the looks took."""
    deadline = time.monotonic() + seconds
    while not happens():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


class Installation:
    """Start with `open()`, end with `close()`. Server and worker are started, stopped and killed one by one."""

    def __init__(self, data: Path, environ: Mapping[str, str]) -> None:
        self.data = data
        self.port = free_port()
        self.log = data.with_suffix(".log")
        self._more = dict(environ)
        self._database: Server | None = None
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def database(self) -> Server:
        assert self._database is not None
        return self._database

    def open(self) -> None:
        lay_database(self.data)
        self._database = start(self.data, {"fsync": "off", "full_page_writes": "off"})
        try:
            if "DJANGO_SETTINGS_MODULE" in self._more:  # modules of its own may have tables of their own
                self.command("migrate")
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        for name in list(self._processes):
            self.stop(name)
        if self._database is not None:
            self._database.stop()

    @property
    def environ(self) -> dict[str, str]:
        kept = {
            k: v for k, v in os.environ.items() if not k.startswith(("DATABASE", "PEYVAND", "PORT", "DJANGO"))
        }
        return {
            **kept,
            "PEYVAND_DATA": str(self.data),
            "PEYVAND_SECRET_KEY": "only for tests",
            "PEYVAND_API_PER_MINUTE": "0",
            "DATABASE_URL": self.database.app_url,
            "DATABASE_OWNER_URL": self.database.owner_url,
            **self._more,
        }

    def command(self, *arguments: str, patience: float = PATIENCE_WITH_COMMANDS) -> str:
        """What a `peyvand` command prints."""
        done = subprocess.run(
            [sys.executable, "-m", "peyvand.config.cli", *arguments],
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=patience,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def script(self, code: str, *, patience: float = PATIENCE_WITH_COMMANDS) -> Any:
        """What Python code prints as JSON that runs inside the application, in a process of its own."""
        frame = "from peyvand.config.cli.application import application\nwith application():\n"
        done = subprocess.run(
            [sys.executable, "-c", frame + indent(code, "    ")],
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=patience,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def workspace(self, slug: str) -> Owner:
        """Make a workspace in English with one user."""
        return Owner(slug, *self.script(_WORKSPACE.format(slug=slug, password=PASSWORD)))

    def run(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a `peyvand` command that goes on until it is stopped."""
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "peyvand.config.cli", *arguments],
                env=self.environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self._processes[name] = process
        return process

    def serve(self, workers: int = 2) -> subprocess.Popen[bytes]:
        process = self.run("server", "serve", "--port", str(self.port), "--workers", str(workers))
        assert eventually(lambda: self.ask("GET", "/healthz").status == 200), self.said()
        return process

    def revive(self) -> None:
        """Start the server again if it ended, as a supervisor does."""
        if self._processes["server"].poll() is not None:
            self.stop("server")
            self.serve()

    def answers(self) -> bool:
        """Whether the server answers; ask again if not: it is started again if it ended, which may take it a while."""
        self.revive()
        return self.ask("GET", "/healthz").status == 200

    def work(self, name: str = "worker") -> subprocess.Popen[bytes]:
        return self.run(name, "worker")

    def stop(self, name: str, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal to one process, wait for its end, remove what it left of its group; its exit code."""
        process = self._processes.pop(name)
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(number)
        try:
            return process.wait(PATIENCE)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(PATIENCE)

    def pid(self, name: str) -> int:
        return self._processes[name].pid

    def said(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def end_database(self) -> None:
        """Make PostgreSQL end at once, as by a power cut: no goodbye, no checkpoint."""
        pid = int((self.database.cluster / "postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, signal.SIGQUIT)
        assert eventually(lambda: not self.database.is_running and not is_postgres(pid))

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        *,
        seconds: float = PATIENCE,
    ) -> Answer:
        """One request on a connection of its own; a body that is no string is sent as JSON."""
        sent = dict(headers or {})
        text = body
        if body is not None and not isinstance(body, str):
            text = json.dumps(body)
            sent.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        try:
            connection.request(method, path, text, sent)
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        except (OSError, http.client.HTTPException):
            return Answer(0)
        finally:
            connection.close()

    def sign_in(self, email: str, password: str) -> str:
        """The Cookie header of a browser that signed in."""
        page = self.ask("GET", "/sign-in")
        cookie = (page.headers.get("set-cookie") or "").partition(";")[0]
        found = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page.body)
        assert found, page.body[:500]
        form = f"csrfmiddlewaretoken={found[1].decode()}&email={email}&password={password}"
        answer = self.ask(
            "POST", "/sign-in", form, {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        )
        session = re.search(r"peyvand_session=[^;]+", answer.headers.get("set-cookie", ""))
        assert session, (answer.status, answer.body[:500])
        return session[0]

    @contextlib.contextmanager
    def rows(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection past row security, to see what is really there."""
        with psycopg.connect(self.database.superuser_url, autocommit=True) as connection:
            yield connection

    def value(self, query: str, *parameters: object) -> Any:
        with self.rows() as connection:
            row = connection.execute(query, parameters or None).fetchone()
            return row[0] if row else None


class Stream:
    """A browser's page that listens to a workspace's live updates; it connects again as browsers do."""

    def __init__(self, installed: Installation, path: str, cookie: str, *, again: bool = True) -> None:
        self.notices: list[dict[str, Any]] = []
        self.openings = 0
        self.ended = threading.Event()
        self._installed, self._path, self._cookie, self._again = installed, path, cookie, again
        self._closed = threading.Event()
        self._connection: http.client.HTTPConnection | None = None
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def opened(self, times: int) -> bool:
        """Whether the stream was opened so often by now."""
        return eventually(lambda: self.openings >= times, pause=0.02)

    def waits_for(self, wanted: Callable[[dict[str, Any]], bool], seconds: float = PATIENCE) -> bool:
        return eventually(lambda: any(map(wanted, list(self.notices))), seconds, pause=0.02)

    def shut(self) -> None:
        """Leave, without waiting for it."""
        self._closed.set()
        if self._connection is not None and self._connection.sock is not None:
            with contextlib.suppress(OSError):
                self._connection.sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.shut()
        self._thread.join(5)

    def _follow(self) -> None:
        while not self._closed.is_set():
            with contextlib.suppress(OSError, http.client.HTTPException, AttributeError):
                self._read()
            if not self._again:
                break
            self._closed.wait(0.3)
        self.ended.set()

    def _read(self) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", self._installed.port, timeout=60)
        try:
            self._connection.request("GET", self._path, headers={"Cookie": self._cookie})
            response = self._connection.getresponse()
            if response.status != 200:
                return
            while line := response.readline():
                if line.startswith(b"retry:"):
                    self.openings += 1
                elif line.startswith(b"data: "):
                    self.notices.append(json.loads(line[6:]))
        finally:
            self._connection.close()


def free_port() -> int:
    """A port on which nobody listens. It lies below those that systems give to connections by themselves: one of these
    could be taken before the server that is to listen on it has started."""
    for port in random.sample(range(20_000, 32_000), 200):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError("no port is free")
