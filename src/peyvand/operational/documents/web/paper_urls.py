"""Addresses of papers."""

from django.urls import path

from peyvand.operational.documents.web import papers

urlpatterns = [path("<plural:plural>/<int:id>/pdf", papers.paper, name="paper")]
