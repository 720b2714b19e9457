"""Reading a file in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from peyvand.analytical.warehouse.outside import reasons
from peyvand.analytical.warehouse.outside.reasons import NotTaken

ROWS: Final = 5_000_000
BYTES: Final = 2 * 1024**3
SECONDS: Final = 600
MEMORY: Final = 1024**3
_LOOKING_SECONDS: Final = 60
# With this it says that a file cannot be read.
_REFUSED: Final = 2
# Not imported: it loads DuckDB, and this process need not.
_PROGRAM: Final = Path(__file__).with_name("program.py")
Columns = Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class Text:
    """How a text file is written: encoding, delimiter and header, where they are known. ``is_copy``: as PostgreSQL's COPY does."""

    encoding: str = "utf-8"
    delimiter: str = ""
    header: bool | None = None
    is_copy: bool = False


@dataclass(frozen=True)
class Look:
    """What a file seems to hold: its columns (head, name, type), the first rows, and of each column how many values do not fit
    its type; none is told of a file that says its types itself."""

    delimiter: str
    header: bool
    columns: list[dict[str, str]]
    sample: list[list[str]] = field(default_factory=list)
    misfits: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Taken:
    """What was read: rows that are in the Parquet file, and lines that are no rows."""

    rows: int
    refused: list[dict[str, Any]]
    refused_count: int


def look(path: Path, text: Text | None) -> Look:
    """What is in a file; ``text`` None: it is Parquet.

    Raises:
        NotTaken: it cannot be read.
    """
    return Look(**_run(path, text, None, [], None, _LOOKING_SECONDS, heads=False))


def take(
    path: Path, text: Text | None, into: Path, columns: Columns, key: tuple[str, str] | None, *, heads: bool
) -> Taken:
    """Write a file's rows as Parquet. ``key``: the column that names a customer, and by what; ``heads``: whether its columns
    must be called as they were.

    Raises:
        NotTaken: it cannot be read, or no line of it is a row; then with the first of those lines.
    """
    taken = Taken(**_run(path, text, into, columns, key, SECONDS, heads=heads))
    if taken.refused_count and not taken.rows:
        first = next((line for line in taken.refused if line.get("value")), None)
        reason = reasons.NO_ROW_FITS % first if first else reasons.NO_ROW
        raise NotTaken(reason, taken.refused, taken.refused_count)
    return taken


def is_parquet(path: Path) -> bool:
    """Whether a file is Parquet, by its first bytes."""
    with path.open("rb") as file:
        return file.read(4) == b"PAR1"


def _run(
    path: Path, text: Text | None, into: Path | None, columns: Columns, key: tuple[str, str] | None, seconds: int, *, heads: bool,
) -> dict[str, Any]:  # fmt: skip
    said = text or Text()
    asked: dict[str, Any] = {
        "path": str(path), "into": str(into or ""), "format": "parquet" if text is None else "csv", "encoding": said.encoding,
        "delimiter": said.delimiter, "header": said.header, "is_copy": said.is_copy, "columns": list(columns), "heads": heads,
        "key": {"column": key[0], "by": key[1]} if key else None, "rows": ROWS, "bytes": BYTES, "seconds": seconds, "memory": MEMORY,
    }  # fmt: skip
    try:
        with TemporaryDirectory(
            prefix=f"{into.name if into else 'look'}-", dir=into and into.parent
        ) as folder:
            # A text of another encoding is written there as UTF-8 first.
            asked["beside"] = f"{folder}/utf8"
            done = subprocess.run(
                [sys.executable, "-I", _PROGRAM], input=json.dumps(asked).encode(), capture_output=True, check=True,
                timeout=seconds, env={"PATH": os.defpath},
            )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise NotTaken(reasons.TOO_LONG % {"minutes": max(1, seconds // 60)}) from error
    except subprocess.CalledProcessError as error:
        answer = error.stderr.decode(errors="replace").strip()
        raise NotTaken(_reason(answer) if error.returncode == _REFUSED else _reason("")) from error
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _reason(answer: str) -> str:
    known = {
        "empty": reasons.EMPTY,
        "too many rows": reasons.TOO_MANY % {"rows": f"{ROWS:,}"},
    }
    if answer in known:
        return known[answer]
    if answer.startswith("{"):
        heads = {name: ", ".join(listed) or "–" for name, listed in json.loads(answer).items()}
        return reasons.CHANGED % heads
    # DuckDB's own words begin with what was wrong; what follows are its settings.
    return reasons.UNREADABLE % {"answer": " ".join(answer.split("\n\n")[0].split())[:300] or "–"}
