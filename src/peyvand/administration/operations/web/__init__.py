"""The pages of operations in the settings; importing this registers them."""

from django.utils.translation import gettext_lazy as _

from peyvand.web.shell.settings_pages import SettingsPage, register_page

GROUP = _("Operations")
BACKGROUND = register_page(
    SettingsPage(
        "background",
        _("Background work"),
        "refresh",
        "background",
        "workspace.run_job_again",
        GROUP,
        order=90,
    )
)
AUDIT = register_page(SettingsPage("audit", _("Audit"), "clock", "audit", "workspace.audit", GROUP, order=91))
