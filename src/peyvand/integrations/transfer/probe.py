"""Opens a workbook in a process of its own, with bounded memory and time: ``python -m … PATH`` ends with 0 if it can be read here.

A few bytes can claim billions of cells, and the reader ends its whole process where they do not fit.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path
from typing import Final

from python_calamine import CalamineError, CalamineWorkbook

MOST_BYTES: Final = 2 << 30
MOST_SECONDS: Final = 60


def is_modest(path: Path) -> bool:
    """Whether a workbook can be opened within the memory and the time that one may take."""
    command = [sys.executable, "-m", "peyvand.integrations.transfer.probe", str(path)]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=MOST_SECONDS, check=False
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def _open(path: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        workbook = CalamineWorkbook.from_path(path)
        for name in workbook.sheet_names:
            workbook.get_sheet_by_name(name)
    except (CalamineError, OSError, ValueError):
        # No workbook: whoever reads it next says so, with the reason.
        return


if __name__ == "__main__":
    _open(sys.argv[1])
