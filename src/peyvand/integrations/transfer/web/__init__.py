"""The import's page; importing this registers it."""

from django.utils.translation import gettext_lazy as _

from peyvand.integrations.transfer.web import exports, first_day
from peyvand.web.shell.navigation import Screen, register_screen

SCREEN = register_screen(
    Screen(
        "import", _("Import data"), "down", "import/", operation="import.run", at_end=True, fills_lists=True
    )
)

__all__ = ["SCREEN", "exports", "first_day"]
