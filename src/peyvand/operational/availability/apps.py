from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from peyvand.platform.workspaces.modules import Module


class AvailabilityConfig(AppConfig):
    name = "peyvand.operational.availability"
    label = "availability"
    manifest = Module(
        "availability",
        _("Working time"),
        _("Working hours, public holidays, and who is away until when."),
        "clock",
    )
