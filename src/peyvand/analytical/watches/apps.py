from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from peyvand.platform.workspaces.modules import Module


class WatchesConfig(AppConfig):
    name = "peyvand.analytical.watches"
    label = "watches"
    manifest = Module(
        "watches",
        _("Watches"),
        _(
            "Tells who reached a threshold of any measure, or fell below it, so that something can start from it."
        ),
        "flag",
    )
