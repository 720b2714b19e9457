"""iCalendar bodies as others write them: taken apart, and what one task or meeting in them says in our words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from icalendar import Calendar, Component

from peyvand.kernel.email import email
from peyvand.kernel.errors import Invalid, msg
from peyvand.operational.activities.public import REMINDED_BEFORE

KINDS: Final = {"VEVENT": "meeting", "VTODO": "task"}
# What the product itself has a place for; everything else that a program writes is kept beside the record.
_OWN: Final = frozenset(
    {"UID", "DTSTAMP", "DTSTART", "DTEND", "DURATION", "DUE", "SUMMARY", "LOCATION", "DESCRIPTION", "STATUS", "RRULE", "RDATE",
     "EXDATE", "RECURRENCE-ID", "SEQUENCE", "CREATED", "LAST-MODIFIED", "ORGANIZER", "ATTENDEE", "COMPLETED", "PERCENT-COMPLETE",
     "PRIORITY", "URL"}
)  # fmt: skip
_DAY: Final = timedelta(days=1)
# How many single days a series may leave out or name, and how many of it may differ.
MOST_DAYS, MOST_EXCEPTIONS = 500, 100
# What the library raises at what makes no sense.
UNREADABLE: Final = (
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    OverflowError,
    RecursionError,
)
_BY_LENGTH: Final = {timedelta(minutes=minutes): key for key, minutes in REMINDED_BEFORE.items()}


@dataclass(frozen=True)
class Said:
    """What a component says of a task or meeting. ``values`` are by the fields' keys; moments are aware."""

    kind: str
    uid: str
    values: dict[str, Any]
    emails: frozenset[str] = frozenset()
    rule: Any = None
    left_out: frozenset[date] = frozenset()
    also_on: tuple[datetime, ...] = ()
    # The day of the series that this is the exception for.
    instead_of: date | None = None
    extra: str = ""


@dataclass
class Read:
    """One thing of a calendar: what it says, and its exceptions. ``line`` is where it begins in the file."""

    master: Said
    exceptions: list[Said] = field(default_factory=list)
    line: int = 0


def parts(body: bytes) -> list[Component]:
    """The tasks and meetings of a calendar, as they stand there.

    Raises:
        Invalid: it is no iCalendar.
    """
    try:
        found = Calendar.from_ical(body.decode("utf-8-sig", "replace").replace("\x00", ""), multiple=True)
        return [part for calendar in found for part in calendar.walk() if part.name in KINDS]
    except UNREADABLE as error:
        raise Invalid.of(msg("This is no calendar (iCalendar) that can be read.")) from error


def said_by(part: Component, tz: ZoneInfo) -> Said:
    """What a component says, on the clocks of the workspace where it names none.

    Raises:
        Invalid: a moment or what else matters in it makes no sense.
    """
    try:
        return _meeting(part, tz) if part.name == "VEVENT" else _task(part, tz)
    except UNREADABLE as error:
        raise Invalid.of(msg("A part of this cannot be read: %(reason)s", reason=str(error)[:200])) from error


def _meeting(part: Component, tz: ZoneInfo) -> Said:
    start = _value(part, "DTSTART")
    if start is None:
        raise Invalid.of(msg("It does not say when it begins."), "starts_at")
    begins, end = _moment(start, tz), _value(part, "DTEND")
    length = _value(part, "DURATION")
    if end is not None:
        ends: datetime | None = _moment(end, tz)
    elif isinstance(length, timedelta):
        ends = begins + length
    else:
        ends = None if isinstance(start, datetime) else _moment(start + _DAY, tz)
    if ends is not None and ends < begins:
        raise Invalid.of(msg("The end cannot be before the beginning."), "ends_at")
    status = str(part.get("STATUS") or "").upper()
    values = {
        "title": _text(part, "SUMMARY", 300), "starts_at": begins, "ends_at": ends, "place": _text(part, "LOCATION", 300),
        "agenda": _text(part, "DESCRIPTION", 50_000), "status": "cancelled" if status == "CANCELLED" else "planned",
        "reminders": _reminders(part),
    }  # fmt: skip
    return _said(part, "meeting", values, tz)


def _task(part: Component, tz: ZoneInfo) -> Said:
    due = _value(part, "DUE")
    if due is None and isinstance(length := _value(part, "DURATION"), timedelta):
        due = _moment(_value(part, "DTSTART"), tz) + length
    status = str(part.get("STATUS") or "").upper()
    is_done = status == "COMPLETED" or (not status and "COMPLETED" in part)
    urgency = int(part.get("PRIORITY") or 0)
    values = {
        "title": _text(part, "SUMMARY", 300), "due_at": _moment(due, tz) if due is not None else None,
        "description": _text(part, "DESCRIPTION", 50_000),
        "status": "done" if is_done else "cancelled" if status == "CANCELLED" else "open",
        "reminders": _reminders(part), "priority": "high" if 1 <= urgency <= 4 else "low" if urgency >= 6 else "normal",
    }  # fmt: skip
    return _said(part, "task", values, tz)


def _said(part: Component, kind: str, values: dict[str, Any], tz: ZoneInfo) -> Said:
    instead = _value(part, "RECURRENCE-ID")
    rules = part.get("RRULE")
    return Said(
        kind,
        str(part.get("UID") or "")[:255],
        values,
        frozenset(_emails(part)),
        (rules[0] if isinstance(rules, list) else rules) or None,
        frozenset(_moment(day, tz).astimezone(tz).date() for day in _dates(part, "EXDATE")),
        tuple(sorted(_moment(day, tz) for day in _dates(part, "RDATE"))),
        _moment(instead, tz).astimezone(tz).date() if instead is not None else None,
        _extra(part, values),
    )


def _extra(part: Component, values: dict[str, Any]) -> str:
    """What of a component has no place in the product, as a component of its own; empty where there is nothing."""
    rest = Component.from_ical(f"BEGIN:{part.name}\r\nEND:{part.name}\r\n")
    for key, value in part.items():
        # The beginning of a task has no field of its own, but where it is the due date it follows.
        is_start = key == "DTSTART" and part.name == "VTODO" and _value(part, "DUE") not in (None, value.dt)
        if (
            key not in _OWN
            or is_start
            or (key == "STATUS" and str(value).upper() in ("TENTATIVE", "IN-PROCESS"))
        ):
            rest[key] = value
    known = _known_strangers(part)
    if known:
        rest["ATTENDEE"] = known
    if "ORGANIZER" in part:
        rest["ORGANIZER"] = part["ORGANIZER"]
    if "URL" in part:
        rest["URL"] = part["URL"]
    for inner in part.subcomponents:
        if _reminder(inner) is None:
            rest.add_component(inner)
    is_empty = not len(rest) and not rest.subcomponents
    return "" if is_empty else rest.to_ical().decode()


def _reminders(part: Component) -> list[str]:
    """The reminders that our own words say, the latest first."""
    found = {key for inner in part.subcomponents if (key := _reminder(inner)) is not None}
    return sorted(found, key=lambda key: REMINDED_BEFORE[key])


def _reminder(inner: Component) -> str | None:
    """Which of our reminders an alarm is; None where it is none of them."""
    trigger: Any = inner.get("TRIGGER")
    before = getattr(trigger, "dt", None)
    if inner.name != "VALARM" or not isinstance(before, timedelta) or "REPEAT" in inner:
        return None
    if str(inner.get("ACTION") or "DISPLAY").upper() not in ("DISPLAY", "AUDIO"):
        return None
    return _BY_LENGTH.get(-before)


def _known_strangers(part: Component) -> list[Any]:
    found = part.get("ATTENDEE") or []
    return list(found) if isinstance(found, list) else [found]


def _emails(part: Component) -> Iterator[str]:
    for address in _known_strangers(part):
        if read := address_in(address):
            yield read


def address_in(attendee: Any) -> str:
    """The mail address of somebody who is invited; empty if there is none."""
    text = str(attendee).strip()
    text = text[7:] if text.lower().startswith("mailto:") else text
    try:
        return email(text)
    except Invalid:
        return ""


def _value(part: Component, key: str) -> Any:
    found = part.get(key)
    if isinstance(found, list):
        found = found[0]
    return found.dt if found is not None else None


def _dates(part: Component, key: str) -> Iterator[Any]:
    found = part.get(key) or []
    for group in found if isinstance(found, list) else [found]:
        for one in group.dts:
            moment = one.dt
            yield moment[0] if isinstance(moment, tuple) else moment


def _moment(value: date, tz: ZoneInfo) -> datetime:
    if not isinstance(value, datetime):
        return datetime.combine(value, time(), tz)
    return value if value.tzinfo is not None else value.replace(tzinfo=tz)


def _text(part: Component, key: str, most: int) -> str:
    found = part.get(key)
    return str((found[0] if isinstance(found, list) else found) or "").strip()[:most]


def demand_few(read: Read) -> None:
    """Refuse a thing that names more days than anybody keeps by hand: each is work, and all is one change.

    Raises:
        Invalid: so many days are left out or named, or so many of the series differ.
    """
    for count, most, field_key in (
        (len(read.master.left_out) + len(read.master.also_on), MOST_DAYS, "left_out"),
        (len(read.exceptions), MOST_EXCEPTIONS, "exceptions"),
    ):
        if count > most:
            raise Invalid.of(
                msg("This names %(count)s single days; at most %(most)s are read.", count=count, most=most),
                field_key,
            )


def gathered(parts: Sequence[Component], tz: ZoneInfo) -> list[Read]:
    """Single things of components that belong together by their UID.

    Raises:
        Invalid: as said_by.
    """
    found: dict[tuple[str, str], Read] = {}
    exceptions: list[Said] = []
    for part in parts:
        said = said_by(part, tz)
        if said.instead_of is not None:
            exceptions.append(said)
        else:
            found.setdefault((said.kind, said.uid), Read(said))
    for said in exceptions:
        # An exception without its series stands for itself.
        found.setdefault((said.kind, said.uid), Read(said)).exceptions.append(said)
    return list(found.values())
