"""The settings' page about archives; importing this registers it."""

from django.utils.translation import gettext_lazy as _

from peyvand.integrations.archive.actions import PERMISSION
from peyvand.web.shell.settings_pages import SettingsPage, register_page

ARCHIVES = register_page(
    SettingsPage("archives", _("Whole workspace"), "down", "archives", PERMISSION, _("Operations"), order=93)
)
