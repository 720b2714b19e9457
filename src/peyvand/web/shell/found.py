"""What searching found, drawn alike in the palette and on the page of all results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from peyvand.platform.actions.context import Context
from peyvand.platform.objects.excerpts import excerpts, words_of
from peyvand.platform.objects.spec import ObjectSpec, all_objects, find_object
from peyvand.platform.search.everywhere import Found
from peyvand.platform.search.index import FILE
from peyvand.web.components.avatars import avatar
from peyvand.web.components.highlight import highlight
from peyvand.web.components.icons import icon
from peyvand.web.components.tags import day, digits
from peyvand.web.shell.navigation import here

# Drawn as initials; everything else is known better by its kind's icon.
_FACES = frozenset({"person", "company", "user"})


@dataclass(frozen=True)
class Line:
    """One record found. ``place`` is where a text or file of it says what was asked, empty where its title does."""

    picture: SafeString
    title: SafeString
    href: str
    kind: str
    # What it belongs to or is about, to tell it from others of its name.
    sub: str
    place: SafeString | str
    # What the place is of: a field's name, or a file.
    source: str
    made_at: datetime | None

    @property
    def drawn(self) -> SafeString:
        """As it stands on the page of all results."""
        sub = f'<span class="xs faint trunc" dir="auto">{escape(self.sub)}</span>' if self.sub else ""
        moment, place = "", ""
        if self.made_at:
            moment = f'<time class="xs faint" datetime="{self.made_at.isoformat()}">{escape(day(self.made_at))}</time>'
        if self.place:
            said = f'<span class="faint">{escape(self.source)}:</span> {conditional_escape(self.place)}'
            place = f'<span class="found-place" dir="auto">{said}</span>'
        named = f'<b dir="auto">{self.title}</b><span class="bdg">{escape(self.kind)}</span>'
        head = f'<span class="found-head">{named}{sub}{moment}</span>'
        inside = f'{self.picture}<span class="found-text">{head}{place}</span>'
        return SafeString(f'<a class="found-line" href="{escape(self.href)}">{inside}</a>')


def searched() -> list[str]:
    """Keys of the objects that are found everywhere."""
    return [spec.key for spec in all_objects() if spec.in_search]


def picture(spec: ObjectSpec, id: int, title: str) -> SafeString:
    """Initials, or the icon of its kind."""
    return avatar(title, spec.key, id) if spec.key in _FACES else icon(spec.icon)


def lines(ctx: Context, found: Sequence[Found], query: str) -> list[Line]:
    """Those that the actor may see, with the words of the query marked."""
    if not found:
        return []
    told, words = excerpts(ctx.actor, found, query), " ".join(words_of(query))
    drawn = []
    for one in found:
        spec, said = find_object(one.object), told.get((one.object, one.id))
        if spec is None or said is None:
            continue
        drawn.append(
            Line(
                picture(spec, one.id, said.title),
                highlight(said.title or gettext("Untitled"), words),
                here(ctx, f"{spec.plural}/{one.id}/"),
                str(spec.label),
                digits(said.beside),
                highlight(said.place, words) if said.place else "",
                _source(spec, one) if said.place else "",
                None if "created_at" in ctx.actor.grants.hides(spec.key) else one.made_at,
            )
        )
    return drawn


def _source(spec: ObjectSpec, one: Found) -> str:
    if one.source == FILE:
        return gettext("File")
    return str(spec.field(one.source).label) if one.source in spec.all_fields else ""
