from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from peyvand.platform.workspaces.modules import Module


class OrdersConfig(AppConfig):
    name = "peyvand.operational.orders"
    label = "orders"
    manifest = Module(
        "orders",
        _("Orders and subscriptions"),
        _("What customers bought and brought back, line by line, and what they pay for month by month."),
        "bag",
        requires=("sales", "catalog", "billing"),
    )
