from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from peyvand.platform.workspaces.modules import Module


class TargetsConfig(AppConfig):
    name = "peyvand.operational.targets"
    label = "targets"
    manifest = Module(
        "targets",
        _("Targets and reports"),
        _(
            "What deals come to: reports, quotas and how far they are reached, the forecast and what changed in it."
        ),
        "chart",
        requires=("sales",),
    )
