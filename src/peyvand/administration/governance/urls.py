"""Addresses of governance, beneath /w/<slug>/settings/."""

from django.urls import path

from peyvand.administration.governance.web import views

urlpatterns = [
    path("personal-data/<int:id>/data.zip", views.hand_over),
    path("personal-data/<int:id>/erase", views.erase),
]
