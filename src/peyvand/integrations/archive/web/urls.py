"""Addresses beneath /w/<slug>/settings/."""

from django.urls import path

from peyvand.integrations.archive.web import views

urlpatterns = [
    path("archives", views.archives, name="settings-archives"),
    path("archives/<int:run_id>", views.state),
    path("archives/<int:run_id>/file", views.file),
    path("archives/<int:run_id>/remove", views.remove),
]
