"""The settings' page about retention, and what a record's page says of a hold; importing this registers them."""

from django.utils.translation import gettext_lazy as _

from peyvand.administration.retention.actions import MANAGE
from peyvand.administration.retention.web import card
from peyvand.web.shell.settings_pages import SettingsPage, register_page

RETENTION = register_page(
    SettingsPage("retention", _("Retention"), "clock", "retention", MANAGE, _("Records"), order=74)
)

__all__ = ["RETENTION", "card"]
