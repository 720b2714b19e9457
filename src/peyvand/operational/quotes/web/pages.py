"""The settings' page about discounts, known before the screens that stand in it."""

from django.utils.translation import gettext_lazy as _

from peyvand.operational.quotes.limits import SET
from peyvand.web.shell.settings_pages import SettingsPage, register_page

LIMITS = register_page(
    SettingsPage("discounts", _("Limits of discounts"), "tag", "discounts", SET, _("Sales"), order=60)
)
