from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from peyvand.platform.workspaces.modules import Module


class SequencesConfig(AppConfig):
    name = "peyvand.collaborative.sequences"
    label = "sequences"
    manifest = Module(
        "sequences",
        _("Sequences"),
        _(
            "Steps of e-mail, SMS, calls and tasks that follow each other by themselves until somebody answers."
        ),
        "flow",
        requires=("activities", "availability", "sms", "mail"),
    )

    def ready(self) -> None:
        # What is shown of sequences beyond their declaration is registered by importing it.
        from peyvand.collaborative.sequences import web  # noqa: F401 importing registers
