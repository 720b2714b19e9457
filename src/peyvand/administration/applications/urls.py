"""Addresses of the authorization server, outside any workspace."""

from django.urls import path

from peyvand.administration.applications.web import consent, endpoints

urlpatterns = [
    path("oauth/authorize", consent.authorize),
    path("oauth/token", endpoints.token),
    path("oauth/revoke", endpoints.revoke),
    path("oauth/introspect", endpoints.introspect),
    path(".well-known/oauth-authorization-server", endpoints.metadata),
]
