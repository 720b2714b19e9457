"""What an import comes to: for each file and in all, and the files of refused rows."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Final, TextIO

from peyvand.integrations.transfer.drafts import Draft, Refusal
from peyvand.integrations.transfer.reading import LINE_COLUMN, REASON_COLUMN, Cell, Table
from peyvand.integrations.transfer.writing import Tally
from peyvand.kernel.errors import Message
from peyvand.kernel.guarding import guarded

# A page shows so many refused rows of a file, with their cells; its file of refused rows has all.
SHOWN: Final = 200
Say = Callable[[Message], str]


@dataclass
class FileReport:
    """One table. ``problem`` is why nothing of it was taken."""

    path: Path
    name: str
    object: str = ""
    # Whether it is what the rows say besides of another object.
    is_aside: bool = False
    columns: dict[str, str] = field(default_factory=dict)
    unused: tuple[str, ...] = ()
    tally: Tally = field(default_factory=Tally)
    refused: list[Refusal] = field(default_factory=list)
    refused_file: Path | None = None
    # Names of the fields of the workspace's own that were made for it.
    fields: tuple[str, ...] = ()
    problem: Message | None = None

    def to_json(self, say: Say) -> dict[str, Any]:
        refused = [
            {
                "line": r.line,
                "column": r.column,
                "code": r.code,
                "reason": say(r.message),
                "others": [{"column": o.column, "code": o.code, "reason": say(o.message)} for o in r.others],
                "cells": list(r.cells),
            }
            for r in sorted(self.refused, key=lambda r: r.line)
        ]
        counts = self.tally.to_json()
        counts["refused_rows"] = counts.pop("refused")
        return {
            "path": str(self.path), "name": self.name, "object": self.object or None, "aside": self.is_aside,
            "columns": self.columns, "fields": list(self.fields), "unused": list(self.unused),
            **counts, "refused": refused, "refused_file": str(self.refused_file) if self.refused_file else None,
            "problem": say(self.problem) if self.problem else None,
        }  # fmt: skip


@dataclass
class Report:
    """All files, in the order in which they were written."""

    files: list[FileReport] = field(default_factory=list)
    dry_run: bool = False
    # Whether it was asked to stop before its end.
    is_stopped: bool = False

    @property
    def totals(self) -> Tally:
        """Of rows, each is counted once, whatever objects it speaks of."""
        total = Tally()
        for file in self.files:
            total.add(replace(file.tally, rows=0, refused=0) if file.is_aside else file.tally)
        return total

    @property
    def is_complete(self) -> bool:
        """Whether every row of every file went in."""
        return not self.is_stopped and not any(file.problem or file.tally.refused for file in self.files)

    def to_json(self, say: Say) -> dict[str, Any]:
        return {
            "dry_run": self.dry_run,
            "files": [f.to_json(say) for f in self.files],
            "totals": self.totals.to_json(),
        }


class RefusedRows:
    """The rows of a table that were refused, as they were written, with their line and the reason; made at the first one.

    UTF-8 with a mark, so that spreadsheets read it right. It can be corrected and imported: our columns are passed over.
    """

    def __init__(self, table: Table, folder: Path, say: Say) -> None:
        self.table, self.say = table, say
        sheet = f".{table.sheet}" if table.sheet else ""
        self.path = folder / f"{table.path.stem}{sheet}.refused.csv".replace("/", "-")
        self._file: TextIO | None = None

    def add(self, drafts: Sequence[Draft]) -> None:
        if not drafts:
            return
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("w", encoding="utf-8-sig", errors="replace", newline="")
            heads = [h for h in self.table.headers if h not in (LINE_COLUMN, REASON_COLUMN)]
            csv.writer(self._file).writerow([*heads, LINE_COLUMN, REASON_COLUMN])
        ours = [i for i, h in enumerate(self.table.headers) if h in (LINE_COLUMN, REASON_COLUMN)]
        writer, width = csv.writer(self._file), len(self.table.headers)
        for draft in sorted(drafts, key=lambda d: d.row.line):
            assert draft.refusal is not None
            cells = [_written(c) for i, c in enumerate(draft.row.cells) if i not in ours]
            # A row that is too short is filled up, so that the reason stands in its own column.
            cells += [""] * (width - len(ours) - len(cells))
            reasons = [
                f"{one.column}: {self.say(one.message)}" if one.column else self.say(one.message)
                for one in draft.refusal.all
            ]
            writer.writerow([*cells, draft.row.line, " | ".join(reasons)])

    def close(self) -> Path | None:
        """The file's path, None where nothing was refused."""
        if self._file is None:
            return None
        self._file.close()
        return self.path


def _written(cell: Cell) -> str:
    return guarded(cell.isoformat() if isinstance(cell, date) else cell)
