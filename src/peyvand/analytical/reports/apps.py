from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from peyvand.platform.workspaces.modules import Module


class ReportsConfig(AppConfig):
    name = "peyvand.analytical.reports"
    label = "reports"
    manifest = Module(
        "reports",
        _("Reports and dashboards"),
        _(
            "Any measure, grouped by anything, as a chart or a table; every figure opens its rows. Save it and share it."
        ),
        "chart",
    )
