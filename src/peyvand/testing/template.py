"""A migrated database, made once for all tests of the same code: the processes of a run, and the next run, copy its files.

``PEYVAND_TEMPLATES=FOLDER python -m peyvand.testing.template`` makes it before a run, while something else keeps a processor busy.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import peyvand
from peyvand.platform.database.bootstrap import APP_ROLE
from peyvand.platform.database.embedded import start
from peyvand.platform.database.stamp import stamp_of

# Those of a few states of the code: who goes back and forth between them waits for none.
_KEPT = 4


def lay(data: Path, folder: Path) -> None:
    """Put a migrated cluster into a data folder that has none; `folder` is where templates are kept."""
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _alone(folder):
        template = _made(folder)
        os.utime(template)
        # Whoever runs the tests copies it, and the server's own user is given the copy when it starts.
        shutil.copytree(template, data / "postgres")
        for old in _newest_first(folder)[_KEPT:]:
            _migrations_of(old).unlink()
            shutil.rmtree(old)


def _made(folder: Path) -> Path:
    template = folder / stamp_of(APP_ROLE)
    if not _migrations_of(template).exists():
        _make(template)
    return template


def _make(template: Path) -> None:
    migrations = _migrations()
    # Not inside the folder: it may lie where the server's own user must not enter.
    with tempfile.TemporaryDirectory(prefix="peyvand-template-", ignore_cleanup_errors=True) as name:
        data = Path(name)
        if earlier := _earlier(template.parent, migrations):
            shutil.copytree(earlier, data / "postgres")
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
        # What a run that was ended left half done is no template: the list of its migrations comes last.
        shutil.rmtree(template, ignore_errors=True)
        shutil.copytree(data / "postgres", template)
        _migrations_of(template).write_text(json.dumps(migrations))


def _earlier(folder: Path, migrations: dict[str, str]) -> Path | None:
    """The newest template of which every migration is still as it was: only what came since has to run on it."""
    for template in _newest_first(folder):
        ran = json.loads(_migrations_of(template).read_text())
        if ran.items() <= migrations.items():
            return template
    return None


def _migrations() -> dict[str, str]:
    """Digests of our migrations, by their place."""
    root = Path(peyvand.__file__).parent
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.rglob("migrations/*.py")
    }


def _migrations_of(template: Path) -> Path:
    return template.with_name(f"{template.name}.json")


def _newest_first(folder: Path) -> list[Path]:
    templates = [path.with_suffix("") for path in folder.glob("*.json")]
    return sorted(templates, key=lambda path: -path.stat().st_mtime)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    # What a test process is told about the database, the one that migrates must be told too.
    from peyvand.testing import environment  # noqa: F401

    templates = Path(os.environ["PEYVAND_TEMPLATES"])
    templates.mkdir(parents=True, exist_ok=True)
    with _alone(templates):
        _made(templates)
