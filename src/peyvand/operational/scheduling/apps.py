from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from peyvand.platform.workspaces.modules import Module


class SchedulingConfig(AppConfig):
    name = "peyvand.operational.scheduling"
    label = "scheduling"
    manifest = Module(
        "scheduling",
        _("Calendar"),
        _("Tasks and meetings that come again, and the calendar of all."),
        "cal",
        requires=("activities", "availability"),
    )
