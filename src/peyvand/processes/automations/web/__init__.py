"""What automations add to the screens that are derived from their objects; importing this registers it."""

from django.utils.translation import gettext_lazy as _

from peyvand.processes.automations.web import record
from peyvand.web.objects.lists.beginnings import Beginning, register_beginning

register_beginning("automation", Beginning(
    _("An automation does something by itself when something happens, and shows what it changed beside records that it left alone."),
    _("Start from a template"), "automations/ready",
))  # fmt: skip

__all__ = ["record"]
