from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from peyvand.platform.workspaces.modules import Module


class CalendarsConfig(AppConfig):
    name = "peyvand.operational.calendars"
    label = "calendars"
    manifest = Module(
        "calendars",
        _("Calendars elsewhere"),
        _(
            "Phones and mail programs that keep step with the calendar, calendars read in, times taken elsewhere."
        ),
        "globe",
        requires=("scheduling",),
    )

    def ready(self) -> None:
        # Passwords and files are actions; times taken elsewhere count for bookings once this is imported.
        from peyvand.operational.calendars import passwords, subscriptions, taking  # noqa: F401 importing registers
