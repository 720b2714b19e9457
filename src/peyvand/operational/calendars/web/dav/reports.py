"""The three questions of CalDAV: what stands between two moments, these things please, and what changed since last time."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element

from django.db.models import Q
from django.http import HttpResponse

from peyvand.kernel.errors import Invalid, msg
from peyvand.operational.calendars.entries import SPECS
from peyvand.operational.calendars.models import Entry
from peyvand.operational.calendars.web.dav import properties as has
from peyvand.operational.calendars.web.dav.properties import COMPONENTS, Place
from peyvand.operational.calendars.web.dav.xml import C, D, Refused, element, missing, multistatus, response
from peyvand.operational.calendars.writing import Known, body_of, component

# An end that nobody said.
_FIRST, _LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_TIME: Final = "%Y%m%dT%H%M%SZ"


def answer(place: Place, kind: str, body: Element | None) -> HttpResponse:
    """The answer to a REPORT on a calendar.

    Raises:
        Refused: nobody knows this report here, or its token is too old. Invalid: it makes no sense.
    """
    if body is None:
        raise Invalid.of(msg("The body is no XML that can be read."))
    if body.tag == f"{C}calendar-query":
        return _query(place, kind, body)
    if body.tag == f"{C}calendar-multiget":
        return _multiget(place, kind, body)
    if body.tag == f"{D}sync-collection":
        return _sync(place, kind, body)
    raise Refused(403, f"{D}supported-report")


def asked_in(body: Element | None) -> list[str] | None:
    """The names of the properties that are asked for; None: all."""
    prop = body.find(f"{D}prop") if body is not None else None
    return [one.tag for one in prop] if prop is not None else None


def told(place: Place, kind: str, entries: Iterable[Entry], body: Element) -> list[Element]:
    """What the report tells of each of these entries."""
    asked, chosen = asked_in(body), list(entries)
    known = has.known_of(place, kind, chosen) if has.needs_content(asked) else {}
    span = _span(body.find(f"{D}prop/{C}calendar-data/{C}expand"))
    found = []
    for entry in chosen:
        one = known.get(entry.object_id)
        properties = dict(has.of_entry(place, entry, one))
        if one is not None and span is not None:
            properties[f"{C}calendar-data"] = _expanded(one, span)
        found.append(response(place.path(kind, entry.name), has.chosen(properties, asked)))
    return found


def _expanded(known: Known, span: tuple[datetime, datetime]) -> has.Writes:
    return lambda: element(f"{C}calendar-data", text=body_of(known, span=span).decode())


def _multiget(place: Place, kind: str, body: Element) -> HttpResponse:
    folder = unquote(place.path(kind))
    asked = {}
    for one in body.findall(f"{D}href"):
        written = (one.text or "").strip()
        path = unquote(urlsplit(written).path)
        asked[written] = path.removeprefix(folder) if path.startswith(folder) else ""
    found = place.things(kind, {name for name in asked.values() if name.isprintable()})
    lost = [missing(written) for written, name in asked.items() if name not in found]
    return multistatus([*told(place, kind, found.values(), body), *lost])


def _sync(place: Place, kind: str, body: Element) -> HttpResponse:
    calendar = place.calendar(kind)
    token = (body.findtext(f"{D}sync-token") or "").strip()
    position = has.position_of(place, kind, token) if token else 0
    if position is None:
        raise Refused(403, f"{D}valid-sync-token")
    behind = [e for e in calendar.entries.values() if e.position > position]
    if token:
        behind += [e for e in calendar.gone if e.position > position]
    behind.sort(key=lambda entry: entry.position)
    at, more = calendar.position, []
    if (most := _limit(body)) is not None and len(behind) > most:
        behind = behind[:most]
        at = behind[-1].position
        more = [
            missing(
                place.path(kind), 507, element(f"{D}error", element(f"{D}number-of-matches-within-limits"))
            )
        ]
    gone = [missing(place.path(kind, e.name)) for e in behind if e.gone_at is not None]
    living = told(place, kind, (e for e in behind if e.gone_at is None), body)
    return multistatus([*living, *gone, *more], element(f"{D}sync-token", text=has.token_of(place, kind, at)))


def _limit(body: Element) -> int | None:
    text = (body.findtext(f"{D}limit/{D}nresults") or "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and int(text[:9]) > 0):
        raise Invalid.of(msg("The limit must be a whole number."))
    return int(text[:9])


def _query(place: Place, kind: str, body: Element) -> HttpResponse:
    entries = list(place.calendar(kind).entries.values())
    outer = body.find(f"{C}filter/{C}comp-filter")
    for inner in outer.findall(f"{C}comp-filter") if outer is not None else ():
        is_wanted = inner.find(f"{C}is-not-defined") is None
        if (inner.get("name") == COMPONENTS[kind]) is not is_wanted:
            entries = []
        elif is_wanted:
            entries = _within(place, kind, entries, _span(inner.find(f"{C}time-range")))
            entries = _saying(place, kind, entries, inner.findall(f"{C}prop-filter"))
    return multistatus(told(place, kind, entries, body))


def _within(
    place: Place, kind: str, entries: list[Entry], span: tuple[datetime, datetime] | None
) -> list[Entry]:  # fmt: skip
    """Those of the entries that lie, or come again, between two moments."""
    if span is None or not entries:
        return entries
    low, high = span
    ids = [e.object_id for e in entries]
    rows = SPECS[kind].rows.filter(id__in=ids)
    if kind == "meeting":
        ends = Q(ends_at__gt=low) | Q(ends_at__isnull=True, starts_at__gte=low)
        rows = rows.filter(ends, starts_at__lt=high)
    else:
        rows = rows.filter(Q(due_at__isnull=True) | Q(due_at__gte=low, due_at__lt=high))
    found = set(rows.values_list("id", flat=True))
    tz = place.actor.tenant.tz
    for id, series in has.series_going_on(place, kind, ids).items():
        if id not in found and series.coming(low.astimezone(tz).date(), high.astimezone(tz).date()):
            found.add(id)
    return [e for e in entries if e.object_id in found]


def _saying(place: Place, kind: str, entries: list[Entry], filters: Collection[Element]) -> list[Entry]:
    """Those of the entries whose properties are as the filters ask."""
    if not filters or not entries:
        return entries
    known = has.known_of(place, kind, entries)
    parts = {id: component(one) for id, one in known.items()}
    return [
        e for e in entries if e.object_id in parts and all(_holds(parts[e.object_id], one) for one in filters)
    ]


def _holds(part: Any, asked: Element) -> bool:
    values = part.get((asked.get("name") or "").upper())
    if asked.find(f"{C}is-not-defined") is not None:
        return values is None
    if asked.find(f"{C}time-range") is not None or asked.find(f"{C}param-filter") is not None:
        raise Refused(403, f"{C}supported-filter")
    if values is None:
        return False
    text = asked.find(f"{C}text-match")
    if text is None:
        return True
    wanted = (text.text or "").casefold()
    said = [str(one).casefold() for one in (values if isinstance(values, list) else [values])]
    return any(wanted in one for one in said) is not (text.get("negate-condition") == "yes")


def _span(asked: Element | None) -> tuple[datetime, datetime] | None:
    if asked is None:
        return None
    try:
        low, high = (
            datetime.strptime(text, _TIME).replace(tzinfo=UTC) if (text := asked.get(name)) else usual
            for name, usual in (("start", _FIRST), ("end", _LAST))
        )
    except ValueError:
        raise Refused(400, f"{C}valid-filter") from None
    if low.year < 1900 or high.year > 2200 or low > high:
        raise Refused(403, f"{C}valid-filter")
    return low, high
