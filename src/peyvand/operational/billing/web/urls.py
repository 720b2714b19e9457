"""Addresses of billing, beneath /w/<slug>/."""

from django.urls import path

from peyvand.operational.billing.web import returning, views

urlpatterns = [
    path("ageing/", views.ageing_report, name="ageing"),
    path("companies/<int:id>/statement", views.statement_of, name="statement"),
    path("invoices/<int:id>/take-back", returning.take_back, name="take-back"),
]
