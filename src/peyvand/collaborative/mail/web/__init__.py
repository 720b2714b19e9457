"""What mail adds to the screens that are derived from its objects; importing this registers it."""

from django.utils.translation import gettext_lazy as _

from peyvand.collaborative.mail.web import cards, controls
from peyvand.web.objects.resolve import live_at
from peyvand.web.shell.settings_pages import SettingsPage, register_page

ACCOUNTS = register_page(
    SettingsPage(
        "mail-accounts",
        _("E-mail accounts"),
        "mail",
        "mail-accounts",
        "mail_account.create",
        _("My settings"),
        order=6,
    )
)
live_at("mail_message", "mail")
live_at("mail_account", "settings/mail-accounts")

__all__ = ["ACCOUNTS", "cards", "controls"]
