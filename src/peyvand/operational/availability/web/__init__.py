"""What working time adds to the settings; importing this registers it."""

from django.utils.translation import gettext_lazy as _

from peyvand.web.shell.settings_pages import SettingsPage, register_page

WORKING_TIME = register_page(
    SettingsPage(
        "working-time",
        _("Working time"),
        "clock",
        "working-time",
        "working_hours.update",
        _("People who work here"),
        order=25,
    )
)

__all__ = ["WORKING_TIME"]
