"""The settings' page about data quality; importing this registers it."""

from django.utils.translation import gettext_lazy as _

from peyvand.administration.quality.measures import VIEW
from peyvand.web.shell.settings_pages import SettingsPage, register_page

QUALITY = register_page(
    SettingsPage("quality", _("Data quality"), "check", "quality", VIEW, _("Records"), order=73)
)
