from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from peyvand.platform.workspaces.modules import Module


class LeadsConfig(AppConfig):
    name = "peyvand.operational.leads"
    label = "leads"
    manifest = Module(
        "leads",
        _("Leads"),
        _(
            "Inquiries from the first word to the deal: forms for web pages, states, scores with reasons, conversion."
        ),
        "inbox",
        requires=("sales",),
    )
