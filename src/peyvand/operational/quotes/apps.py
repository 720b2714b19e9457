from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from peyvand.platform.workspaces.modules import Module


class QuotesConfig(AppConfig):
    name = "peyvand.operational.quotes"
    label = "quotes"
    manifest = Module(
        "quotes",
        _("Quotes"),
        _("Offers with editions, approval of discounts, and a public page where the customer accepts them."),
        "quotes",
        requires=("sales", "pricing"),
    )
