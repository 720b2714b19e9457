"""The page of the settings that text messages have."""

from django.utils.translation import gettext_lazy as _

from peyvand.web.shell.settings_pages import SettingsPage, register_page

LINES = register_page(SettingsPage("sms", _("SMS"), "sms", "sms", "sms_line.create", _("Messages"), order=50))
