"""The whole installation in one file, and back: the database, the uploaded files, and the key that reads its secrets."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psycopg

from peyvand import __version__
from peyvand.kernel import clock
from peyvand.platform.database import DatabaseUnusable
from peyvand.platform.database.bootstrap import mark_leakproof
from peyvand.platform.database.programs import binary

FORMAT = 1
MANIFEST, DUMP, KEY, FILES = "manifest.json", "database.dump", "secret.key", "files"
WAREHOUSE = "warehouse"


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself."""

    format: int
    version: str
    taken_at: str


def write_backup(url: str, data: Path, target: Path) -> None:
    """Write a backup to ``target``, whole or not at all.

    ``url`` is a role that sees every row (a superuser, or one with BYPASSRLS): row security would otherwise leave rows
    out.

    Raises:
        DatabaseUnusable: pg_dump could not read everything; the message is its own.
    """
    part = target.with_name(f".{target.name}.{os.getpid()}")
    with tempfile.TemporaryDirectory(prefix="peyvand-backup-") as folder:
        dump = Path(folder) / DUMP
        _run(url, "pg_dump", "--format=custom", f"--file={dump}")
        manifest = Manifest(FORMAT, __version__, clock.now().isoformat())
        try:
            with tarfile.open(part, "w") as archive:
                os.chmod(part, 0o600)  # it holds every secret of the installation
                text = json.dumps(manifest.__dict__).encode()
                info = tarfile.TarInfo(MANIFEST)
                info.size = len(text)
                archive.addfile(info, io.BytesIO(text))
                archive.add(dump, DUMP)
                for name in (KEY, FILES):
                    if (data / name).exists():
                        archive.add(data / name, name)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)


def read_backup(url: str, data: Path, source: Path) -> Manifest:
    """Put a backup back in place of what is there: in one transaction, so that a failure leaves everything as it was.

    Raises:
        DatabaseUnusable: the file is no backup, is of a newer format, or the database refused it.
    """
    with tempfile.TemporaryDirectory(prefix="peyvand-restore-") as folder:
        inside = Path(folder)
        try:
            with tarfile.open(source) as archive:
                archive.extractall(inside, filter="data")
            manifest = Manifest(**json.loads((inside / MANIFEST).read_text()))
        except (tarfile.TarError, OSError, ValueError, TypeError) as error:
            raise DatabaseUnusable(f"{source} is not a backup of Peyvand.") from error
        if manifest.format > FORMAT:
            raise DatabaseUnusable(
                f"{source} was made by Peyvand {manifest.version}, which is newer than this one."
            )
        _run(
            url, "pg_restore", "--clean", "--if-exists", "--single-transaction", "--exit-on-error", str(inside / DUMP)
        )  # fmt: skip
        with psycopg.connect(url, autocommit=True) as connection:
            mark_leakproof(connection)
            # Transaction numbers of another cluster mean nothing here; all of these events are long committed.
            connection.execute("update event set tx = 0")
            connection.execute("analyze")
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        if (inside / KEY).exists():
            shutil.copy2(inside / KEY, data / KEY)
        if (inside / FILES).exists():
            _replace(inside / FILES, data / FILES)
        # Made of what the database held before; it is made anew of what it holds now.
        shutil.rmtree(data / WAREHOUSE, ignore_errors=True)
    return manifest


def _replace(source: Path, target: Path) -> None:
    """Put a folder in the place of another: it is copied beside it first, so that a full disk costs nothing."""
    new, old = (target.with_name(f".{target.name}.{name}") for name in ("new", "old"))
    for rest in (new, old):
        shutil.rmtree(rest, ignore_errors=True)
    shutil.copytree(source, new)
    if target.exists():
        target.rename(old)
    new.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def _run(url: str, program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs on the database. The password travels in the environment, for every user of the
    machine may read the command line."""
    known = psycopg.conninfo.conninfo_to_dict(url)
    secret = {"PGPASSWORD": str(known.pop("password"))} if known.get("password") else {}
    target = psycopg.conninfo.make_conninfo("", **known)
    done = subprocess.run(
        [str(binary(program)), f"--dbname={target}", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **secret},
    )
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()] or ["no reason was given"]
        raise DatabaseUnusable(f"{program} failed: {lines[0]}")
