"""Addresses of the settings about numbers, beneath /w/<slug>/settings/."""

from django.urls import path

from peyvand.operational.numbering.web import views

urlpatterns = [path("numbers", views.numbers, name="settings-numbers")]
