"""The timeline as HTML: days, entries, what they say, and the next page fetched when its place comes into sight."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from peyvand.kernel import clock
from peyvand.kernel.errors import Message, msg
from peyvand.kernel.persian.calendar import format_date, format_time, relative_day, weekday_name
from peyvand.kernel.persian.text import ezafe
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.platform.events.facts import Event, RecordCreated, RecordDeleted, RecordRestored
from peyvand.platform.fields.types import Choice, Instant, LongText, Number, Ref
from peyvand.platform.identity.actor import by_itself
from peyvand.platform.identity.grants import Scope
from peyvand.platform.objects.queries import Row
from peyvand.platform.objects.references import shown_title
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.web.components.tags import say
from peyvand.web.objects.pages.access import open_record
from peyvand.web.objects.pages.answers import page_url
from peyvand.web.objects.pages.shown import badge, plain_prose, prose, record_url, shown
from peyvand.web.objects.pages.timeline import (
    PAGE,
    Change,
    Entry,
    Kind,
    about_field,
    fetch_timeline,
    kinds_among,
    kinds_of,
    kinds_there,
)
from peyvand.web.objects.resolve import spec_for
from peyvand.web.shell.middleware import context_of

# The look of an entry, by the kind of record or the icon of its fact.
_LOOKS = {"note": "note", "call": "callv", "task": "task", "meeting": "chat", "deal": "deal-ev"}
_TONES = {"trophy": "good", "check": "good", "trash": "bad", "xc": "bad"}
_CAME_OR_WENT: Final[Mapping[type[Event], Message]] = {
    RecordCreated: msg("created the %(object)s %(title)s"),
    RecordDeleted: msg("moved the %(object)s %(title)s to the bin"),
    RecordRestored: msg("restored the %(object)s %(title)s"),
}


@dataclass(frozen=True)
class Line:
    """An entry ready to be drawn; ``day`` is written above it where a new day begins."""

    id: int
    day: str
    look: str
    icon: str
    head: SafeString
    body: SafeString | str
    changes: list[tuple[str, SafeString | str, SafeString | str]]
    at: datetime
    hour: str


def object_timeline(request: HttpRequest, workspace: str, plural: str, id: int) -> HttpResponse:
    """The timeline alone (``?kind=``), or its next entries (``?after=``)."""
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    opened = open_record(ctx, spec, id, ())
    after = request.GET.get("after", "")
    context = timeline_context(ctx, spec, id, request.GET.get("kind", ""), after, request.GET.get("day", ""))
    template = "objects/pages/_entries.html" if after else "objects/pages/_timeline.html"
    return render(
        request, template, context | {"opened": opened, "spec": spec, "url": page_url(ctx, spec, id)}
    )


def timeline_context(
    ctx: Context,
    spec: ObjectSpec,
    id: int,
    kind: str = "",
    after: str = "",
    day: str = "",
    *,
    limit: int = PAGE,
) -> dict[str, Any]:
    """What the timeline's template needs. ``day``: the ISO day whose heading is on the page already."""
    kinds = kinds_of(ctx, spec)
    kind = kind if kind in {k.key for k in kinds} else ""
    page = fetch_timeline(ctx, spec, id, kind, after, limit)
    if not after:
        there = kinds_there(ctx, spec, id, limit) if kind else None if page.next else kinds_among(spec, page)
        kinds = kinds if there is None else _to_choose(kinds, there, kind)
    lines, last = [], day
    for entry in page.entries:
        on = entry.at.astimezone(ctx.reader.tz).date()
        heading = "" if on.isoformat() == last else day_heading(on, ctx)
        last = on.isoformat()
        lines.append(_line(ctx, spec, id, entry, heading))
    return {
        "lines": lines,
        "kinds": kinds,
        "kind": kind,
        "next": page.next,
        "last_day": last,
        "is_first": not after,
    }


def _to_choose(kinds: list[Kind], there: Set[str], chosen: str) -> list[Kind]:
    """The kinds that are there, and the chosen one; nothing to choose where there is but one."""
    found = [kind for kind in kinds if kind.key in there or kind.key == chosen]
    return found if len(found) > 1 or chosen else []


def day_heading(on: date, ctx: Context) -> str:
    """«امروز، شنبه ۳۰ آبان»; other days by weekday and date."""
    language, today = ctx.reader.language, clock.today(ctx.reader.tz)
    weekday, near = weekday_name(on, language), relative_day(on, today, language)
    if abs((on - today).days) <= 1:
        comma = ctx.reader.comma
        return f"{near[:1].upper()}{near[1:]}{comma}{weekday} {format_date(on, language, 'day', today)}"
    return f"{weekday} {near}"


def _line(ctx: Context, spec: ObjectSpec, id: int, entry: Entry, heading: str) -> Line:
    reader = ctx.reader
    is_activity = about_field(entry.spec) is not None
    tells = is_activity and entry.content is not None and not entry.changes
    head = _activity_head(ctx, entry) if tells else _sentence(ctx, spec, id, entry)
    body = _activity_body(entry) if tells else mark_safe("")
    changes = [_change(ctx, c) for c in entry.changes]
    icon = entry.spec.icon if tells and isinstance(entry.fact, RecordCreated) else entry.fact.icon
    look = _TONES.get(entry.fact.icon) or _LOOKS.get(entry.spec.key, "")
    return Line(
        entry.id,
        heading,
        look,
        icon,
        head,
        body,
        changes,
        entry.at,
        format_time(entry.at, reader.tz, reader.language),
    )


def _sentence(ctx: Context, spec: ObjectSpec, id: int, entry: Entry) -> SafeString:
    """Who did what. What the fact names is the link to the record, unless it is the record of this page."""
    fact = entry.fact
    title = entry.spec.all_fields.get(entry.spec.title)
    if isinstance(title, Choice) and (option := title.option(fact.title)):
        # What only ties two records together is called by its role.
        sentence = replace(fact, title=f"{entry.spec.label} ({option.label})").describe()
    else:
        sentence = _telling(entry.spec, replace(fact, title=shown_title(entry.spec, fact.title)), ctx)
    text = say(sentence)
    who = fact.told_by() or entry.actor or by_itself()
    origin = _origin(ctx, entry)
    here = (entry.fact.object, entry.fact.object_id) == (spec.key, id)
    url = "" if here else record_url(entry.fact.object, entry.fact.object_id, ctx.reader)
    if url:
        return format_html('<b><bdi>{}</bdi></b> <a href="{}">{}</a>{}', who, url, text, origin)
    return format_html("<b><bdi>{}</bdi></b> {}{}", who, text, origin)


def _origin(ctx: Context, entry: Entry) -> SafeString:
    """By which import a record came, with the way to it for whoever may import."""
    if entry.origin is None:
        return mark_safe("")
    is_seen = entry.origin.by == ctx.actor.user_id or ctx.actor.grants.scope("workspace.imports") is Scope.ALL
    may_open = is_seen and bool(decide(ctx.actor, "import.run"))
    # A file's name is not meant for whoever sees the record.
    files = ctx.reader.comma.join(entry.origin.files) if may_open else ""
    words = say(msg("by the import of “%(files)s”", files=files)) if files else say(msg("by an import"))
    if entry.origin.run and may_open:
        url = f"/w/{ctx.tenant.slug}/import/{entry.origin.run}"
        return format_html(' <a class="faint" href="{}">{}</a>', url, words)
    return format_html(' <span class="faint">{}</span>', words)


def _telling(spec: ObjectSpec, fact: Event, ctx: Context) -> Message:
    """What a fact says; of what only came or went, also of which kind it is: a deal and its quote often have one name."""
    words = _CAME_OR_WENT.get(type(fact))
    if words is None:
        return fact.describe()
    label = str(spec.label)
    if ctx.reader.is_persian:
        kind = ezafe(label)
    else:
        kind = label if label[:2].isupper() else label[:1].lower() + label[1:]
    return Message(words.template, {"object": kind, "title": fact.title})


def _activity_head(ctx: Context, entry: Entry) -> SafeString:
    """The kind of activity, its title, its state in badges, and who entered it."""
    assert entry.content is not None
    row, spec, reader = entry.content, entry.spec, ctx.reader
    url = record_url(spec.key, row.id, reader)
    long = next((f for f in spec.own_fields if isinstance(f, LongText) and row.values.get(f.key)), None)
    # A note's title only repeats how its text begins.
    titled = row.title and not (spec.found_by_text and long)
    title = format_html(': <a href="{}"><bdi>{}</bdi></a>', url, row.title) if titled else mark_safe("")
    marks = [
        badge(option.label, option.tone)
        for f in spec.own_fields
        if isinstance(f, Choice)
        and (option := f.option(row.values.get(f.key)))
        and option.tone
        and option.tone != "info"
    ]
    facts = [
        f.show(value, reader, "day") if isinstance(f, Instant) else f.show(value, reader)
        for f in spec.own_fields
        if isinstance(f, Instant | Number)
        and not f.readonly
        and (value := row.values.get(f.key))
        and not _is_entry_time(entry, value)
    ]
    names = _parties(entry, row)
    besides = format_html_join(reader.comma, "<bdi>{}</bdi>", ((one,) for one in [*names, *facts]))
    return format_html(
        '<b><a href="{}">{}</a></b>{} <span class="faint">{}</span> {}',
        url, spec.label, title, besides, mark_safe(" ".join(marks)),  # noqa: S308 its parts are escaped above
    )  # fmt: skip


def _parties(entry: Entry, row: Row) -> list[str]:
    """Who entered it and for whom; of a message whom it is from or to, as far as the reader sees them."""
    way, whom, owner = (
        entry.spec.all_fields.get("direction"),
        row.values.get("person"),
        row.values.get("owner"),
    )
    author = entry.fact.told_by()
    names = [author or entry.actor or by_itself()]
    if way is not None and way.readonly and isinstance(whom, Ref) and whom.title:
        if row.values.get("direction") == "in":
            # Whoever let it in did not write it.
            names = [author or say(msg("from %(name)s", name=whom.title))]
        else:
            return [*names, say(msg("to %(name)s", name=whom.title))]
    if isinstance(owner, Ref) and owner.title and owner.title != entry.actor:
        names.append(say(msg("for %(name)s", name=owner.title)))
    return names


def _is_entry_time(entry: Entry, value: Any) -> bool:
    return isinstance(value, datetime) and abs((value - entry.at).total_seconds()) < 60


def _activity_body(entry: Entry) -> SafeString:
    assert entry.content is not None
    texts = [
        entry.content.values[f.key]
        for f in entry.spec.own_fields
        if isinstance(f, LongText) and entry.content.values.get(f.key)
    ]
    return (
        format_html('<div class="x" dir="auto">{}</div>', mark_safe("\n".join(prose(t) for t in texts)))  # noqa: S308 its parts are escaped above
        if texts
        else mark_safe("")
    )


def _change(ctx: Context, change: Change) -> tuple[str, SafeString | str, SafeString | str]:
    """A changed field: its label, what stood there, what stands there now; long texts are cut."""
    old, new = (_brief(ctx, change, value) for value in (change.old, change.new))
    return str(change.field.label), old, new


def _brief(ctx: Context, change: Change, value: Any) -> SafeString | str:
    if isinstance(change.field, LongText) and value:
        text = plain_prose(str(value))
        return text if len(text) <= 120 else f"{text[:119]}…"
    return shown(change.field, value, ctx.reader)
