from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from peyvand.platform.workspaces.modules import Module


class ConsentsConfig(AppConfig):
    name = "peyvand.operational.consents"
    label = "consents"
    manifest = Module(
        "consents",
        _("Consents"),
        _("Whom we may reach, by which channel and for which purpose, on whose word and with what proof."),
        "shield",
    )
