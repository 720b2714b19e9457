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

from peyvand.kernel.errors import Invalid, msg
from peyvand.kernel.numbers import format_size
from peyvand.platform.files.sniffing import media_type

MEGABYTE = 1024 * 1024
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


def path_of(workspace_id: int, sha256: str) -> Path:
    """Where the bytes lie. Raises ValueError for what is no hash."""
    if not _HASH.fullmatch(sha256):
        raise ValueError(f"not a hash: {sha256!r}")
    return _folder(workspace_id) / sha256[:2] / sha256


def _folder(workspace_id: int) -> Path:
    return Path(settings.MEDIA_ROOT) / str(int(workspace_id))
