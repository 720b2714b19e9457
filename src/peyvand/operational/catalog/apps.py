from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from peyvand.platform.workspaces.modules import Module


class CatalogConfig(AppConfig):
    name = "peyvand.operational.catalog"
    label = "catalog"
    manifest = Module("catalog", _("Products"), _("What is sold, with prices."), "box")
