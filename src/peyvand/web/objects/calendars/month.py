"""The calendar: the days of a month or a week with their records, and a record carried to another day."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from peyvand.kernel import clock, numbers
from peyvand.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, RuleViolation
from peyvand.kernel.persian.calendar import (
    Unit,
    format_date,
    format_time,
    parts,
    period,
    weekday_name,
    weekday_names,
)
from peyvand.platform.access.decisions import decide
from peyvand.platform.fields.types import whole_id
from peyvand.platform.identity.grants import FieldAccess
from peyvand.platform.objects.calendar import Day, fetch_days
from peyvand.platform.objects.queries import Row, load_record
from peyvand.platform.objects.records import update_record
from peyvand.web.components.tags import say
from peyvand.web.objects.calendars.shape import Shape, frame, read_shape, tone_of
from peyvand.web.objects.lists.columns import title_field
from peyvand.web.objects.lists.rows import title_text
from peyvand.web.objects.resolve import address

UNITS: Final[tuple[Unit, ...]] = ("month", "week")
LABELS: Final[dict[Unit, str | Promise]] = {"month": _("Month"), "week": _("Week")}
MOST_IN_MONTH, MOST_IN_WEEK = 4, 40
_FRIDAY: Final = 4
_SUNDAY: Final = 6


@dataclass(frozen=True)
class Event:
    """A record as it stands in its day. ``id`` is its card, by which it is carried.

    ``is_coming``: it will be made when its time comes. ``clash`` says what it falls together with.
    """

    id: int | str
    title: str
    time: str
    tone: str
    href: str
    clash: str = ""
    is_coming: bool = False
    icon: str = ""
    # Whose it is, where several people's stand together.
    whose: str = ""


@dataclass(frozen=True)
class DayCell:
    iso: str
    number: str
    # «پنجشنبه ۳۰ آبان»: for who hears it, and for the agenda of a phone.
    name: str
    events: list[Event]
    more: str
    more_href: str
    create_href: str
    is_today: bool
    is_outside: bool
    is_rest: bool


@require_GET
def object_calendar(request: HttpRequest, workspace: str, plural: str) -> HttpResponse:
    """The calendar; for its own refetch only the days."""
    shape = read_shape(request, plural, "calendar", UNITS)
    context = {
        **frame(shape, UNITS, LABELS),
        "heads": weekday_names(shape.state.ctx.reader.language),
        "days": _cells(shape),
        "can_move": _can_move(shape),
        "move_url": f"{shape.base}/move?{shape.state.query_string}",
        "here": shape.href(),
    }
    template = "_days" if request.GET.get("part") == "days" else "calendar"
    return render(
        request, f"objects/calendars/{template}.html", context, status=422 if shape.state.problems else 200
    )


def _cells(shape: Shape) -> list[DayCell]:
    state, calendar = shape.state, shape.calendar
    first, until = shape.bounds
    # Whole weeks, so that every column is one weekday.
    low = period("week", first, calendar)[0]
    high = period("week", until - timedelta(days=1), calendar)[1]
    most = MOST_IN_WEEK if shape.unit == "week" else MOST_IN_MONTH
    found = fetch_days(shape.query, shape.start, low, high, most)
    today, language = clock.today(state.ctx.reader.tz), state.ctx.reader.language
    rest = _FRIDAY if calendar == "jalali" else _SUNDAY
    cells = []
    for n in range((high - low).days):
        on = low + timedelta(days=n)
        day = found.get(on, Day())
        left = day.count - len(day.rows)
        number = numbers.localize(str(parts(on, calendar)[2]), language)
        cells.append(
            DayCell(
                on.isoformat(),
                number,
                f"{weekday_name(on, language)} {format_date(on, language, 'day')}",
                [_event(shape, row) for row in day.rows],
                gettext("%(n)s more") % {"n": numbers.format_number(left, language)} if left else "",
                _list_of(shape, on) if left else "",
                _create(shape, on),
                on == today,
                not first <= on < until,
                on.weekday() == rest,
            )
        )
    return cells


def _event(shape: Shape, row: Row) -> Event:
    state, value = shape.state, row.values.get(shape.start.key)
    clock_text = (
        format_time(value, state.ctx.reader.tz, state.ctx.reader.language)
        if isinstance(value, datetime)
        else ""
    )
    title = title_text(title_field(state.spec), row)
    return Event(row.id, title, clock_text, tone_of(state, row), f"{address(state.ctx, state.spec, row.id)}/")


def _list_of(shape: Shape, on: date) -> str:
    """The list of one day's records."""
    own = {"field": shape.start.key, "op": "is", "value": on.isoformat()}
    raw = {"and": [shape.state.raw, own]} if shape.state.raw else own
    return f"{address(shape.state.ctx, shape.state.spec)}/?{shape.state.address(raw=raw)}"


def _create(shape: Shape, on: date) -> str:
    """The form of a new record on this day, at nine where it has a time; afterwards it comes back here."""
    known = shape.start
    if known.readonly:
        return ""
    value = on.isoformat() if known.widget == "date" else f"{on.isoformat()}T09:00"
    words = urlencode({known.key: value, "next": shape.href(on)})
    return f"{address(shape.state.ctx, shape.state.spec, 'new')}?{words}"


def _can_move(shape: Shape) -> bool:
    state, known = shape.state, shape.start
    return (
        not known.readonly
        and bool(decide(state.ctx.actor, state.spec.permission("update")))
        and state.ctx.actor.grants.field_access(state.spec.key, known.key) is FieldAccess.WRITE
    )


@require_POST
def calendar_move(request: HttpRequest, workspace: str, plural: str) -> HttpResponse:
    """POST ``card``, ``day`` and ``from``, the day it was taken from: the record goes to that day, its time stays.

    What lasts keeps its length. 204 with a toast that can take it back; a refusal says why and changes nothing.
    """
    shape = read_shape(request, plural, "calendar", UNITS)
    if not _can_move(shape):
        raise NotAllowed
    given = request.POST if "card" in request.POST else request.GET
    state, known, id = shape.state, shape.start, whole_id(given.get("card", ""))
    tz = state.ctx.reader.tz
    try:
        day, taken = date.fromisoformat(given.get("day", "")), date.fromisoformat(given.get("from", ""))
    except ValueError:
        raise NotFound from None
    record = load_record(state.spec, state.ctx.actor, id, lock=True)
    now = known.read(record)
    response = HttpResponse(status=204)
    events: dict[str, Any] = {"changed": {"object": state.spec.key, "ids": [id]}}
    try:
        if now is None or shape.day_of(now) != taken:
            raise Conflict
        changes = {known.key: moved(now, day - taken, tz)}
        if state.spec.lasts and known.key == state.spec.lasts[0]:
            end = state.spec.field(state.spec.lasts[1])
            if (last := end.read(record)) is not None and not end.readonly:
                changes[end.key] = moved(last, day - taken, tz)
        update_record(state.ctx, state.spec, record, changes)
    except (Conflict, Invalid, RuleViolation, NotAllowed) as error:
        sentence = say(error.problems[0].message if isinstance(error, Invalid) else error.message)
        response.status_code = error.status
        response["HX-Trigger"] = json.dumps({"toast": {"text": sentence, "kind": "bad"}, **events})
        return response
    words = {"card": id, "day": taken.isoformat(), "from": day.isoformat()}
    said = gettext("Moved to %(day)s") % {"day": format_date(day, state.ctx.reader.language, "day")}
    undo = f"{shape.base}/move?{state.query_string}&{urlencode(words, quote_via=quote)}"
    response["HX-Trigger"] = json.dumps({"toast": {"text": said, "undo": undo}, **events})
    return response


def moved(value: date, by: timedelta, tz: ZoneInfo) -> str:
    """The value some days later on the clocks of the reader, as a field reads it."""
    if isinstance(value, datetime):
        return (value.astimezone(tz).replace(tzinfo=None) + by).replace(tzinfo=tz).isoformat()
    return (value + by).isoformat()
