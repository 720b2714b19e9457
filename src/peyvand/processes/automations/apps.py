from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from peyvand.platform.workspaces.modules import Module


class AutomationsConfig(AppConfig):
    name = "peyvand.processes.automations"
    label = "automations"
    manifest = Module(
        "automations",
        _("Automations"),
        _("Rules that do something by themselves when something happens, and measure what it changed."),
        "gear",
        requires=("activities", "availability", "assignment", "sequences"),
    )
