"""Addresses of the forecast and of the what-if page."""

from django.urls import path

from peyvand.analytical.forecasts.web import forecast, what_if

urlpatterns = [
    path("insights/forecast", forecast.forecast, name="sales-forecast"),
    path("insights/what-if", what_if.what_if, name="what-if"),
]
