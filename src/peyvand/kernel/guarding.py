"""Cells that a spreadsheet would run as formulas are written with an apostrophe before them, and read back without it.

A cell that begins with an apostrophe itself is written with one more, so that every cell comes back as it was. The same
holds within a cell after what another spreadsheet splits at: there a cell of its own would begin.
"""

from __future__ import annotations

import re
from typing import Final

_SIGNS: Final = "=+-@＝＋－＠"
_RUN: Final = (*_SIGNS, "\t", "\r", "\n")
_SIGN: Final = "'"
_SPLIT: Final = re.compile(rf"""([;\t\r\n]"*)(?=[{re.escape(_SIGNS)}{_SIGN}])""")
_SPLIT_GUARDED: Final = re.compile(rf"""([;\t\r\n]"*){_SIGN}(?=[{re.escape(_SIGNS)}{_SIGN}])""")


def guarded(cell: str) -> str:
    """The cell as it is written into a file that people open."""
    inner = _SPLIT.sub(rf"\1{_SIGN}", cell)
    return _SIGN + inner if cell.startswith((*_RUN, _SIGN)) and not _is_number(cell) else inner


def unguarded(cell: str) -> str:
    """The cell as it was."""
    bare = cell[1:] if cell.startswith(_SIGN) and cell[1:].startswith((*_RUN, _SIGN)) else cell
    return _SPLIT_GUARDED.sub(r"\1", bare)


def _is_number(cell: str) -> bool:
    """Whether a sign only makes it a number less than nothing, which stays one."""
    rest = cell[1:].replace(",", "").replace(".", "", 1)
    return cell[0] == "-" and rest.isascii() and rest.isdigit()
