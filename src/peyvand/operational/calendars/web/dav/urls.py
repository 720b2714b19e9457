"""Addresses for programs that keep step with a calendar."""

from django.urls import path

from peyvand.operational.calendars.web.dav import views

urlpatterns = [
    path(".well-known/caldav", views.well_known, name="caldav-well-known"),
    path("dav/", views.serve, name="caldav"),
    path("dav/<path:path>", views.serve, name="caldav-path"),
]
