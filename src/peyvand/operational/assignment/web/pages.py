"""The settings' page about assignment, known before the screens that stand in it."""

from django.utils.translation import gettext_lazy as _

from peyvand.web.shell.settings_pages import SettingsPage, register_page

ASSIGNMENT = register_page(
    SettingsPage(
        "assignment", _("Assignment"), "users", "assignment", "assignment_rule.update", _("Sales"), order=64
    )
)
