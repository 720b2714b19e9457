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
            "Customer behaviour is analysed every night; the results appear in lists, rules and on the pages where people work."
        ),
        "chart",
    )
