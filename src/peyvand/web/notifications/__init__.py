"""The bell, the page of all notifications, and how one wants to be told; importing this registers it."""

from django.utils.translation import gettext_lazy as _

from peyvand.web.shell.navigation import Screen, register_screen
from peyvand.web.shell.settings_pages import SettingsPage, register_page

SCREEN = register_screen(Screen("notifications", _("Notifications"), "bell", "notifications/"))
SETTINGS = register_page(
    SettingsPage("notifications", _("Notifications"), "bell", "notifications", "", _("My settings"), order=5)
)
