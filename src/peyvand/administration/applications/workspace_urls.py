"""Addresses beneath /w/<slug>/."""

from django.urls import path

from peyvand.administration.applications.web import consent, views

urlpatterns = [
    path("oauth/authorize", consent.consent, name="oauth-consent"),
    path("settings/applications", views.applications, name="settings-applications"),
    path("settings/applications/new", views.new_application),
    path("settings/applications/<int:id>/remove", views.remove),
    path("settings/applications/grants/<int:id>/end", views.end),
]
