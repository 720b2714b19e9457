"""Tables as CSV files that people open in a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import StringIO
from typing import Any

from django.http import HttpResponse

from peyvand.kernel.guarding import guarded


def csv_answer(name: str, header: Iterable[Any], rows: Iterable[Iterable[Any]]) -> HttpResponse:
    """The table as a download: taken for UTF-8 by spreadsheets, and no text in it for a formula."""
    text = StringIO()
    # Spreadsheets take a file for UTF-8 only if it says so.
    text.write("\ufeff")
    lines = csv.writer(text)
    lines.writerow(map(str, header))
    lines.writerows(map(_cell, row) for row in rows)
    response = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _cell(cell: Any) -> str | int:
    return cell if isinstance(cell, int) else guarded(str(cell))
