"""Tables in files: CSV in its many dialects, and the sheets of workbooks, read row by row with their line numbers."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final, TextIO

from python_calamine import CalamineError, CalamineWorkbook

from peyvand.integrations.transfer.probe import is_modest
from peyvand.integrations.transfer.vcards import HEADS, card_rows
from peyvand.kernel.errors import Invalid, Message, msg
from peyvand.kernel.guarding import unguarded
from peyvand.platform.files.encodings import encoding_of

Cell = str | date | datetime
DELIMITERS: Final = (",", ";", "\t", "|")
MOST_COLUMNS: Final = 500
ENCODINGS: Final = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1256", "iso-8859-1")
CARDS: Final = ".vcf"
WORKBOOKS: Final = frozenset({".xlsx", ".xlsm", ".xls", ".ods"})
COLUMNS: Final = ".parquet"
_SAMPLE: Final = 1 << 16
_BATCH: Final = 10_000
# A quote that is never closed swallows at most this much of what follows.
_LONGEST_CELL: Final = 1 << 20
_BROKEN: Final = re.compile("[\ufffd\udc80-\udcff]")
# Columns of our own files of refused rows; passed over when such a file comes back.
LINE_COLUMN, REASON_COLUMN = "peyvand_line", "peyvand_reason"

csv.field_size_limit(_LONGEST_CELL)


# Not frozen, which would take three times as long to make.
@dataclass(slots=True)
class Row:
    """One row as it was written. ``line`` is the file's, 1 being the first; ``problem`` why it cannot be read."""

    line: int
    cells: Sequence[Cell]
    problem: Message | None = None


@dataclass(frozen=True, eq=False)
class Table:
    """A file, or a sheet of a workbook, with its column heads; ``rows()`` reads it from the beginning each time."""

    path: Path
    headers: tuple[str, ...]
    sheet: str = ""
    encoding: str = "utf-8"
    delimiter: str = ","
    # By line and head: what a person wrote over a cell after seeing it.
    fixes: Mapping[int, Mapping[str, str]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.path.name}: {self.sheet}" if self.sheet else self.path.name

    def rows(self) -> Iterator[Row]:
        """Every row below the heads that is not empty."""
        kind = self.path.suffix.lower()
        rows: Iterator[Row]
        if kind == CARDS:
            rows = (Row(line, cells) for line, cells in card_rows(self.path))
        elif kind == COLUMNS:
            rows = _parquet_rows(self.path)
        else:
            rows = _sheet_rows(self.path, self.sheet) if kind in WORKBOOKS else _csv_rows(self)
        width, heads_seen = len(self.headers), False
        for row in rows:
            if row.problem is None and not any(row.cells):
                continue
            if not heads_seen:
                heads_seen = True
                continue
            if len(row.cells) != width and row.problem is None:
                row = _fitted(row, width)
            yield self._fixed(row) if row.line in self.fixes else row

    def _fixed(self, row: Row) -> Row:
        said = self.fixes[row.line]
        cells = [*row.cells, *[""] * (len(self.headers) - len(row.cells))][: len(self.headers)]
        return Row(row.line, [said.get(head, cell) for head, cell in zip(self.headers, cells, strict=True)])


def open_tables(path: Path, *, encoding: str = "", delimiter: str = "") -> list[Table]:
    """The tables of a file: one for a CSV or a file of cards, one for each sheet of a workbook that is not empty.

    ``encoding`` and ``delimiter`` of a text file are recognised unless said.

    Raises:
        Invalid: the file is empty or is not what its name says.
    """
    if path.suffix.lower() in WORKBOOKS:
        return _workbook_tables(path)
    if path.suffix.lower() == CARDS:
        if next(iter(card_rows(path, most=1)), None) is None:
            raise Invalid.of(msg("There is no card in this file."), code="empty")
        return [Table(path, HEADS, encoding="utf-8")]
    if path.suffix.lower() == COLUMNS:
        return [Table(path, _heads(next(_parquet_rows(path)).cells))]
    with path.open("rb") as file:
        if file.read(4) == b"PK\x03\x04":
            raise Invalid.of(
                msg("This is a workbook or an archive; give it the ending .xlsx."), code="format"
            )
    encoding = encoding if encoding in ENCODINGS else encoding_of(path)
    table = Table(path, (), encoding=encoding)
    if delimiter not in DELIMITERS:
        with _text(table) as file:
            delimiter = _delimiter(file.read(_SAMPLE))
    table = Table(path, (), encoding=encoding, delimiter=delimiter)
    head = next((row for row in _csv_rows(table) if any(row.cells)), None)
    if head is None or head.problem is not None:
        raise Invalid.of(head.problem if head and head.problem else msg("The file is empty."), code="empty")
    return [Table(path, _heads(head.cells), "", encoding, delimiter)]


def about_rows(path: Path) -> int:
    """About how many rows a text file has, by its lines; 0 where only reading it would tell."""
    if path.suffix.lower() in {*WORKBOOKS, COLUMNS}:
        return 0
    sign = b"END:VCARD" if path.suffix.lower() == CARDS else b"\n"
    with path.open("rb") as file:
        return sum(block.count(sign) for block in iter(lambda: file.read(1 << 20), b""))


def _heads(cells: Iterable[Cell]) -> tuple[str, ...]:
    """Column heads as one may refer to them: trimmed, and numbered where they repeat.

    Raises:
        Invalid: there are more than any table of ours could have.
    """
    heads: list[str] = []
    taken: set[str] = set()
    counts: Counter[str] = Counter()
    for cell in cells:
        head = text = str(cell).strip().lstrip("\ufeff")
        while head and head in taken:
            counts[text] += 1
            head = f"{text} ({counts[text] + 1})"
        taken.add(head)
        heads.append(head)
        if head and len(heads) > MOST_COLUMNS:
            raise Invalid.of(
                msg("The table has more than %(most)s columns.", most=MOST_COLUMNS), code="too_large"
            )
    while heads and not heads[-1]:
        heads.pop()
    return tuple(heads)


def _fitted(row: Row, width: int) -> Row:
    cells = list(row.cells)
    while len(cells) > width and not cells[-1]:
        cells.pop()
    if len(cells) == width:
        return Row(row.line, cells)
    template = (
        msg("The row has %(count)s cells, fewer than the %(width)s columns.", count=len(cells), width=width)
        if len(cells) < width
        else msg(
            "The row has %(count)s cells, more than the %(width)s columns.", count=len(cells), width=width
        )
    )
    return Row(row.line, cells, template)


def _text(table: Table) -> TextIO:
    return table.path.open(encoding=table.encoding, errors="surrogateescape", newline="")


def _csv_rows(table: Table) -> Iterator[Row]:
    with _text(table) as file:
        first = file.readline()
        # Excel's own way to name the delimiter; it is no row.
        skipped = 1 if re.fullmatch(r"sep=.\s*", first, re.IGNORECASE) else 0
        if not skipped:
            file.seek(0)
        reader = csv.reader(file, delimiter=table.delimiter)
        before = 0
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                problem = msg("The row cannot be read; look for a quotation mark that is not closed.")
                yield Row(before + 1 + skipped, (), problem)
            else:
                whole = "".join(cells)
                broken = _BROKEN.search(whole)
                if "'" in whole:
                    cells = [unguarded(cell) for cell in cells]
                yield Row(before + 1 + skipped, cells, _UNREADABLE if broken else None)
            before = reader.line_num


_UNREADABLE: Final = msg("The row has letters in a wrong encoding; save the file as UTF-8.")


def _delimiter(sample: str) -> str:
    """The delimiter that cuts the sample's rows into the most columns of one same count."""
    first, _, rest = sample.partition("\n")
    named = re.fullmatch(r"sep=(.)\s*", first.lstrip("\ufeff"), re.IGNORECASE)
    if named and named[1] in DELIMITERS:
        return named[1]
    lines = sample if not rest else sample[: sample.rfind("\n") + 1]
    best, score = ",", 0.0
    for delimiter in DELIMITERS:
        try:
            widths = [
                len(row) for row in csv.reader(io.StringIO(lines, newline=""), delimiter=delimiter) if row
            ]
        except csv.Error:
            continue
        if not widths or widths[0] < 2:
            continue
        alike = sum(width == widths[0] for width in widths) / len(widths)
        if alike * 100 + widths[0] / 100 > score:
            best, score = delimiter, alike * 100 + widths[0] / 100
    return best


def _workbook_tables(path: Path) -> list[Table]:
    if not is_modest(path):
        raise Invalid.of(msg("The workbook is too large; save its sheets as CSV files."), code="too_large")
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        sheets = [name for name in workbook.sheet_names if workbook.get_sheet_by_name(name).total_height > 0]
    except (CalamineError, OSError, ValueError) as error:
        raise Invalid.of(
            msg("The workbook cannot be read: it is damaged, locked with a password, or no workbook at all."),
            code="format",
        ) from error
    tables = []
    for name in sheets:
        head = next((row for row in _sheet_rows(path, name) if any(row.cells)), None)
        if head is not None:
            tables.append(Table(path, _heads(head.cells), name))
    if not tables:
        raise Invalid.of(msg("The file is empty."), code="empty")
    return tables


def _sheet_rows(path: Path, sheet: str) -> Iterator[Row]:
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    for line, cells in enumerate(rows, 1):
        yield Row(line, [_cell(cell) for cell in cells])


def _parquet_rows(path: Path) -> Iterator[Row]:
    """The heads, then the rows, of a file that is kept by columns."""
    # Seldom asked for, and large.
    from pyarrow import ArrowException
    from pyarrow.parquet import ParquetFile

    try:
        with ParquetFile(path) as file:
            yield Row(1, file.schema_arrow.names)
            batches = file.iter_batches(batch_size=_BATCH)
            rows = (
                cells
                for batch in batches
                for cells in zip(*(c.to_pylist() for c in batch.columns), strict=True)
            )
            for line, cells in enumerate(rows, 2):
                yield Row(line, [_cell(cell) for cell in cells])
    except ArrowException as error:
        raise Invalid.of(
            msg("The file cannot be read: %(reason)s.", reason=str(error).rstrip(".")), code="format"
        ) from None


def _cell(value: Any) -> Cell:
    """What a workbook keeps, as it would have been typed; dates stay dates."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date() if value.time() == time() else value
    if isinstance(value, date):
        return value
    if isinstance(value, time | timedelta):
        return str(value)
    return "" if value is None else str(value)
