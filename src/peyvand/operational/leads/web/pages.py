"""The pages of the settings that leads have."""

from django.utils.translation import gettext_lazy as _

from peyvand.web.shell.settings_pages import SettingsPage, register_page

FORMS = register_page(
    SettingsPage(
        "lead-forms", _("Lead forms"), "file", "lead-forms", "lead_form.create", _("Sales"), order=62
    )
)
SCORING = register_page(
    SettingsPage(
        "lead-scoring", _("Lead scoring"), "chart", "lead-scoring", "score_rule.create", _("Sales"), order=63
    )
)
