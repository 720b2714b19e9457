from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from peyvand.platform.workspaces.modules import Module


class CommissionsConfig(AppConfig):
    name = "peyvand.operational.commissions"
    label = "commissions"
    manifest = Module(
        "commissions",
        _("Commissions"),
        _(
            "What people earn by what they sell: plans, statements in which every amount is explained, approval and payment."
        ),
        "gift",
        requires=("sales", "billing", "targets"),
    )
