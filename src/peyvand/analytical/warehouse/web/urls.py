"""Addresses of the warehouse, beneath /w/<slug>/settings/."""

from django.urls import path

from peyvand.analytical.warehouse.web import outside, views

urlpatterns = [
    path("warehouse", views.page, name="settings-warehouse"),
    path("warehouse/refresh", views.refresh),
    path("warehouse/sources", outside.new_file),
    path("warehouse/sources/<int:id>", outside.source, name="settings-outside-source"),
    path("warehouse/sources/<int:id>/columns", outside.columns),
    path("warehouse/sources/<int:id>/file", outside.file),
    path("warehouse/sources/<int:id>/refresh", outside.refresh),
    path("warehouse/sources/<int:id>/delete", outside.delete),
    path("warehouse/<str:table>.<slug:format>", views.table),
]
