"""The page of the warehouse among the settings, and its part of the API's description; importing this registers both."""

from django.utils.translation import gettext_lazy as _

from peyvand.analytical.warehouse.querying import QUERY
from peyvand.analytical.warehouse.web import described  # noqa: F401 importing adds it to the API's description
from peyvand.web.objects.resolve import live_at
from peyvand.web.shell.settings_pages import SettingsPage, register_page

WAREHOUSE = register_page(
    SettingsPage("warehouse", _("Data warehouse"), "cols", "warehouse", QUERY, _("Records"), order=76)
)
live_at("outside_source", "settings/warehouse/sources")
