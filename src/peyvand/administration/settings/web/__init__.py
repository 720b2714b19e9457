"""The settings' own pages; importing this registers them."""

from django.utils.translation import gettext_lazy as _

from peyvand.web.shell.navigation import Screen, register_screen
from peyvand.web.shell.settings_pages import SettingsPage, open_pages, register_page

SALES = _("Sales")
RECORDS = _("Records")
WORKSPACE = register_page(
    SettingsPage(
        "workspace", _("Workspace"), "gear", "workspace", "workspace.update", _("Workspace"), order=10
    )
)
MODULES = register_page(
    SettingsPage(
        "modules", _("Modules"), "box", "modules", "workspace.switch_module", _("Workspace"), order=11
    )
)
PIPELINES = register_page(
    SettingsPage("pipelines", _("Pipelines"), "flow", "pipelines", "pipeline.update", SALES, order=60)
)
REASONS = register_page(
    SettingsPage(
        "lost-reasons", _("Reasons of loss"), "xc", "lost-reasons", "lost_reason.update", SALES, order=61
    )
)
COMPETITORS = register_page(
    SettingsPage("competitors", _("Competitors"), "flag", "competitors", "competitor.update", SALES, order=62)
)
PURPOSES = register_page(
    SettingsPage(
        "purposes",
        _("Purposes of reaching people"),
        "shield",
        "purposes",
        "purpose.update",
        RECORDS,
        order=71,
    )
)
TAGS = register_page(SettingsPage("tags", _("Tags"), "tag", "tags", "tag.update", RECORDS, order=70))

SCREEN = register_screen(
    Screen(
        "settings",
        _("Settings"),
        "sliders",
        "settings/",
        opens=lambda ctx: bool(open_pages(ctx)),
        at_end=True,
        shortcut="s",
    )
)
