"""Addresses of the settings about discounts."""

from django.urls import path

from peyvand.operational.quotes.web import settings

urlpatterns = [path("discounts", settings.discounts, name="discounts")]
