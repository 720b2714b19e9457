"""Addresses of data quality, beneath /w/<slug>/settings/."""

from django.urls import path

from peyvand.administration.quality.web import views

urlpatterns = [
    path("quality", views.overview, name="settings-quality"),
    path("quality/reckon", views.reckon),
    path("quality/progress", views.progress),
    path("quality/<slug:key>/", views.detail),
]
