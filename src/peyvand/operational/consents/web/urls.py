"""Addresses beneath a person's page."""

from django.urls import path

from peyvand.operational.consents.web import views

urlpatterns = [
    path("people/<int:id>/consents", views.consents, name="consents"),
    path("people/<int:id>/consents/new", views.record, name="consents-new"),
]
