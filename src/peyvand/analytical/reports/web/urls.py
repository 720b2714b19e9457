"""Addresses of the builder, the boards and the rows behind a figure."""

from django.urls import path

from peyvand.analytical.reports.web import arranging, board, builder, exporting, rows, sending

urlpatterns = [
    path("insights", board.board, name="dashboard"),
    *(path(each.path, board.board, {"board": each}, name=f"board-{each.key}") for each in board.BOARDS[1:]),
    path("insights/card/<slug:key>", board.card, name="dashboard-card"),
    path("insights/arrange/<slug:board>", arranging.arrange, name="board-arrange"),
    path("reports/<int:id>/pin", arranging.pin_for_me, name="report-pin"),
    path("reports/build", builder.builder, name="report-builder"),
    path("reports/build/save", builder.save, name="report-save"),
    path("reports/build/export", exporting.export, name="report-export"),
    path("reports/rows", rows.rows, name="report-rows"),
    path("reports/received", sending.received, name="reports-received"),
    path("reports/<int:id>/sending", sending.sending, name="report-sending"),
]
