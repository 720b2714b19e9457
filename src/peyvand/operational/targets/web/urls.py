"""Addresses of reports and targets."""

from django.urls import path

from peyvand.operational.targets.web import board, outlook, quotas, reports

urlpatterns = [
    path("targets", quotas.targets, name="targets"),
    path("targets/sheet", quotas.grid, name="targets-sheet"),
    path("reports/sales", reports.sales, name="sales-report"),
    path("reports/funnel", reports.stages, name="funnel-report"),
    path("reports/forecast", outlook.outlook, name="forecast"),
    path("reports/team", board.team, name="team-board"),
]
