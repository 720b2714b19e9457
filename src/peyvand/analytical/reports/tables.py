"""An answer as a table of plain values, and as a workbook."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.utils.translation import gettext

from peyvand.analytical.reports.answering import Answer, Row
from peyvand.kernel import money
from peyvand.kernel.guarding import guarded
from peyvand.platform.actions.context import Context


def table_of(ctx: Context, found: Answer) -> list[list[Any]]:
    """Heads, rows and the total; amounts in the unit that the reader sees, as numbers."""
    heads = [*(gettext(d.label) for d in found.dimensions), *(gettext(m.label) for m in found.measures)]
    rows = [[*row.names, *_figures(ctx, found, row)] for row in found.rows]
    total = [gettext("All"), *[""] * (len(found.dimensions) - 1)] if found.dimensions else []
    return [heads, *rows, [*total, *_figures(ctx, found, found.total)]]


def workbook(ctx: Context, found: Answer) -> bytes:
    """The table as an XLSX file, from the right for Persian readers."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.sheet_view.rightToLeft = ctx.reader.is_persian
    for row in table_of(ctx, found):
        sheet.append([guarded(cell) if isinstance(cell, str) else cell for cell in row])
    sheet.freeze_panes = "A2"
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _figures(ctx: Context, found: Answer, row: Row) -> list[Any]:
    """The figures of a row; amounts in the unit that the reader sees."""
    reader, figures = ctx.reader, []
    used = money.currency(reader.currency)
    for measure in found.measures:
        value: Any = row.figures[measure.key]
        if value is not None and measure.unit == "money":
            value = float(money.major(round(value), used, reader.money_unit))
        figures.append(int(value) if value is not None and value == int(value) else value)
    return figures
