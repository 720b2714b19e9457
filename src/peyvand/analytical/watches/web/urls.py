"""Addresses of watches beyond those that the toolkit derives."""

from django.urls import path

from peyvand.analytical.watches.web import pages

urlpatterns = [
    path("insights/watches", pages.watches, name="watches"),
    path("insights/watches/<int:id>", pages.watch, name="watch"),
    path("insights/watches/<int:id>/trial", pages.tried, name="watch-trial"),
]
