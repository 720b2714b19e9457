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
    path("settings/", include("peyvand.administration.schema.urls")),
    path("settings/", include("peyvand.administration.governance.urls")),
    path("settings/", include("peyvand.administration.quality.urls")),
    path("settings/", include("peyvand.administration.retention.urls")),
    path("settings/", include("peyvand.analytical.warehouse.web.urls")),
    path("settings/", include("peyvand.integrations.webhooks.web.urls")),
    path("settings/", include("peyvand.integrations.archive.web.urls")),
    path("", include("peyvand.administration.applications.workspace_urls")),
    path("duplicates/", include("peyvand.operational.duplicates.web.urls")),
    path("settings/", include("peyvand.operational.duplicates.web.settings_urls")),
    path("settings/", include("peyvand.operational.documents.web.urls")),
    path("settings/", include("peyvand.operational.quotes.web.urls")),
    path("", include("peyvand.operational.documents.web.paper_urls")),
    path("", include("peyvand.operational.pricing.web.urls")),
    path("settings/", include("peyvand.operational.numbering.web.urls")),
    path("", include("peyvand.operational.billing.web.urls")),
    path("settings/", include("peyvand.operational.availability.web.urls")),
    path("settings/", include("peyvand.operational.calendars.web.urls")),
    path("", include("peyvand.operational.consents.web.urls")),
    path("", include("peyvand.operational.leads.web.urls")),
    path("", include("peyvand.operational.scheduling.web.urls")),
    path("", include("peyvand.operational.minutes.web.urls")),
    path("", include("peyvand.operational.assignment.web.urls")),
    path("", include("peyvand.operational.targets.web.urls")),
    path("", include("peyvand.operational.commissions.web.urls")),
    path("", include("peyvand.collaborative.mail.web.urls")),
    path("", include("peyvand.collaborative.sms.web.urls")),
    path("", include("peyvand.collaborative.sequences.web.urls")),
    path("", include("peyvand.analytical.analyses.web.urls")),
    path("", include("peyvand.analytical.forecasts.web.urls")),
    path("", include("peyvand.analytical.reports.web.urls")),
    path("", include("peyvand.analytical.texts.web.urls")),
    path("", include("peyvand.analytical.campaigns.web.urls")),
    path("", include("peyvand.analytical.watches.web.urls")),
    path("", include("peyvand.processes.automations.web.urls")),
    path("import/", include("peyvand.integrations.transfer.web.urls")),
    path("export/", include("peyvand.integrations.transfer.web.export_urls")),
    path("", include("peyvand.web.urls")),
]

urlpatterns = [
    # The most frequent first: addresses are tried in this order.
    path("api/v1/warehouse/", include("peyvand.analytical.warehouse.web.api_urls")),
    path("api/v1/", include("peyvand.api.urls")),
    path("w/<slug:workspace>/", include(workspace_pages)),
    path("", shell.root, name="root"),
    path("healthz", healthz),
    path("language", shell.choose_language, name="language"),
    path("manifest.webmanifest", shell.manifest, name="manifest"),
    path("", include("peyvand.operational.quotes.web.public_urls")),
    path("", include("peyvand.administration.sign_in.urls")),
    path("", include("peyvand.administration.applications.urls")),
    path("", include("peyvand.operational.leads.web.public_urls")),
    path("", include("peyvand.operational.scheduling.web.public_urls")),
    path("", include("peyvand.operational.calendars.web.dav.urls")),
    path("", include("peyvand.collaborative.mail.web.public_urls")),
    path("", include("peyvand.collaborative.sms.web.public_urls")),
]

handler400 = "peyvand.web.shell.errors.bad_request"
handler403 = "peyvand.web.shell.errors.forbidden"
handler404 = "peyvand.web.shell.errors.not_found"
handler500 = "peyvand.web.shell.errors.failed"
