"""Addresses of every object's screens; each path begins with the object's plural."""

from django.urls import include, path

urlpatterns = [
    path("", include("peyvand.web.objects.bin.urls")),
    path("", include("peyvand.web.objects.merging.urls")),
    path("", include("peyvand.web.objects.lists.urls")),
    path("", include("peyvand.web.objects.boards.urls")),
    path("", include("peyvand.web.objects.calendars.urls")),
    path("", include("peyvand.web.objects.pages.urls")),
]
