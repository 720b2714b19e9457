"""What text messages add to the screens that are derived from their objects; importing this registers it."""

from django.utils.translation import gettext_lazy as _

from peyvand.web.components.inputs import register_control
from peyvand.web.shell.settings_pages import SettingsPage, register_page

LINES = register_page(SettingsPage("sms", _("SMS"), "sms", "sms", "sms_line.create", _("Messages"), order=50))

from peyvand.collaborative.sms.web import controls, record  # noqa: E402 they need the page

register_control("sms", controls.text_box, controls.read_text)

__all__ = ["LINES", "record"]
