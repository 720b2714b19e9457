"""The settings' page about webhooks; importing this registers it."""

from django.utils.translation import gettext_lazy as _

from peyvand.web.objects.resolve import live_at
from peyvand.web.shell.settings_pages import SettingsPage, register_page

WEBHOOKS = register_page(
    SettingsPage("webhooks", _("Webhooks"), "link", "webhooks", "webhook.view", _("For programs"), order=82)
)
live_at("webhook", "settings/webhooks")
