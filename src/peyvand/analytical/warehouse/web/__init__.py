"""The page of the warehouse, among the settings; importing this registers it."""

from django.utils.translation import gettext_lazy as _

from peyvand.analytical.warehouse.querying import QUERY
from peyvand.web.shell.settings_pages import SettingsPage, register_page

WAREHOUSE = register_page(
    SettingsPage("warehouse", _("Data warehouse"), "cols", "warehouse", QUERY, _("Records"), order=76)
)
