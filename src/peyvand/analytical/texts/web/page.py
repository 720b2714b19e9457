"""What customers say: moods by month, topics, the words that mark unhappy texts, and who should be called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from peyvand.analytical.analyses.public import standing_of
from peyvand.analytical.analyses.rights import closed
from peyvand.analytical.analyses.web.listed import CUSTOMERS
from peyvand.analytical.texts.hearing import HAPPY, MOODS, NEUTRAL, UNHAPPY
from peyvand.analytical.texts.models import TextLabel, Topic
from peyvand.analytical.texts.objects import MOOD, TOPIC, TOPICS
from peyvand.analytical.texts.objects import MOODS as OPTIONS
from peyvand.analytical.texts.sources import Source, sources_of
from peyvand.kernel import numbers
from peyvand.kernel.errors import Message, NotAllowed
from peyvand.kernel.persian.calendar import calendar_of, period, shift
from peyvand.operational.targets.public import name_of
from peyvand.platform.access.decisions import decide, demand, visible
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Ref
from peyvand.platform.insights.models import InsightRow
from peyvand.platform.objects.queries import ListQuery, fetch_in_order
from peyvand.platform.objects.sight import named
from peyvand.platform.objects.spec import object_named
from peyvand.web.components.charts import Axis, Chart, Mark, Series, Tone, columns
from peyvand.web.objects.lists.links import list_url
from peyvand.web.objects.pages.answers import page_url
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import Screen, here, register_screen

MONTHS: Final = 12
# So many texts and customers stand on the page; the lists have all.
SHOWN: Final = 10
# Labelled texts from which on topics are learned: methods/text says so, which no web process loads.
NEEDED: Final = 200
_BEGINNING: Final = 160
_TONES: Final[Mapping[str, Tone]] = {UNHAPPY: "bad", NEUTRAL: "quiet", HAPPY: "good"}


def why_closed(ctx: Context) -> Message | None:
    """Why the actor may not see the page: it counts all texts, and tells of moods. Customers are named as far as they are seen."""
    sources = sources_of(ctx.tenant)
    fields = [path for source in sources for path in source.fields]
    fields += [f"{key}.mood" for key in CUSTOMERS]
    return closed(ctx.actor, [source.object for source in sources], fields)


SCREEN = register_screen(
    Screen(
        "texts", _("What customers say"), "chat", "insights/texts", place=7,
        opens=lambda ctx: bool(decide(ctx.actor, TOPIC.permission("view"))) and why_closed(ctx) is None,
    )
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """An unhappy text: what it is, how it begins, whose it is and of which day."""

    what: Any
    icon: str
    beginning: str
    url: str
    day: date
    whose: str
    words: Sequence[str]


@dataclass(frozen=True)
class Fallen:
    """A customer who is unhappy and was not before."""

    object: str
    id: int
    name: str
    url: str
    before: Any
    day: date


@dataclass(frozen=True)
class Share:
    """A name with how many texts, and the length of its bar."""

    name: str
    count: int
    share: float
    before: int = 0
    url: str = ""


@require_GET
def texts(request: HttpRequest, workspace: str) -> HttpResponse:
    """The page; whoever sees only some of the texts does not see it, for it tells of all."""
    ctx = context_of(request)
    if (reason := why_closed(ctx)) is not None:
        raise NotAllowed(reason)
    demand(ctx.actor, TOPIC.permission("view"))
    standing, topics = standing_of(ctx, MOOD.key), standing_of(ctx, TOPICS.key)
    card = standing.card
    more = standing.more
    labelled = TextLabel.objects.filter(kind=TextLabel.TOPIC, topic__deleted_at__isnull=True).count()
    months = _months(ctx, more, card.as_of) if card else {}
    return render(request, "texts/page.html", {
        "standing": standing, "chart": _chart(ctx, months, card.as_of) if card and months else None,
        "totals": _totals(months) if months else [], "unhappy": _unhappy(ctx, more.get("unhappy", ())),
        "fallen": _fallen(ctx, more.get("fallen", ())), "words": _words(more.get("words", ())), "horizon": more.get("horizon"),
        "lists": [(object_named(key).label_plural, unhappy_list(ctx, key)) for key in CUSTOMERS],
        "is_learned": more.get("by") == "model", "topics": _topics(ctx, topics.more),
        "topics_refusal": topics.refusal, "labelled": labelled, "missing": max(0, NEEDED - labelled),
        "has_topics": Topic.objects.filter(deleted_at__isnull=True).exists(),
        "topic_list": here(ctx, f"{TOPIC.plural}/") if decide(ctx.actor, TOPIC.permission("create")) else "",
    })  # fmt: skip


def _months(ctx: Context, more: Mapping[str, Any], as_of: date) -> dict[date, Counter[str]]:
    """By its first day, the moods of the texts of each of the twelve months that end with the card's, in the reader's calendar: from
    the first in which anything was written."""
    calendar = calendar_of(ctx.reader.language)
    days = {date.fromisoformat(day): counts for day, counts in more.get("days", {}).items()}
    if not days:
        return {}
    earliest = shift(period("month", as_of, calendar)[0], 1 - MONTHS, "month", calendar)
    start = max(earliest, period("month", min(days), calendar)[0])
    months: dict[date, Counter[str]] = {}
    while start <= as_of:
        after = period("month", start, calendar)[1]
        months[start] = Counter()
        for day, counts in days.items():
            if start <= day < after:
                months[start].update(dict(zip(MOODS, counts, strict=True)))
        start = after
    return months


def _chart(ctx: Context, months: Mapping[date, Counter[str]], as_of: date) -> Chart | None:
    calendar = calendar_of(ctx.reader.language)
    names = [name_of("month", first, calendar, ctx.reader.language) for first in months]
    is_running = as_of + timedelta(days=1) < period("month", as_of, calendar)[1]
    if is_running:
        names[-1] = gettext("%(period)s so far") % {"period": names[-1]}
    series = [
        Series(
            str(option.label),
            tuple(Mark(c[option.key], _number(ctx, c[option.key])) for c in months.values()),
            _TONES[option.key],
        )
        for option in OPTIONS
    ]
    says = (Axis(lambda value: _number(ctx, int(value)), gettext("texts")),)
    return columns(gettext("Moods by month"), names, *series, says=says, is_time=True, is_running=is_running)


def _totals(months: Mapping[date, Counter[str]]) -> list[tuple[Any, str, int, float]]:
    counts = [sum(counted[mood] for counted in months.values()) for mood in MOODS]
    whole = sum(counts) or 1
    return [(o.label, o.tone, n, n / whole) for o, n in zip(OPTIONS, counts, strict=True)]


def _unhappy(ctx: Context, kept: Sequence[Sequence[Any]]) -> list[Line]:
    """The newest unhappy texts that are still there, still unhappy and seen by the actor."""
    by_object = {source.object: source for source in sources_of(ctx.tenant)}
    found: dict[tuple[str, int], Line] = {}
    for key, source in by_object.items():
        days = {id: date.fromisoformat(day) for of, id, day in kept if of == key}
        if days:
            found |= {(key, line_id): line for line_id, line in _lines(ctx, source, days)}
    return [found[of, id] for of, id, _day in kept if (of, id) in found][:SHOWN]


def _lines(ctx: Context, source: Source, days: Mapping[int, date]) -> list[tuple[int, Line]]:
    rows = InsightRow.objects.filter(
        analysis=MOOD.key, object=source.object, object_id__in=days, text1=UNHAPPY
    )
    still = {row.object_id: row.told for row in rows}
    records = list(visible(ctx.actor, source.object, source.rows().filter(id__in=still))) if still else []
    whose, out = _whose(ctx, records), []
    for record in records:
        reasons = still[record.id].get("text_mood", {}).get("reasons", [])
        words = next((params["words"]["name"] for _, params, *_ in reasons if "words" in params), "")
        out.append((record.id, Line(
            source.spec.label, source.spec.icon, _beginning(source.text_of(record)), page_url(ctx, source.spec, record.id),
            days[record.id], whose.get(record.id, ""), words.split(" · ") if words else (),
        )))  # fmt: skip
    return out


def _whose(ctx: Context, records: Sequence[Any]) -> dict[int, str]:
    """Of each record the company, else the person, by name where the actor may see it."""
    refs = {
        r.id: Ref("company", r.company_id, "") if r.company_id else Ref("person", r.person_id or 0, "")
        for r in records
    }
    names = named(ctx.actor, [ref for ref in refs.values() if ref.id])
    return {id: names[ref].title for id, ref in refs.items() if ref.id}


def _fallen(ctx: Context, kept: Sequence[Sequence[Any]]) -> list[Fallen]:
    labels = {option.key: option for option in OPTIONS}
    out: dict[tuple[str, int], Fallen] = {}
    for key in CUSTOMERS:
        spec = object_named(key)
        ids = [id for of, id, *_rest in kept if of == key]
        still = InsightRow.objects.filter(
            analysis=MOOD.key, object=key, object_id__in=ids, text1=UNHAPPY
        ).values_list("object_id", flat=True)
        names = {
            row.id: row.title
            for row in (fetch_in_order(ListQuery(spec, ctx.actor, ("name",)), list(still)) if ids else ())
        }
        out |= {
            (key, id): Fallen(
                key, id, names[id], page_url(ctx, spec, id), labels.get(before), date.fromisoformat(day)
            )
            for of, id, before, day in kept
            if of == key and id in names
        }
    return [out[of, id] for of, id, *_rest in kept if (of, id) in out][:SHOWN]


def _words(kept: Sequence[Sequence[Any]]) -> list[Share]:
    most = max((max(now, before) for _, now, before in kept), default=0) or 1
    return [Share(word, now, now / most, before) for word, now, before in kept]


def _topics(ctx: Context, more: Mapping[str, Any]) -> list[Share]:
    names = dict(Topic.objects.filter(deleted_at__isnull=True).values_list("id", "name"))
    counted = [(names[id], many, id) for id, many in more.get("topics", ()) if id in names]
    whole = sum(many for _, many, _ in counted) or 1
    return [Share(name, many, many / whole) for name, many, _ in counted]


def unhappy_list(ctx: Context, object_key: str) -> str:
    """The list of the customers of one kind who are unhappy."""
    asked = {"field": "mood", "op": "is", "value": UNHAPPY}
    return list_url(
        ctx,
        object_named(object_key),
        asked,
        sort="-mood_on",
        columns=("name", "mood", "mood_before", "mood_on", "mood_share"),
    )


def _beginning(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _BEGINNING else f"{line[:_BEGINNING].rsplit(' ', 1)[0]} …"


def _number(ctx: Context, value: int) -> str:
    return numbers.format_number(value, ctx.reader.language)
