"""Addresses of the builder, the dashboard and the rows behind a figure."""

from django.urls import path

from peyvand.analytical.reports.web import board, builder, exporting, rows

urlpatterns = [
    path("insights", board.dashboard, name="dashboard"),
    path("insights/card/<slug:key>", board.card, name="dashboard-card"),
    path("reports/build", builder.builder, name="report-builder"),
    path("reports/build/save", builder.save, name="report-save"),
    path("reports/build/export", exporting.export, name="report-export"),
    path("reports/rows", rows.rows, name="report-rows"),
]
