"""Addresses of the shares of channels and of what campaigns changed."""

from django.urls import path

from peyvand.analytical.campaigns.web import channels, effects

urlpatterns = [
    path("insights/attribution", channels.attribution, name="attribution"),
    path("insights/uplift", effects.uplift, name="uplift"),
]
