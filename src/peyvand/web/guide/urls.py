"""Addresses of the user guide within a workspace."""

from django.urls import path

from peyvand.web.guide import pages

urlpatterns = [
    path("guide/", pages.guide, name="guide"),
    path("guide/<slug:key>", pages.chapter, name="guide-chapter"),
    path("guide/pictures/<str:name>", pages.picture, name="guide-picture"),
]
