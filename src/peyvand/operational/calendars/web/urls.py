"""Addresses of calendars elsewhere, beneath /w/<slug>/settings/."""

from django.urls import path

from peyvand.operational.calendars.web import importing, views

urlpatterns = [
    path("calendars", views.calendars, name="calendars"),
    path("calendars/passwords/new", views.new_password, name="calendar-password-new"),
    path("calendars/passwords/<int:id>/end", views.end_password, name="calendar-password-end"),
    path("calendars/subscriptions/new", views.new_subscription, name="calendar-subscription-new"),
    path("calendars/subscriptions/<int:id>/read", views.read_subscription, name="calendar-subscription-read"),
    path("calendars/subscriptions/<int:id>/end", views.end_subscription, name="calendar-subscription-end"),
    path("calendars/import", importing.import_file, name="calendar-import"),
    path("calendars/import/<int:id>", importing.imported, name="calendar-imported"),
    path("calendars/import/<int:id>/undo", importing.undo_import, name="calendar-import-undo"),
]
