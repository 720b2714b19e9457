"""Pages of a workspace that the toolkit derives from its objects."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
