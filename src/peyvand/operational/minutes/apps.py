from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from peyvand.platform.workspaces.modules import Module


class MinutesConfig(AppConfig):
    name = "peyvand.operational.minutes"
    label = "minutes"
    manifest = Module(
        "minutes",
        _("Minutes"),
        _("Who came to a meeting, what was decided, and tasks for what is to be done."),
        "note",
        requires=("activities",),
    )
