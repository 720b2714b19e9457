"""The palette: any record by part of its name, any screen, any creation, and the verbs of the open record."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext
from django.views.decorators.http import require_GET

from peyvand.kernel.errors import NotFound
from peyvand.kernel.persian.text import compact, fold
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.action import actions_of
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import whole_id
from peyvand.platform.identity.actor import Actor
from peyvand.platform.objects.excerpts import beside
from peyvand.platform.objects.queries import load_record
from peyvand.platform.objects.spec import ObjectSpec, find_object
from peyvand.platform.schema.reading import schema_version
from peyvand.platform.search.everywhere import in_texts
from peyvand.platform.search.find import Hit, find
from peyvand.platform.search.recent import recent
from peyvand.web.components.highlight import highlight
from peyvand.web.components.icons import icon
from peyvand.web.components.tags import digits, inside, number
from peyvand.web.guide.reading import chapters
from peyvand.web.shell.found import lines, picture, searched
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import creatable_objects, here, menu_objects, open_screens

LIMIT = 12
# So many sections of the guide.
SECTIONS = 3
# So many records found by their texts, and searches of lately; texts are looked through from so many letters on.
TEXTS = 4
SHORTEST = 3
LONGEST = 100
_ARABIC = frozenset("يكۀةىإأ")
# The same few hundred labels for every key pressed.
_compact = lru_cache(maxsize=4096)(compact)


@dataclass(frozen=True)
class Option:
    """One line of the palette: a link, or with ``dialog`` something that opens in the dialog."""

    picture: SafeString
    label: SafeString | str
    href: str
    sub: str = ""
    hint: str = ""
    dialog: bool = False

    @property
    def line(self) -> str:
        """As HTML, written in Python: it is drawn for every key pressed."""
        href = escape(self.href)
        opens = f' hx-get="{href}" hx-target="#dialog"' if self.dialog else ""
        sub = f'<span class="xs faint trunc">{escape(self.sub)}</span>' if self.sub else ""
        hint = f'<span class="go"><kbd>{escape(self.hint)}</kbd></span>' if self.hint else ""
        said = f'<span class="row grow"><span>{conditional_escape(self.label)}</span>{sub}</span>'
        return f'<a class="opt" role="option" href="{href}"{opens}>{self.picture}{said}{hint}</a>'


@dataclass(frozen=True)
class OptionGroup:
    label: str
    options: list[Option]

    @property
    def lines(self) -> SafeString:
        return SafeString("".join([option.line for option in self.options]))


@require_GET
def palette(request: HttpRequest, workspace: str) -> HttpResponse:
    """The options for ``?q=``; ``?on=deal:42`` names the record that is open."""
    ctx = context_of(request)
    query = request.GET.get("q", "")[:LONGEST].strip()
    hits = beside(ctx.actor, find(ctx.actor, query, searched(), LIMIT)) if query else []
    groups = [
        *_records(ctx, hits, query),
        OptionGroup(gettext("In texts"), _texts(ctx, query) if len(hits) < LIMIT else []),
        OptionGroup(gettext("On this page"), _verbs(ctx, request.GET.get("on", ""), query)),
        OptionGroup(gettext("Go to"), _screens(ctx, query)),
        OptionGroup(gettext("Create"), _creations(ctx, query) if query else []),
        OptionGroup(gettext("Guide"), _guide(ctx, query)),
        OptionGroup(gettext("Search"), _searches(ctx, query)),
    ]
    shown = [group for group in groups if group.options]
    count = sum(len(group.options) for group in shown)
    told = ngettext("%(n)s result", "%(n)s results", count) % {"n": number(count)} if query else ""
    return render(request, "shell/palette.html", {"groups": shown, "note": _note(query, hits), "count": told})


def _records(ctx: Context, hits: list[Hit], query: str) -> list[OptionGroup]:
    """Hits under their kinds, the kind of the best hit first."""
    kinds: dict[str, list[Option]] = {}
    for hit in hits:
        spec = find_object(hit.object)
        if spec is None:
            continue
        kinds.setdefault(hit.object, []).append(
            Option(
                picture(spec, hit.id, hit.title),
                highlight(hit.title, query),
                here(ctx, f"{spec.plural}/{hit.id}/"),
                digits(hit.subtitle),
            )
        )
    return [OptionGroup(str(_spec(key).label_plural), options) for key, options in kinds.items()]


def _texts(ctx: Context, query: str) -> list[Option]:
    """Records that say it in a text or a file of theirs."""
    if len(query) < SHORTEST:
        return []
    found = lines(ctx, in_texts(ctx.actor, query, searched(), TEXTS), query)
    return [
        Option(
            line.picture, line.place or line.title, line.href, " · ".join(filter(None, (line.kind, line.sub)))
        )
        for line in found
    ]


def _searches(ctx: Context, query: str) -> list[Option]:
    """The way to all results; before anything is typed, what was searched for lately."""
    if query:
        label = gettext("All results for “%(query)s”") % {"query": query}
        return [Option(icon("search"), label, here(ctx, f"search?{urlencode({'q': query})}"))]
    return [
        Option(icon("search"), said, here(ctx, f"search?{urlencode({'q': said})}"))
        for said in recent(ctx.actor)[:TEXTS]
    ]


def _spec(key: str) -> ObjectSpec:
    spec = find_object(key)
    assert spec is not None
    return spec


def _verbs(ctx: Context, on: str, query: str) -> list[Option]:
    """What the actor may do to the open record now."""
    key, _, number_ = on.partition(":")
    spec = find_object(key)
    if spec is None:
        return []
    try:
        record = load_record(spec, ctx.actor, whole_id(number_))
    except NotFound:
        return []
    base = here(ctx, f"{spec.plural}/{record.pk}")
    options = [
        Option(icon(a.icon), highlight(str(a.label), query), f"{base}/do/{a.verb}", dialog=True)
        for a in actions_of(key)
        if a.button
        and a.on == "one"
        and a.offered(record)
        and decide(ctx.actor, a.key, record)
        and _matches(str(a.label), query)
        and a.useful(ctx, record)
    ]
    edit = gettext("Edit")
    if decide(ctx.actor, spec.permission("update"), record) and _matches(edit, query):
        options.append(Option(icon("pencil"), highlight(edit, query), f"{base}/edit", dialog=True))
    return options


def _screens(ctx: Context, query: str) -> list[Option]:
    return [
        Option(
            icon(shape),
            highlight(label, query),
            here(ctx, path),
            hint=f"G {shortcut.upper()}" if shortcut else "",
        )
        for label, shape, path, shortcut in _places(ctx.actor, schema_version(), get_language())
        if _matches(label, query)
    ]


@lru_cache(maxsize=1024)
def _places(actor: Actor, schema: int, language: str | None) -> list[tuple[str, str, str, str]]:
    """Label, icon, path and shortcut of each screen and list: the same until the actor's access or the workspace's
    definitions change."""
    ctx = Context(actor, "web")
    places = [(str(s.label), s.icon, s.path, s.shortcut) for s in open_screens(ctx)]
    places += [(str(s.label_plural), s.icon, f"{s.plural}/", s.shortcut) for s in menu_objects(ctx)]
    return [*places, (gettext("My account"), "user", "account/", "")]


def _creations(ctx: Context, query: str) -> list[Option]:
    return [
        Option(icon("plus"), highlight(label, query), here(ctx, path), dialog=True)
        for label, path in _new(ctx.actor, schema_version(), get_language())
        if _matches(label, query)
    ]


@lru_cache(maxsize=1024)
def _new(actor: Actor, schema: int, language: str | None) -> list[tuple[str, str]]:
    """What the actor may create, and the path of its form."""
    return [
        (gettext("New %(object)s") % {"object": inside(spec.label)}, f"{spec.plural}/new")
        for spec in creatable_objects(Context(actor, "web"))
    ]


def _guide(ctx: Context, query: str) -> list[Option]:
    """Sections of the user guide whose heading has these words."""
    if len(query) < SHORTEST:
        return []
    found = (
        Option(
            icon("help"),
            highlight(section.title, query),
            here(ctx, f"guide/{chapter.key}#{section.anchor}"),
            chapter.title,
        )
        for chapter in chapters(get_language() or "en")
        for section in chapter.sections
        if _matches(section.title, query)
    )
    return list(islice(found, SECTIONS))


def _matches(label: str, query: str) -> bool:
    return _compact(query) in _compact(label)


def _note(query: str, hits: list[Hit]) -> str:
    """What the search forgave, to be said beside the query."""
    if hits and all(hit.is_guess for hit in hits):
        return gettext("Nothing as typed; these are close")
    if hits and _ARABIC & set(query) and fold(query):
        return gettext("ي = ی, ك = ک")
    return ""
