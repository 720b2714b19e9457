"""Addresses of minutes."""

from django.urls import path

from peyvand.operational.minutes.web import writing

urlpatterns = [
    path("meetings/<int:id>/minutes", writing.write_minutes, name="minutes"),
    path("meetings/<int:id>/minutes/sheet", writing.sheet, name="minutes-sheet"),
]
