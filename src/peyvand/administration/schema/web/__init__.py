"""The screens where a workspace says what it keeps; importing this registers their page."""

from django.utils.translation import gettext_lazy as _

from peyvand.web.shell.settings_pages import SettingsPage, register_page

OBJECTS = register_page(
    SettingsPage(
        "objects", _("Objects and fields"), "list", "objects", "workspace.add_field", _("Records"), order=69
    )
)
