from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from peyvand.platform.workspaces.modules import Module


class ActivitiesConfig(AppConfig):
    name = "peyvand.operational.activities"
    label = "activities"
    manifest = Module(
        "activities", _("Activities"), _("Tasks, notes, meetings and calls about any record."), "task"
    )

    def ready(self) -> None:
        from peyvand.operational.activities import reminders  # noqa: F401  # its verbs register themselves
