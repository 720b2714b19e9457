"""Addresses of the settings about papers."""

from django.urls import path

from peyvand.operational.documents.web import views

urlpatterns = [
    path("letterhead", views.letterhead_page, name="letterhead"),
    path("letterhead/sample.pdf", views.sample, name="letterhead-sample"),
]
