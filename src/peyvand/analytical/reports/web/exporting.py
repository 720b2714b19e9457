"""An answer as a file: CSV, or a workbook."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from peyvand.analytical.reports.answering import MOST_NAMED, answer
from peyvand.analytical.reports.tables import table_of, workbook
from peyvand.analytical.reports.web.builder import asked
from peyvand.web.components.csv_files import csv_answer
from peyvand.web.shell.middleware import context_of

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
def export(request: HttpRequest, workspace: str) -> HttpResponse:
    """``?as=xlsx`` or csv, of the question that the address holds."""
    ctx = context_of(request)
    found = answer(ctx, replace(asked(ctx, request.GET), most=MOST_NAMED))
    if request.GET.get("as") == "csv":
        head, *rows = table_of(ctx, found)
        return csv_answer("report.csv", head, rows)
    response = HttpResponse(workbook(ctx, found), content_type=_XLSX)
    response["Content-Disposition"] = 'attachment; filename="report.xlsx"'
    return response
