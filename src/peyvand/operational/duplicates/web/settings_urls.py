"""Addresses of the settings about duplicates."""

from django.urls import path

from peyvand.operational.duplicates.web import rules

urlpatterns = [path("duplicates", rules.rules, name="duplicates-rules")]
