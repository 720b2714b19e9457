"""What a file is, by its first bytes. The name is never asked, for whoever uploads it chooses the name."""

from __future__ import annotations

from typing import Final

ANYTHING: Final = "application/octet-stream"
# Pictures of plain pixels: nothing in them can act, so a page may show them.
PICTURES: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_BEGINNINGS: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
)


def media_type(beginning: bytes) -> str:
    """The kind of a file from its first bytes (a dozen are enough); ``application/octet-stream`` for all the rest."""
    if beginning[:4] == b"RIFF" and beginning[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in _BEGINNINGS if beginning.startswith(start)), ANYTHING)
