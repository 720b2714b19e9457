from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from peyvand.platform.workspaces.modules import Module


class MailConfig(AppConfig):
    name = "peyvand.collaborative.mail"
    label = "mail"
    manifest = Module(
        "mail",
        _("E-mail"),
        _("Letters to and from customers, written and read where their records are."),
        "mail",
    )

    def ready(self) -> None:
        # Verbs of meetings, quotes and invoices that are mail's: they are known once this is imported.
        from peyvand.collaborative.mail import meetings, papers  # noqa: F401 importing registers
