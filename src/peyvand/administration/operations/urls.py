"""Addresses of operations, beneath /w/<slug>/settings/."""

from django.urls import path

from peyvand.administration.operations.web import audit, background

urlpatterns = [
    path("background", background.background, name="settings-background"),
    path("background/<int:id>/again", background.again),
    path("background/<int:id>/dismiss", background.dismiss),
    path("audit", audit.audit_page, name="settings-audit"),
]
