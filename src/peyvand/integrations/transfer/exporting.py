"""A list into a file: just the columns and rows that its reader sees, page by page, in memory that does not grow."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from django.conf import settings
from django.http import QueryDict
from django.utils import translation

from peyvand.integrations.transfer.cells import Cell, cell_of, head_of
from peyvand.kernel.guarding import guarded
from peyvand.platform.access.decisions import demand, visible
from peyvand.platform.access.rules import reaches_all
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Number
from peyvand.platform.identity.grants import FieldAccess
from peyvand.platform.objects.queries import Row, fetch_page
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.web.objects.lists.columns import Column
from peyvand.web.objects.lists.state import ListState, read_state

FORMATS: Final = ("csv", "xlsx")
PAGE: Final = 1000
# A sheet has no room for more.
MOST_IN_SHEET: Final = 1_048_575
# What no workbook can hold.
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
Told = Callable[[int], None]


class Writer(Protocol):
    def write(self, cells: Sequence[Cell]) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Export:
    """A list as it is written: its rows in its order, the columns that may leave the product."""

    ctx: Context
    state: ListState

    @property
    def spec(self) -> ObjectSpec:
        return self.state.spec

    @property
    def columns(self) -> list[Column]:
        """Those that the list shows, but for what the reader sees only masked."""
        grants = self.ctx.actor.grants
        readable = (FieldAccess.READ, FieldAccess.WRITE)
        return [c for c in self.state.columns if grants.field_access(self.spec.key, c.key) in readable]

    def rows(self) -> Iterator[list[Row]]:
        """Pages of rows, each read in a transaction of its own."""
        query, after, columns = self.state.query, None, {c.key for c in self.columns}
        permission = self.spec.permission("export")
        is_narrower = not reaches_all(self.ctx.actor, permission)
        while True:
            with workspace_scope(self.ctx.tenant.id):
                page = fetch_page(query, after, PAGE)
                rows = page.rows
                if is_narrower and rows:
                    asked = self.spec.rows.filter(id__in=[row.id for row in rows])
                    mine = set(
                        visible(self.ctx.actor, self.spec.key, asked, "export").values_list("id", flat=True)
                    )
                    rows = [row for row in rows if row.id in mine]
            if columns and rows:
                yield rows
            after = page.next
            if after is None:
                return


def export_of(ctx: Context, spec: ObjectSpec, query: str) -> Export:
    """The export of the list that an address shows; inside the workspace's scope.

    Raises:
        NotAllowed: the actor may look at the list, but not take it away.
    """
    demand(ctx.actor, spec.permission("view"))
    demand(ctx.actor, spec.permission("export"))
    return Export(ctx, read_state(ctx, spec, QueryDict(query)))


def write_list(export: Export, path: Path, told: Told = lambda rows: None) -> int:
    """Write the whole list into a file whose ending says the format; return how many rows. Outside any scope or in one.

    ``told(rows)`` is called after each page; what it raises ends the writing, and the unfinished file is removed.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    reader, columns = export.ctx.reader, export.columns
    count = 0
    with translation.override(reader.language):
        heads = [head_of(c.field, c.unit) for c in columns]
        writer = _writer(path, export, heads, columns)
        try:
            for rows in export.rows():
                for row in rows:
                    writer.write([cell_of(c.field, row.values.get(c.key), reader) for c in columns])
                count += len(rows)
                told(count)
            writer.close()
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    return count


def file_of(workspace_id: int, run_id: int, format: str) -> Path:
    """Where the file of an export lies."""
    return Path(settings.MEDIA_ROOT) / str(int(workspace_id)) / "exports" / f"{int(run_id)}.{format}"


def _writer(path: Path, export: Export, heads: Sequence[str], columns: Sequence[Column]) -> Writer:
    if path.suffix == ".csv":
        return _Csv(path, heads)
    return _Sheet(path, heads, columns, str(export.spec.label_plural), export.ctx.reader.is_persian)


class _Csv:
    """UTF-8 with a mark, so that spreadsheets read it right."""

    def __init__(self, path: Path, heads: Sequence[str]) -> None:
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._csv = csv.writer(self._file)
        self._csv.writerow(map(guarded, heads))

    def write(self, cells: Sequence[Cell]) -> None:
        self._csv.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in cells])

    def close(self) -> None:
        self._file.close()


class _Sheet:
    """A workbook of one sheet, from right to left where its reader reads so."""

    def __init__(
        self, path: Path, heads: Sequence[str], columns: Sequence[Column], title: str, is_persian: bool
    ) -> None:
        # Loaded when a workbook is written: no start of the product should wait for it.
        from openpyxl import Workbook
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.styles import Font
        from openpyxl.utils import get_column_letter

        self._path, self._new_cell = path, WriteOnlyCell
        self._book = Workbook(write_only=True)
        self._sheet: Any = self._book.create_sheet(re.sub(r"[\[\]:*?/\\]", " ", title)[:31])
        self._sheet.sheet_view.rightToLeft = is_persian
        self._sheet.freeze_panes = "A2"
        for n, column in enumerate(columns, 1):
            self._sheet.column_dimensions[get_column_letter(n)].width = max(10, column.rem * 1.6)
        bold = []
        for head in heads:
            cell = WriteOnlyCell(self._sheet, value=head)
            cell.font = Font(bold=True)
            bold.append(cell)
        self._sheet.append(bold)
        # Whole numbers are grouped as they are on the screen, unless they are years and the like.
        self._formats = [
            "#,##0" if not isinstance(c.field, Number) or c.field.grouped else "0" for c in columns
        ]

    def write(self, cells: Sequence[Cell]) -> None:
        self._sheet.append(
            [self._cell(cell, shape) for cell, shape in zip(cells, self._formats, strict=True)]
        )

    def _cell(self, value: Cell, shape: str) -> Any:
        if isinstance(value, str):
            cell = self._new_cell(self._sheet, value=_CONTROLS.sub("", value))
            # Never a formula, whatever it begins with.
            cell.data_type = "s"
            return cell
        cell = self._new_cell(self._sheet, value=value)
        if isinstance(value, int) or value == value.to_integral_value():
            cell.number_format = shape
        return cell

    def close(self) -> None:
        self._book.save(self._path)
