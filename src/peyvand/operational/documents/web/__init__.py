"""The settings' page of the letterhead; importing this registers it."""

from django.utils.translation import gettext_lazy as _

from peyvand.operational.documents.letterhead import SET
from peyvand.web.shell.settings_pages import SettingsPage, register_page

LETTERHEAD = register_page(
    SettingsPage("letterhead", _("Letterhead"), "file", "letterhead", SET, _("Sales"), order=60)
)
