"""Addresses of the analyses and their model cards."""

from django.urls import path

from peyvand.analytical.analyses.web import pages

urlpatterns = [
    path("insights/models", pages.all_cards, name="analyses"),
    path("insights/models/refresh", pages.refresh_all, name="analyses-refresh"),
    path("insights/models/<int:id>", pages.model_card, name="model-card"),
]
