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
        _run(str(binary("pg_dump")), "--format=custom", f"--file={dump}", f"--dbname={url}")
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
            str(binary("pg_restore")), "--clean", "--if-exists", "--single-transaction", "--exit-on-error",
            f"--dbname={url}", str(inside / DUMP),
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
            shutil.rmtree(data / FILES, ignore_errors=True)
            shutil.copytree(inside / FILES, data / FILES)
    return manifest


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()] or ["no reason was given"]
        raise DatabaseUnusable(f"{Path(command[0]).name} failed: {lines[0]}")
