"""What calendars elsewhere add to the screens; importing this registers it."""

from django.utils.translation import gettext_lazy as _

from peyvand.web.shell.settings_pages import SettingsPage, register_page

CALENDARS = register_page(
    SettingsPage(
        "calendars",
        _("Calendars elsewhere"),
        "globe",
        "calendars",
        "meeting.make_calendar_password",
        _("My settings"),
        order=7,
    )
)

__all__ = ["CALENDARS"]
