"""Saved views as tabs over the list and as links in the sidebar."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.spec import find_object
from peyvand.platform.objects.views import EVERYONE, TEAM, views_for
from peyvand.web.objects.lists.state import ListState
from peyvand.web.objects.resolve import address
from peyvand.web.shell.navigation import Entry, Group, sidebar_source

MOST_TABS = 12
MOST_PINNED = 8
_AUDIENCE_ICONS = {TEAM: "users", EVERYONE: "globe"}


@dataclass(frozen=True)
class Tab:
    id: int
    label: str
    href: str
    is_current: bool
    is_pinned: bool
    icon: str


def tabs(state: ListState) -> list[Tab]:
    """«همه» and the saved lists of this object that the actor may use."""
    base, current = address(state.ctx, state.spec), state.view
    found = [Tab(0, gettext("All"), f"{base}/", current is None and not state.in_bin, False, "")]
    for view in views_for(state.ctx.actor, state.spec.key).filter(kind="list")[:MOST_TABS]:
        icon = "pin" if view.is_pinned else _AUDIENCE_ICONS.get(view.audience, "")
        found.append(
            Tab(
                view.id,
                view.name,
                f"{base}/?view={view.id}",
                current is not None and view.id == current.id,
                view.is_pinned,
                icon,
            )
        )
    return found


@sidebar_source
def pinned_views(ctx: Context) -> Iterable[Group]:
    """Pinned views beneath the menu."""
    entries = []
    for view in views_for(ctx.actor).filter(is_pinned=True)[:MOST_PINNED]:
        spec = find_object(view.object)
        if spec is not None and decide(ctx.actor, spec.permission("view")):
            where = address(ctx, spec, "board") if view.kind == "board" else f"{address(ctx, spec)}/"
            entries.append(Entry(view.name, f"{where}?view={view.id}", dot=view.id % 5 + 1))
    return [Group(_("Saved views"), tuple(entries))]
