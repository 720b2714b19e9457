"""Addresses of leads beyond those that the toolkit derives."""

from django.urls import path

from peyvand.operational.leads.web import convert, reports, settings

urlpatterns = [
    path("leads/<int:id>/do/convert", convert.convert, name="lead-convert"),
    path("reports/leads", reports.report, name="lead-report"),
    path("settings/lead-forms", settings.forms, name="lead-forms"),
    path("settings/lead-forms/<int:id>", settings.form, name="lead-form"),
    path("settings/lead-forms/<int:id>/preview", settings.preview, name="lead-form-preview"),
    path("settings/lead-scoring", settings.scoring, name="lead-scoring"),
]
