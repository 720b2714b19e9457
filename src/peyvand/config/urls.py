"""Every address of the product. A workspace's own pages are under /w/<its slug>/."""

from django.urls import include, path

from peyvand.web.shell import views as shell
from peyvand.web.shell.health import healthz

workspace_pages = [
    path("", include("peyvand.web.shell.urls")),
    path("account/", include("peyvand.administration.sign_in.account_urls")),
    path("settings/", include("peyvand.administration.settings.urls")),
    path("settings/", include("peyvand.administration.members.urls")),
    path("settings/", include("peyvand.administration.operations.urls")),
    path("import/", include("peyvand.integrations.transfer.web.urls")),
    path("", include("peyvand.web.urls")),
]

urlpatterns = [
    path("", shell.root, name="root"),
    path("healthz", healthz),
    path("language", shell.choose_language, name="language"),
    path("manifest.webmanifest", shell.manifest, name="manifest"),
    path("", include("peyvand.administration.sign_in.urls")),
    path("w/<slug:workspace>/", include(workspace_pages)),
    path("api/v1/", include("peyvand.api.urls")),
]

handler400 = "peyvand.web.shell.errors.bad_request"
handler403 = "peyvand.web.shell.errors.forbidden"
handler404 = "peyvand.web.shell.errors.not_found"
handler500 = "peyvand.web.shell.errors.failed"
