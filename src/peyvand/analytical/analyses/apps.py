from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from peyvand.platform.workspaces.modules import Module


class AnalysesConfig(AppConfig):
    name = "peyvand.analytical.analyses"
    label = "analyses"
    manifest = Module(
        "analyses",
        _("Insights"),
        _(
            "What customers did is analysed every night; what follows stands in lists, rules and pages where people work."
        ),
        "chart",
    )
