"""Views as tabs over the list and as links in the sidebar; the kinds of screen that an object has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.looks import date_fields
from peyvand.platform.objects.models import SavedView
from peyvand.platform.objects.spec import ObjectSpec, find_object
from peyvand.platform.objects.views import EVERYONE, TEAM, pinned_for, standard_view, views_of
from peyvand.web.objects.lists.state import NO_VIEW, ListState
from peyvand.web.objects.resolve import address
from peyvand.web.shell.navigation import Entry, Group, sidebar_source

MOST_TABS = 12
_AUDIENCE_ICONS = {TEAM: "users", EVERYONE: "globe"}
KIND_ICONS: Final = {"board": "deals", "calendar": "cal", "timeline": "flow"}
KIND_LABELS: Final[dict[str, str | Promise]] = {
    "list": _("Table"),
    "board": _("Board"),
    "calendar": _("Calendar"),
    "timeline": _("Timeline"),
}


@dataclass(frozen=True)
class Tab:
    mark: str
    label: str
    href: str
    is_current: bool
    icon: str
    kind: str = "list"
    # The view's number, where it is kept by someone and not the object's own.
    id: int | None = None


@dataclass(frozen=True)
class Kind:
    """One way of looking at an object's records: the same conditions, drawn otherwise."""

    key: str
    label: str | Promise
    icon: str
    href: str
    is_current: bool


def screen_of(ctx: Context, spec: ObjectSpec, kind: str) -> str:
    """The address of an object's list, board, calendar or timeline."""
    return f"{address(ctx, spec)}/" if kind == "list" else address(ctx, spec, kind)


def tabs(state: ListState, order: Sequence[str]) -> list[Tab]:
    """«همه», the object's own views and the saved ones that the actor may use, in the order of their marks."""
    ctx, spec, current = state.ctx, state.spec, state.view
    views = [*(standard_view(spec, key) for key in spec.standard_views), *views_of(ctx.actor, spec.key)]
    places = {mark: place for place, mark in enumerate(order)}
    views.sort(key=lambda view: places.get(view.mark, len(places)))
    shown = [view for view in views if view.kind != "board" or spec.board][:MOST_TABS]
    if current is not None and all(view.mark != current.mark for view in shown):
        shown.append(current)
    is_whole = current is None and not state.in_bin
    everything = Tab(NO_VIEW, gettext("All"), f"{address(ctx, spec)}/?view={NO_VIEW}", is_whole, "")
    return [everything, *(_tab(state, view) for view in shown)]


def _tab(state: ListState, view: SavedView) -> Tab:
    icon = KIND_ICONS.get(view.kind, "")
    if not icon and not view.standard:
        icon = "pin" if view.is_pinned else _AUDIENCE_ICONS.get(view.audience, "")
    href = f"{screen_of(state.ctx, state.spec, view.kind)}?view={view.mark}"
    is_current = state.view is not None and view.mark == state.view.mark
    return Tab(view.mark, view.name, href, is_current, icon, view.kind, view.id)


def kinds(state: ListState, current: str) -> Sequence[Kind]:
    """The screens that this list has, with the same conditions; none where there is only one."""
    ctx, spec = state.ctx, state.spec
    keys = ["list"]
    if spec.board:
        keys.append("board")
    own = {field.key for field in spec.own_fields}
    dates = [field for field in date_fields(spec, ctx.actor.grants.hides(spec.key)) if field.key in own]
    if dates:
        keys += ["calendar", "timeline"]
    if len(keys) == 1:
        return ()
    return [
        Kind(
            key,
            KIND_LABELS[key],
            KIND_ICONS.get(key, "list"),
            f"{screen_of(ctx, spec, key)}?{state.query_string or (f'view={NO_VIEW}' if key == 'list' else '')}",
            key == current,
        )
        for key in keys
    ]


@sidebar_source
def pinned_views(ctx: Context) -> Iterable[Group]:
    """Pinned views beneath the menu."""
    entries = []
    for id, object, name, kind in pinned_for(ctx.actor):
        spec = find_object(object)
        if spec is not None and decide(ctx.actor, spec.permission("view")):
            entries.append(Entry(name, f"{screen_of(ctx, spec, kind)}?view={id}", dot=id % 5 + 1))
    return [Group(_("Saved views"), tuple(entries))]
