from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from peyvand.platform.workspaces.modules import Module


class AssignmentConfig(AppConfig):
    name = "peyvand.operational.assignment"
    label = "assignment"
    manifest = Module(
        "assignment",
        _("Assignment"),
        _("Rules that give new leads, deals and tasks to somebody, and say why to them."),
        "users",
        requires=("availability",),
    )
