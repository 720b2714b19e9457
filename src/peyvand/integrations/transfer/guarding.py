"""Cells that a spreadsheet would run as formulas are written with an apostrophe before them, and read back without it.

A cell that begins with an apostrophe itself is written with one more, so that every cell comes back as it was.
"""

from __future__ import annotations

from typing import Final

_RUN: Final = ("=", "+", "-", "@", "\t", "\r")
_SIGN: Final = "'"


def guarded(cell: str) -> str:
    """The cell as it is written into a file that people open."""
    return _SIGN + cell if cell.startswith((*_RUN, _SIGN)) and not _is_number(cell) else cell


def unguarded(cell: str) -> str:
    """The cell as it was."""
    return cell[1:] if cell.startswith(_SIGN) and cell[1:].startswith((*_RUN, _SIGN)) else cell


def _is_number(cell: str) -> bool:
    """Whether a sign only makes it a number less than nothing, which stays one."""
    rest = cell[1:].replace(",", "").replace(".", "", 1)
    return cell[0] == "-" and rest.isascii() and rest.isdigit()
