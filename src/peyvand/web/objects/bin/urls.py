"""Addresses of the bin over all objects."""

from django.urls import path

from peyvand.web.objects.bin import page

urlpatterns = [
    path("bin", page.bin_page, name="bin"),
    path("bin/<slug:verb>", page.bin_do, name="bin-do"),
]
