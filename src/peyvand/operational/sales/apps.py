from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from peyvand.platform.workspaces.modules import Module


class SalesConfig(AppConfig):
    name = "peyvand.operational.sales"
    label = "sales"
    manifest = Module(
        "sales",
        _("Sales"),
        _("Deals on their way through pipelines, with products, reasons of loss and competitors."),
        "deals",
        requires=("activities", "catalog"),
    )
