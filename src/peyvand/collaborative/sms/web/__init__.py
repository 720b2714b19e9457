"""What text messages add to the screens that are derived from their objects; importing this registers it."""

from django.utils.translation import gettext_lazy as _

from peyvand.collaborative.sms.web import controls, receiver, record
from peyvand.web.components.inputs import register_control
from peyvand.web.objects.lists.beginnings import Beginning, register_beginning

register_beginning("sms_message", Beginning(
    _("Messages are written from the page of a person, a lead or a deal; what customers answer arrives here and there."),
    _("To the people"), "people/",
))  # fmt: skip
register_control("sms", controls.text_box, controls.read_text)

__all__ = ["receiver", "record"]
