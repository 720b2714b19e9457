"""Addresses of the warehouse, beneath /w/<slug>/settings/."""

from django.urls import path

from peyvand.analytical.warehouse.web import views

urlpatterns = [
    path("warehouse", views.page, name="settings-warehouse"),
    path("warehouse/refresh", views.refresh),
    path("warehouse/<slug:table>.<slug:format>", views.table),
]
