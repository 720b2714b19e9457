"""A migrated database, made once for all tests of the same code: the processes of a run, and the next run, copy its files."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from peyvand.platform.database.bootstrap import APP_ROLE
from peyvand.platform.database.embedded import start
from peyvand.platform.database.stamp import stamp_of

# Those of two states of the code: who goes back and forth between them waits for neither.
_KEPT = 2


def lay(data: Path, folder: Path) -> None:
    """Put a migrated cluster into a data folder that has none; `folder` is where templates are kept."""
    stamp = stamp_of(APP_ROLE)
    template = folder / stamp
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _alone(folder):
        if not template.exists():
            _make(template)
        os.utime(template)
        # Whoever runs the tests copies it, and the server's own user is given the copy when it starts.
        shutil.copytree(template, data / "postgres")
        for old in sorted(folder.glob("?" * len(stamp)), key=lambda path: -path.stat().st_mtime)[_KEPT:]:
            shutil.rmtree(old)


def _make(template: Path) -> None:
    # Not inside `folder`: it may lie where the server's own user must not enter.
    with tempfile.TemporaryDirectory(prefix="peyvand-template-") as name:
        data = Path(name)
        with start(data, {"fsync": "off", "full_page_writes": "off"}) as server:
            finished = subprocess.run(
                [sys.executable, "-m", "peyvand.config.cli", "migrate"],
                env={**os.environ, "DATABASE_URL": server.app_url, "DATABASE_OWNER_URL": server.owner_url},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        if finished.returncode:
            raise RuntimeError(finished.stdout)
        unfinished = template.with_suffix(".new")  # renamed when complete
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(data / "postgres", unfinished)
        unfinished.rename(template)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
