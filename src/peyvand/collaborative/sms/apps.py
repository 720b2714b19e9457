from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from peyvand.platform.workspaces.modules import Module


class SmsConfig(AppConfig):
    name = "peyvand.collaborative.sms"
    label = "sms"
    manifest = Module(
        "sms", _("SMS"), _("Text messages to and from customers, on the timelines of their records."), "sms"
    )

    def ready(self) -> None:
        # What is shown of messages beyond their declaration is registered by importing it.
        from peyvand.collaborative.sms import web  # noqa: F401 importing registers
