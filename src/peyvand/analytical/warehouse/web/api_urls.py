"""Addresses of the warehouse for programs, beneath /api/v1/warehouse/."""

from django.urls import path

from peyvand.analytical.warehouse.web import api

urlpatterns = [
    path("tables", api.tables),
    path("tables/<str:name>", api.table),
    path("query", api.query),
]
