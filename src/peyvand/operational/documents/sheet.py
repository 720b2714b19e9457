"""A sheet of words as data: minutes, a letter."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """What stands under one heading: a text, points that are counted, a table; each may be missing.

    The last ``figures`` columns of the table hold figures; ``shares``, one for each row from 0 to 1, are drawn as bars."""

    title: str
    text: str = ""
    points: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    figures: int = 0
    shares: tuple[float, ...] = ()


@dataclass(frozen=True)
class Sheet:
    """Everything that stands on a sheet. ``title`` is what it is ("Minutes"), ``subject`` what it is about, ``sender`` whose it
    is; ``head`` are pairs of label and value, as they are read; ``language`` is fa or en."""

    title: str
    subject: str
    language: str
    parts: tuple[Part, ...]
    head: tuple[tuple[str, str], ...] = ()
    sender: str = ""
    footer: str = ""
    # Who signs, side by side.
    signatures: tuple[str, ...] = ()
    # The letterhead's picture: PNG or JPEG.
    logo: bytes | None = None
