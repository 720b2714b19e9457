"""Bytes by their content: stored once in each workspace, under a path made of the workspace's id and their hash alone."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import transaction

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, msg
from peyvand.kernel.numbers import format_size
from peyvand.platform.files.models import File
from peyvand.platform.files.sniffing import media_type
from peyvand.platform.workspaces.scope import workspace_scope

MEGABYTE = 1024 * 1024
FRESH_SECONDS = 3600
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Stored:
    sha256: str
    size: int
    media_type: str


def most_bytes() -> int:
    """The largest file that is taken in (``PEYVAND_UPLOAD_MB``, 25 MB unless told)."""
    return int(os.environ.get("PEYVAND_UPLOAD_MB", "25")) * MEGABYTE


def keep(workspace_id: int, chunks: Iterable[bytes]) -> Stored:
    """Take in a file's bytes.

    Raises:
        Invalid: it is empty or too large; nothing is kept then.
    """
    folder = _folder(workspace_id)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size, beginning, most = hashlib.sha256(), 0, b"", most_bytes()
    with tempfile.NamedTemporaryFile(dir=folder, prefix="incoming-", delete=False) as part:
        try:
            for chunk in chunks:
                size += len(chunk)
                if size > most:
                    raise Invalid.of(
                        msg("This file is larger than %(most)s.", most=format_size(most, "en")),
                        "file",
                        "too_large",
                    )
                beginning = beginning or chunk[:64]
                digest.update(chunk)
                part.write(chunk)
            if size == 0:
                raise Invalid.of(msg("This file is empty."), "file", "empty")
            part.flush()
            os.fsync(part.fileno())
            stored = Stored(digest.hexdigest(), size, media_type(beginning))
            place = path_of(workspace_id, stored.sha256)
            place.parent.mkdir(exist_ok=True, mode=0o700)
            os.replace(part.name, place)
        except BaseException:
            Path(part.name).unlink(missing_ok=True)
            raise
    return stored


def forget_bytes(workspace_id: int, hashes: Iterable[str]) -> None:
    """Once the transaction is committed, remove the bytes that no file of the workspace has any more. What was taken in
    within the last hour stays: a file with the same content may be about to be hung elsewhere."""
    asked = set(hashes)
    if asked:
        transaction.on_commit(lambda: _remove_unused(workspace_id, asked))


def _remove_unused(workspace_id: int, hashes: set[str]) -> None:
    with workspace_scope(workspace_id):
        used = set(File.objects.filter(sha256__in=hashes).values_list("sha256", flat=True))
    for sha256 in hashes - used:
        place = path_of(workspace_id, sha256)
        if place.exists() and place.stat().st_mtime < clock.now().timestamp() - FRESH_SECONDS:
            place.unlink(missing_ok=True)


def sweep_bytes(workspace_id: int) -> int:
    """Remove all bytes of a workspace that no file has, those of transactions that came to nothing too; return how many."""
    hashes = {p.name for p in _folder(workspace_id).glob("??/*") if _HASH.fullmatch(p.name)}
    before = len(hashes)
    _remove_unused(workspace_id, hashes)
    return before - sum(path_of(workspace_id, sha256).exists() for sha256 in hashes)


def path_of(workspace_id: int, sha256: str) -> Path:
    """Where the bytes lie. Raises ValueError for what is no hash."""
    if not _HASH.fullmatch(sha256):
        raise ValueError(f"not a hash: {sha256!r}")
    return _folder(workspace_id) / sha256[:2] / sha256


def _folder(workspace_id: int) -> Path:
    return Path(settings.MEDIA_ROOT) / str(int(workspace_id))
