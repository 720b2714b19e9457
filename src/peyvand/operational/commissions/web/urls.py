"""Addresses of commissions, beneath /w/<slug>/."""

from django.urls import path

from peyvand.operational.commissions.web import cards, mine

urlpatterns = [
    path("reports/commissions", mine.commissions, name="commissions"),
    path("commission-plans/<int:id>/example", cards.tried_out, name="commission-example"),
]
