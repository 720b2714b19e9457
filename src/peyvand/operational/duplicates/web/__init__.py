"""The queue's screen and its settings; importing this registers them."""

from django.utils.translation import gettext_lazy as _

from peyvand.web.shell.navigation import Screen, register_screen
from peyvand.web.shell.settings_pages import SettingsPage, register_page

SCREEN = register_screen(
    Screen("duplicates", _("Duplicates"), "merge", "duplicates/", operation="person.merge", at_end=True)
)
RULES = register_page(
    SettingsPage(
        "duplicates", _("Duplicates"), "merge", "duplicates", "workspace.update", _("Records"), order=72
    )
)
