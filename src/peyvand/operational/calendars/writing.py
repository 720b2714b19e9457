"""Tasks and meetings as iCalendar: what a user's devices read, with what they wrote themselves and we do not know."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Q
from icalendar import Alarm, Calendar, Component, Event, Timezone, Todo, vCalAddress

from peyvand.operational.activities.public import MEETING, REMINDED_BEFORE
from peyvand.operational.calendars import rules
from peyvand.operational.calendars.models import Entry
from peyvand.operational.calendars.reading import address_in
from peyvand.operational.contacts.public import PERSON, Person
from peyvand.operational.scheduling.public import Occurrence, Series
from peyvand.platform.access.decisions import visible
from peyvand.platform.identity.actor import Actor
from peyvand.platform.identity.models import User
from peyvand.platform.objects.spec import ObjectSpec

PRODUCT: Final = "-//Peyvand//Peyvand//EN"
# Days of a rule that iCalendar cannot say are named one by one, so far from the latest record.
_NAMED: Final = timedelta(days=400)
_MOST_NAMED: Final = 120
_URGENCY: Final = {"high": 1, "low": 9}
_STATES: Final = {"open": "NEEDS-ACTION", "done": "COMPLETED", "cancelled": "CANCELLED"}


_WITH_ZONES: Final = ("DTSTART", "DTEND", "DUE", "RDATE", "EXDATE")


@dataclass(frozen=True)
class Known:
    """A record with all that its calendar form tells; what the role does not show is in ``hidden``."""

    record: Any
    entry: Entry
    series: Series | None
    # Whether it is one of a series that went on after it.
    is_followed: bool
    # Those who take part and can be reached: id, name, mail address.
    invited: tuple[tuple[int, str, str], ...]
    host: str
    hidden: frozenset[str]
    tz: ZoneInfo


def gather(actor: Actor, spec: ObjectSpec, entries: Sequence[Entry]) -> dict[int, Known]:
    """All that is told of these entries' records, by record, in a few questions however many."""
    ids = [entry.object_id for entry in entries]
    records = {r.id: r for r in spec.rows.filter(id__in=ids)}
    going_on, followed = _places(spec, ids, actor.user_id)
    hidden = actor.grants.hides(spec.key)
    invited = _invited(actor, ids) if spec.key == "meeting" and "participants" not in hidden else {}
    owners = {r.owner_id for r in records.values() if r.id in invited}
    hosts = dict(User.objects.filter(id__in=owners).values_list("id", "email")) if owners else {}
    return {
        e.object_id: Known(
            records[e.object_id], e, going_on.get(e.object_id), e.object_id in followed, tuple(invited.get(e.object_id, ())),
            hosts.get(records[e.object_id].owner_id, ""), hidden, actor.tenant.tz,
        )
        for e in entries if e.object_id in records
    }  # fmt: skip


def series_of(spec: ObjectSpec, ids: Iterable[int], user_id: int | None) -> dict[int, Series]:
    """The series that go on after these records of a user: those of which each is the latest."""
    return _places(spec, ids, user_id)[0]


def _places(spec: ObjectSpec, ids: Iterable[int], user_id: int | None) -> tuple[dict[int, Series], set[int]]:
    """The series that go on after these records of a user, and those records after which others of a living series came.
    Where one of somebody else's series was given away, the others did not come with it."""
    rows = Occurrence.objects.filter(
        Q(series__owner_id=user_id) | Q(series__owner__isnull=True), object=spec.key, object_id__in=list(ids),
        series__ended_at__isnull=True,
    )  # fmt: skip
    found, followed = {}, set()
    for row in rows.select_related("series"):
        if row.on == row.series.last_on:
            found[row.object_id] = row.series
        else:
            followed.add(row.object_id)
    return found, followed


def _invited(actor: Actor, ids: Sequence[int]) -> Mapping[int, list[tuple[int, str, str]]]:
    if {"email", "emails"} & set(actor.grants.hides(PERSON.key)):
        return {}
    field: Any = MEETING.field("participants")
    held: Mapping[int, Any] = field.load(ids)
    people = {item["id"] for items in held.values() for item in items}
    rows = (
        visible(actor, PERSON.key, Person.objects.filter(id__in=people)) if people else Person.objects.none()
    )
    emails = dict(rows.exclude(email="").values_list("id", "email"))
    found: dict[int, list[tuple[int, str, str]]] = defaultdict(list)
    for id, items in held.items():
        found[id] = [(i["id"], i["name"], emails[i["id"]]) for i in items if i["id"] in emails]
    return found


def body_of(known: Known, *, span: tuple[datetime, datetime] | None = None) -> bytes:
    """A calendar with this one thing; with a span, each of its days in there for itself."""
    whole = component(known)
    found = [whole] if span is None else _each(known, whole, span)
    calendar = empty()
    used = {v.params.get("TZID") for part in found for key in _WITH_ZONES for v in _listed(part.get(key))}
    if known.tz.key in used:
        calendar.add_component(zone_named(known.tz.key))
    for part in found:
        calendar.add_component(part)
    body: bytes = calendar.to_ical()
    return body


def _each(known: Known, whole: Component, span: tuple[datetime, datetime]) -> list[Component]:
    """The days of a series in a span, one by one, each named by the moment that the series has for it."""
    series, start = (
        known.series,
        getattr(known.record, "due_at" if known.entry.object == "task" else "starts_at"),
    )
    if series is None or start is None or "DTSTART" not in whole:
        return [whole]
    low, high = (moment.astimezone(known.tz).date() for moment in span)
    days = series.coming(low, high + timedelta(days=1))[:_MOST_NAMED]
    for key in ("RRULE", "RDATE", "EXDATE"):
        whole.pop(key, None)
    found = []
    for moment in (start, *(series.moment(day, known.tz) for day in days)):
        one = whole.copy(recursive=True)
        for key in ("DTSTART", "DTEND", "DUE"):
            if key in one:
                held: Any = one.pop(key)
                value = held.dt
                by = moment - start
                one.add(key, value + by if not isinstance(value, datetime) else (value.astimezone(UTC) + by))
        begins: Any = one["DTSTART"]
        one.add("recurrence-id", begins.dt)
        found.append(one)
    return found


def empty(name: str = "") -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    if name:
        calendar.add("x-wr-calname", name)
    return calendar


@lru_cache(maxsize=100)
def zone_named(name: str) -> Timezone:
    """The rules of a time zone, for the years that matter."""
    return Timezone.from_tzid(name, first_date=date(2015, 1, 1), last_date=date(2045, 1, 1))


def component(known: Known) -> Component:
    """A task or meeting as iCalendar says it."""
    record, hidden = known.record, known.hidden
    part = Event() if known.entry.object == "meeting" else Todo()
    part.add("uid", known.entry.uid)
    part.add("dtstamp", record.updated_at.astimezone(UTC))
    part.add("created", record.created_at.astimezone(UTC))
    part.add("last-modified", record.updated_at.astimezone(UTC))
    part.add("sequence", record.version)
    part.add("summary", record.title)
    if "reminders" not in hidden:
        _add_alarms(part, record)
    if isinstance(part, Event):
        _add_meeting(part, known)
    else:
        _add_task(part, known)
    if known.series is not None and not hidden & {"starts_at", "due_at"}:
        _add_series(part, known, known.series)
    if known.entry.extra:
        _add_kept(part, Component.from_ical(known.entry.extra))
    return part


def _add_meeting(part: Event, known: Known) -> None:
    record, hidden = known.record, known.hidden
    ends: Any = None if "ends_at" in hidden else record.ends_at
    if is_whole_days(record.starts_at, ends, known.tz):
        part.add("dtstart", record.starts_at.astimezone(known.tz).date())
        part.add("dtend", ends.astimezone(known.tz).date())
    else:
        zone = known.tz if known.series else UTC
        part.add("dtstart", record.starts_at.astimezone(zone))
        if ends is not None:
            part.add("dtend", ends.astimezone(zone))
    if record.place and "place" not in hidden:
        part.add("location", record.place)
    if record.agenda and "agenda" not in hidden:
        part.add("description", record.agenda)
    part.add("status", "CANCELLED" if record.status == "cancelled" else "CONFIRMED")
    if known.invited and known.host:
        part.add("organizer", vCalAddress(f"mailto:{known.host}"))
    for _, name, address in known.invited:
        guest = vCalAddress(f"mailto:{address}")
        guest.params["CN"] = name.replace('"', "'")
        part.add("attendee", guest)


def _add_task(part: Todo, known: Known) -> None:
    record, hidden = known.record, known.hidden
    if record.due_at is not None and "due_at" not in hidden:
        local = record.due_at.astimezone(known.tz)
        # A task that is due on a day, at no time of it.
        moment = (
            local.date()
            if local.time() == time()
            else local
            if known.series
            else record.due_at.astimezone(UTC)
        )
        part.add("due", moment)
        if known.series is not None:
            part.add("dtstart", moment)
    if record.description and "description" not in hidden:
        part.add("description", record.description)
    part.add("status", _STATES[record.status])
    if record.done_at is not None:
        part.add("completed", record.done_at.astimezone(UTC))
    if record.priority in _URGENCY:
        part.add("priority", _URGENCY[record.priority])


def _add_alarms(part: Component, record: Any) -> None:
    for key in record.reminders:
        if key in REMINDED_BEFORE:
            alarm = Alarm()
            alarm.add("action", "DISPLAY")
            alarm.add("description", record.title)
            alarm.add("trigger", -timedelta(minutes=REMINDED_BEFORE[key]))
            part.add_component(alarm)


def _add_series(part: Component, known: Known, series: Series) -> None:
    """How it comes again: by a rule where iCalendar has words for it and the record stands where the series has it, else by
    its days one by one."""
    tz, start = known.tz, getattr(known.record, "due_at" if known.entry.object == "task" else "starts_at")
    if start is None:
        return
    begins: Any = part["DTSTART"]
    moment = begins.dt
    words = None
    if start == series.moment(series.last_on, tz):
        words = rules.said(series.repeats, series.starts_on, series.last_on, tz)
    if words is None:
        coming = series.coming(series.last_on, series.last_on + _NAMED)[:_MOST_NAMED]
        if coming:
            part.add(
                "rdate", [series.moment(day, tz) if isinstance(moment, datetime) else day for day in coming]
            )
        return
    if "UNTIL" in words and not isinstance(moment, datetime):
        words["UNTIL"] = series.repeats.until
    part.add("rrule", words)
    skipped = sorted(day for day in series.days_left_out if day > series.last_on)
    if skipped:
        part.add(
            "exdate", [series.moment(day, tz) if isinstance(moment, datetime) else day for day in skipped]
        )


def _add_kept(part: Component, extra: Component) -> None:
    invited = {address_in(guest) for guest in _listed(part.get("ATTENDEE"))}
    for key, value in extra.items():
        if key == "ATTENDEE":
            for guest in _listed(value):
                if address_in(guest) not in invited:
                    part.add("attendee", guest, encode=False)
        elif key == "STATUS":
            if part.get("STATUS") in ("CONFIRMED", "NEEDS-ACTION"):
                part[key] = value
        elif key == "ORGANIZER" or key not in part:
            part[key] = value
    for inner in extra.subcomponents:
        part.add_component(inner)


def is_whole_days(starts: datetime, ends: datetime | None, tz: ZoneInfo) -> bool:
    """Whether it is a matter of days: from midnight to midnight."""
    return (
        ends is not None
        and ends > starts
        and starts.astimezone(tz).time() == ends.astimezone(tz).time() == time()
    )


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [] if value is None else [value]
