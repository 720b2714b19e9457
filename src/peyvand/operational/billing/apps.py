from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from peyvand.platform.workspaces.modules import Module


class BillingConfig(AppConfig):
    name = "peyvand.operational.billing"
    label = "billing"
    manifest = Module(
        "billing",
        _("Invoices and payments"),
        _("Invoices, payments, cheques, instalments, credit limits and contracts."),
        "money",
        requires=("sales", "activities", "catalog"),
    )
