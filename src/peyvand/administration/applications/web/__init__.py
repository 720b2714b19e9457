"""The settings' page about applications; importing this registers it."""

from django.utils.translation import gettext_lazy as _

from peyvand.web.shell.settings_pages import SettingsPage, register_page

APPLICATIONS = register_page(
    SettingsPage(
        "applications", _("Applications"), "box", "applications", "token.create", _("For programs"), order=81
    )
)
