"""Addresses of working time, beneath /w/<slug>/settings/."""

from django.urls import path

from peyvand.operational.availability.web import views

urlpatterns = [path("working-time", views.working_time, name="working-time")]
