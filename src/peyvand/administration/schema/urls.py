"""Addresses beneath /w/<slug>/settings/."""

from django.urls import path

from peyvand.administration.schema.web import fields, layouts, objects

urlpatterns = [
    path("objects", objects.listed, name="settings-objects"),
    path("objects/new", objects.new),
    path("objects/<slug:key>/edit", objects.edit),
    path("objects/<slug:key>/archive", objects.archive),
    path("objects/<slug:key>/restore", objects.restore),
    path("objects/<slug:key>/", fields.listed, name="settings-fields"),
    path("objects/<slug:key>/kinds", fields.kinds),
    path("objects/<slug:key>/new", fields.new),
    path("objects/<slug:key>/order", fields.order),
    path("objects/<slug:key>/layout", layouts.layout),
    path("fields/<int:id>/edit", fields.edit),
    path("fields/<int:id>/archive", fields.archive),
    path("fields/<int:id>/restore", fields.restore),
]
