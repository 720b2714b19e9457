from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from peyvand.platform.workspaces.modules import Module


class PricingConfig(AppConfig):
    name = "peyvand.operational.pricing"
    label = "pricing"
    manifest = Module(
        "pricing",
        _("Price lists"),
        _("Prices by customer and date, and the lines of quotes and invoices with discounts and taxes."),
        "price-lists",
        requires=("catalog",),
    )
