"""What text messages add to the screens that are derived from their objects; importing this registers it."""

from django.utils.translation import gettext_lazy as _

from peyvand.web.components.inputs import register_control
from peyvand.web.objects.lists.beginnings import Beginning, register_beginning
from peyvand.web.shell.settings_pages import SettingsPage, register_page

LINES = register_page(SettingsPage("sms", _("SMS"), "sms", "sms", "sms_line.create", _("Messages"), order=50))

from peyvand.collaborative.sms.web import controls, receiver, record  # noqa: E402 they need the page

register_beginning("sms_message", Beginning(
    _("Messages are written from the page of a person, a lead or a deal; what customers answer arrives here and there."),
    _("To the people"), "people/",
))  # fmt: skip
register_control("sms", controls.text_box, controls.read_text)

__all__ = ["LINES", "receiver", "record"]
