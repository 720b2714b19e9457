"""Every address of the product. A workspace's own pages are under /w/<its slug>/."""

from django.urls import include, path

from peyvand.web.shell.health import healthz

workspace_pages = [
    path("", include("peyvand.web.urls")),
]

urlpatterns = [
    path("healthz", healthz),
    path("w/<slug:workspace>/", include(workspace_pages)),
]
