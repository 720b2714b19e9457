"""Where a workspace's warehouse lies: versions of one DuckDB file, of which one is published.

A version is written aside and published by renaming a link to it, so that nobody ever reads half of one. The one before is
removed at once; whoever has it open reads it to the end. A version is never written to again: what was erased is in none.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from django.conf import settings

_PUBLISHED: Final = "published"
_OUTSIDE: Final = "outside"
_MOMENT: Final = "%Y%m%dT%H%M%S.%f"


def folder(workspace_id: int) -> Path:
    """The folder of a workspace's warehouse, made if it is missing."""
    path = Path(settings.WAREHOUSE_ROOT) / str(workspace_id)
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def outside(workspace_id: int) -> Path:
    """Where lies what was taken from outside sources, made if it is missing."""
    path = folder(workspace_id) / _OUTSIDE
    path.mkdir(exist_ok=True, mode=0o700)
    return path


def published(workspace_id: int) -> Path | None:
    """The file of the published version; None: there is none yet."""
    link = Path(settings.WAREHOUSE_ROOT) / str(workspace_id) / _PUBLISHED
    try:
        path = link.with_name(os.readlink(link))
    except FileNotFoundError:
        return None
    return path if path.exists() else None


def moment_of(version: Path) -> datetime:
    """As of when a version is true."""
    return datetime.strptime(version.stem.partition("-")[0], _MOMENT).replace(tzinfo=UTC)


@contextmanager
def alone(workspace_id: int) -> Iterator[Path]:
    """Be the only one who writes a workspace's warehouse; its folder. Ends with the process, whatever becomes of it."""
    here = folder(workspace_id)
    with (here / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield here


@contextmanager
def one_question(workspace_id: int) -> Iterator[bool]:
    """Be the only one who asks a workspace's warehouse in SQL; False: somebody does already."""
    here = os.open(folder(workspace_id), os.O_RDONLY)
    try:
        try:
            fcntl.flock(here, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(here)


def made_by(version: Path) -> str:
    """By which declarations and settings a version was made."""
    return version.stem.split("-")[1]


def new_version(here: Path, at: datetime, signature: str) -> Path:
    """Where a version is to be written; what others began and did not publish is removed. ``signature``: what ``made_by`` says."""
    current = published(int(here.name))
    for path in here.iterdir():
        if path.name not in ("lock", _PUBLISHED, _OUTSIDE) and path != current:
            remove(path)
    return here / f"{at.strftime(_MOMENT)}-{signature}-{secrets.token_hex(4)}.duckdb"


def publish(version: Path) -> None:
    """Make a written version the one that is read from now on."""
    here, old = version.parent, published(int(version.parent.name))
    with version.open("rb") as file:
        os.fsync(file.fileno())
    link = here / f"{_PUBLISHED}.new"
    link.unlink(missing_ok=True)
    link.symlink_to(version.name)
    link.replace(here / _PUBLISHED)
    if old is not None and old != version:
        old.unlink(missing_ok=True)


def forget(workspace_id: int) -> None:
    """Remove a workspace's warehouse; it is filled anew when somebody asks for it."""
    with alone(workspace_id) as here:
        for path in here.iterdir():
            if path.name != "lock":
                remove(path)


def remove(path: Path) -> None:
    """Remove a file, a link or a folder with all that is in it."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
