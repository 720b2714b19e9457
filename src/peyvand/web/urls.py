"""Pages of a workspace that the toolkit derives from its objects."""

from django.urls import include, path

urlpatterns = [
    path("", include("peyvand.web.notifications.urls")),
    path("", include("peyvand.web.guide.urls")),
    path("", include("peyvand.web.objects.urls")),
]
