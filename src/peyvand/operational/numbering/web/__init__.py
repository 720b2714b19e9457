"""The settings' page about numbers and fiscal years; importing this registers it."""

from django.utils.translation import gettext_lazy as _

from peyvand.operational.numbering.actions import SET_PATTERN
from peyvand.web.shell.settings_pages import SettingsPage, register_page

NUMBERS = register_page(
    SettingsPage(
        "numbers", _("Fiscal year and numbers"), "list", "numbers", SET_PATTERN, _("Sales"), order=60
    )
)
