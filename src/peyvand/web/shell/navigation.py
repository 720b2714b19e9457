"""The sidebar, the quick-create menu and the screens: read from the objects and from what slices register here.

A slice adds a screen by ``register_screen`` and links beneath the menu by ``@sidebar_source``, in its ``web`` module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import Actor
from peyvand.platform.notifications.reading import count_new
from peyvand.platform.objects.areas import Area
from peyvand.platform.objects.spec import ObjectSpec, all_objects
from peyvand.platform.schema.reading import schema_version
from peyvand.web.components.avatars import avatar
from peyvand.web.components.icons import icon


@dataclass(frozen=True)
class Entry:
    """A link of the shell. ``key`` are the keys that press it ("g p"), ``dot`` a coloured dot 1 to 5 instead of an icon,
    ``note`` a figure at its end, ``avatar`` a name and kind drawn instead of an icon."""

    label: str | Promise
    href: str
    icon: str = ""
    key: str = ""
    dot: int = 0
    note: str = ""
    avatar: tuple[str, str] | None = None
    current: bool = False
    area: Area | None = None

    @property
    def link(self) -> str:
        """As it stands in the sidebar. Written in Python, as item: half a hundred of both are on every page, and a template
        for each takes as long as the list that the page is opened for."""
        key = f' data-key="{escape(self.key)}"' if self.key else ""
        note = f'<span class="n">{escape(self.note)}</span>' if self.note else ""
        return f'<a href="{escape(self.href)}"{self._is_here}{key}>{self._named}{note}</a>'

    @property
    def item(self) -> str:
        """As it stands in the phone's menu."""
        return f'<a class="mi" role="menuitem" href="{escape(self.href)}"{self._is_here}>{self._named}</a>'

    @property
    def _is_here(self) -> str:
        return ' aria-current="page"' if self.current else ""

    @property
    def _named(self) -> str:
        if self.avatar:
            picture: str = avatar(*self.avatar)
        else:
            picture = icon(self.icon) if self.icon else f'<i class="dot d{self.dot}"></i>'
        return f'{picture}<span class="trunc">{escape(str(self.label))}</span>'


def links(entries: Iterable[Entry]) -> SafeString:
    """Entries as they stand in the sidebar."""
    return SafeString("".join([entry.link for entry in entries]))


@dataclass(frozen=True)
class Group:
    """Links under a small heading: an area of work, favourites, saved views. One that has a ``key`` can be folded."""

    label: str | Promise
    entries: tuple[Entry, ...]
    key: str = ""
    folded: bool = False

    @property
    def links(self) -> SafeString:
        return links(self.entries)

    @property
    def items(self) -> SafeString:
        """The entries as they stand in the phone's menu."""
        return SafeString("".join([entry.item for entry in self.entries]))


@dataclass(frozen=True)
class Screen:
    """A page that is no object's list. ``path`` is its address within the workspace ("settings/"); ``menu`` its place
    among the objects in the sidebar, ``at_end`` puts it at the sidebar's foot, neither leaves it to the palette."""

    key: str
    label: str | Promise
    icon: str
    path: str
    operation: str = ""
    menu: int | None = None
    area: Area | None = None
    at_end: bool = False
    # Offered wherever a list is still empty.
    fills_lists: bool = False
    shortcut: str = ""
    # Among the tabs of the screen that it lies beneath.
    place: int = 0
    # Its links tell it which page they stood on (?at=deals/board).
    asks_where: bool = False
    # Where no single operation says it: whether the actor has anything to do there.
    opens: Callable[[Context], bool] | None = None

    def open_to(self, ctx: Context) -> bool:
        if self.opens is not None:
            return self.opens(ctx)
        return not self.operation or bool(decide(ctx.actor, self.operation))


# The cookie that holds the keys of the areas that somebody folded, parted by dots.
FOLDED: Final = "folded"

SidebarSource = Callable[[Context], Iterable[Group]]
_screens: dict[str, Screen] = {}
_sources: list[SidebarSource] = []


def register_screen(screen: Screen) -> Screen:
    """Make a screen known to the sidebar and the palette."""
    if screen.key in _screens:
        raise ValueError(f"screen {screen.key} is declared twice")
    _screens[screen.key] = screen
    return screen


def sidebar_source(source: SidebarSource) -> SidebarSource:
    """Have ``source(ctx)`` asked for groups of links beneath the menu, on every full page: keep it to one quick query."""
    _sources.append(source)
    return source


TODAY = register_screen(Screen("today", _("Today"), "sun", "", menu=0, shortcut="h"))


def here(ctx: Context, path: str = "") -> str:
    """The address of a path within the context's workspace."""
    return f"/w/{ctx.tenant.slug}/{path}"


def menu_objects(ctx: Context) -> list[ObjectSpec]:
    """Objects of the sidebar that the actor may see, in their order; on those of a module that is off nobody may."""
    shown = [s for s in all_objects() if s.menu is not None and decide(ctx.actor, s.permission("view"))]
    return sorted(shown, key=lambda s: (s.menu or 0, s.key))


def creatable_objects(ctx: Context) -> list[ObjectSpec]:
    """Objects that the actor may create from anywhere."""
    shown = [s for s in all_objects() if s.creatable and s.menu is not None]
    return sorted(
        (s for s in shown if decide(ctx.actor, s.permission("create"))), key=lambda s: (s.menu or 0, s.key)
    )


def open_screens(ctx: Context) -> list[Screen]:
    """Screens that the actor may open."""
    return list(_open_to(ctx.actor, schema_version()))


@lru_cache(maxsize=1024)
def _open_to(actor: Actor, schema: int) -> tuple[Screen, ...]:
    """Asked for every page, and the same until the actor's access or the workspace's definitions change."""
    ctx = Context(actor, "web")
    return tuple(screen for screen in _screens.values() if screen.open_to(ctx))


def screens_beneath(ctx: Context, path: str) -> list[Screen]:
    """Screens beneath an address ("reports/") that the actor may open, in their order."""
    return sorted((s for s in _beneath(path, _screens.values()) if s.open_to(ctx)), key=_order)


def any_beneath(ctx: Context, path: str) -> bool:
    """Whether the actor may open any screen beneath an address."""
    return any(s.open_to(ctx) for s in _beneath(path, _screens.values()))


def _order(screen: Screen) -> tuple[int, str]:
    return screen.place, str(screen.label)


def _beneath(path: str, screens: Iterable[Screen]) -> Iterable[Screen]:
    return (s for s in screens if s.path.startswith(path) and s.path != path)


@dataclass
class Navigation:
    """Everything the shell links to from one page; each part is made when a template asks for it."""

    ctx: Context
    request: HttpRequest
    phone_places: int = field(default=3)

    @cached_property
    def open(self) -> list[Screen]:
        """What may be opened, found out once for all parts."""
        return open_screens(self.ctx)

    @cached_property
    def main(self) -> list[Entry]:
        placed = [(screen.menu, self._screen(screen)) for screen in self.open if screen.menu is not None]
        placed += [(spec.menu or 0, self._list(spec)) for spec in menu_objects(self.ctx)]
        return [entry for _, entry in sorted(placed, key=lambda pair: pair[0])]

    @cached_property
    def menu(self) -> list[Group]:
        """The sidebar: what belongs to no area first, then area by area, in the order of their first places."""
        return self._by_area(self.main)

    @cached_property
    def beside(self) -> list[Entry]:
        """The page's own screen, those beneath it or those beneath the one it lies in: its tabs ("insights", "insights/forecast")."""
        first = self.request.path.removeprefix(here(self.ctx)).partition("/")[0]
        own = [s for s in self.open if s.path == first]
        beneath = sorted(_beneath(f"{first}/", self.open), key=_order)
        return [
            replace(entry, current=self.request.path.rstrip("/") == entry.href.rstrip("/"))
            for entry in map(self._screen, [*own, *beneath])
        ]

    @cached_property
    def news(self) -> int:
        """How many notifications are new."""
        return count_new(self.ctx.actor)

    @cached_property
    def end(self) -> list[Entry]:
        return [self._screen(screen) for screen in self.open if screen.at_end]

    @property
    def end_links(self) -> SafeString:
        return links(self.end)

    @property
    def end_items(self) -> SafeString:
        return Group("", tuple(self.end)).items

    @cached_property
    def groups(self) -> list[Group]:
        found = [group for source in _sources for group in source(self.ctx) if group.entries]
        return [
            replace(group, entries=tuple(self._marked(entry) for entry in group.entries)) for group in found
        ]

    @cached_property
    def phone(self) -> list[Entry]:
        """The first places of the phone's tab bar: the first of the menu, then what is worked through on a board. Its last two
        open the search and the menu of everything else."""
        worked = {here(self.ctx, f"{s.plural}/") for s in menu_objects(self.ctx) if s.board and s.board.first}
        rest = sorted(self.main[1:], key=lambda entry: entry.href not in worked)
        return [*self.main[:1], *rest][: self.phone_places]

    @cached_property
    def phone_rest(self) -> list[Group]:
        """The places that the phone's tab bar has no room for: its menu holds them."""
        shown = {entry.href for entry in self.phone}
        return self._by_area(entry for entry in self.main if entry.href not in shown)

    @cached_property
    def create(self) -> list[Entry]:
        return [
            Entry(spec.label, here(self.ctx, f"{spec.plural}/new"), spec.icon)
            for spec in creatable_objects(self.ctx)
        ]

    def _by_area(self, entries: Iterable[Entry]) -> list[Group]:
        found: dict[Area | None, list[Entry]] = {None: []}
        for entry in entries:
            found.setdefault(entry.area, []).append(entry)
        folded = self.request.COOKIES.get(FOLDED, "").split(".")
        return [
            Group(
                area.label if area else "",
                tuple(of),
                area.key if area else "",
                bool(area and area.key in folded),
            )
            for area, of in found.items()
        ]

    def _screen(self, screen: Screen) -> Entry:
        key = f"g {screen.shortcut}" if screen.shortcut else ""
        href = here(self.ctx, screen.path)
        entry = self._marked(Entry(screen.label, href, screen.icon, key, area=screen.area))
        if screen.asks_where and not entry.current:
            where = self.request.path.removeprefix(here(self.ctx))
            return replace(entry, href=f"{href}?{urlencode({'at': where})}")
        return entry

    def _list(self, spec: ObjectSpec) -> Entry:
        key = f"g {spec.shortcut}" if spec.shortcut else ""
        href = here(self.ctx, f"{spec.plural}/")
        return self._marked(Entry(spec.label_plural, href, spec.icon, key, area=spec.area))

    def _marked(self, entry: Entry) -> Entry:
        """The entry as the current one if this page lies at or beneath it, with all that its query names."""
        where = urlsplit(entry.href)
        path = self.request.path
        if where.query:
            wanted = parse_qsl(where.query)
            return replace(
                entry, current=path == where.path and all(self.request.GET.get(k) == v for k, v in wanted)
            )
        beneath = path == where.path or (where.path != here(self.ctx) and path.startswith(where.path))
        return replace(entry, current=beneath)
