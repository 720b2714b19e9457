"""The areas of work that objects and screens belong to: headings of the sidebar, first words of the way to a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Area:
    """``key`` is kept in the browsers of those who folded it."""

    key: str
    label: str | Promise

    def __str__(self) -> str:
        return str(self.label)


CONTACTS: Final = Area("contacts", _("Contacts"))
SALES: Final = Area("sales", _("Sales"))
FINANCE: Final = Area("finance", _("Finance"))
CATALOGUE: Final = Area("catalogue", _("Catalogue"))
PROCESSES: Final = Area("processes", _("Processes"))
INSIGHTS: Final = Area("insights", _("Insights"))
OWN: Final = Area("own", _("Custom"))
