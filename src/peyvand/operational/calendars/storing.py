"""What came from a device or a file becomes tasks and meetings, by the same actions as everything else."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext
from icalendar import Component

from peyvand.kernel.errors import Invalid, msg
from peyvand.kernel.recurrence import LAST, Rule, next_day
from peyvand.operational.activities.public import MEETING
from peyvand.operational.calendars import rules
from peyvand.operational.calendars.entries import SPECS
from peyvand.operational.calendars.models import Entry
from peyvand.operational.calendars.reading import Read, Said, address_in, said_by
from peyvand.operational.calendars.writing import Known, component, gather
from peyvand.operational.contacts.public import PERSON, ContactPoint, Person
from peyvand.operational.scheduling.public import (
    Series,
    carry_on,
    carry_over_meeting,
    carry_over_task,
    end_meetings,
    end_tasks,
    leave_meeting_out,
    leave_task_out,
    repeat_meeting,
    repeat_task,
)
from peyvand.platform.access.decisions import demand, visible
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import Actor
from peyvand.platform.objects.queries import load_record
from peyvand.platform.objects.records import create_record, delete_records, update_record
from peyvand.platform.objects.spec import ObjectSpec

_STARTS: Final = {"meeting": "starts_at", "task": "due_at"}


@dataclass(frozen=True)
class _Verbs:
    repeat: Any
    carry_over: Any
    leave_out: Any
    end: Any


_VERBS: Final = {
    "meeting": _Verbs(repeat_meeting, carry_over_meeting, leave_meeting_out, end_meetings),
    "task": _Verbs(repeat_task, carry_over_task, leave_task_out, end_tasks),
}


def create(ctx: Context, read: Read, name: str) -> Entry:
    """Make a record of what was read, the actor's own, with its entry."""
    said = read.master
    demand(ctx.actor, SPECS[said.kind].permission("create"))
    record, entry = _made(ctx, said, name)
    follow(ctx, record, read)
    return entry


def follow(ctx: Context, record: Any, read: Read) -> None:
    """Have a new record come again as was read, but for the days that differ."""
    said = read.master
    spec = SPECS[said.kind]
    if said.rule is not None:
        _repeat(ctx, spec, record, said)
    _leave_out(ctx, spec, record, said.left_out, None)
    _except(ctx, spec, record, read)


def change(ctx: Context, entry: Entry, read: Read) -> None:
    """Change an entry's record by what was read: only what differs from what it says by now.

    Raises:
        NotFound: the record is not the actor's to see any more.
    """
    said, actor = read.master, ctx.actor
    spec = SPECS[entry.object]
    record = load_record(spec, actor, entry.object_id, lock=True)
    known = gather(actor, spec, [entry])[record.id]
    before = said_by(component(known), known.tz)
    changes = _changes(before, said)
    people: dict[str, int] = {}
    if entry.object == "meeting" and said.emails != before.emails:
        people = people_at(actor, said.emails - before.emails)
        kept = _kept_people(known, said.emails)
        wanted = [*kept, *(id for id in people.values() if id not in kept)]
        if set(wanted) != set(_participants(record.id)):
            changes["participants"] = wanted
    extra = without(said.extra, {*people, *(address for _, _, address in known.invited)})
    if extra != entry.extra:
        Entry.objects.filter(id=entry.id).update(extra=extra)
        entry.extra = extra
    day = _day(record, spec, known)
    if changes:
        update_record(ctx, spec, record, changes)
    _change_series(ctx, spec, record, known, before, said, changes)
    _leave_out(ctx, spec, record, said.left_out - before.left_out, day)
    _except(ctx, spec, record, read, day)


def differs(known: Known, read: Read) -> bool:
    """Whether what was read says anything else than the record does."""
    said, before = read.master, said_by(component(known), known.tz)
    first = before.values[_STARTS[before.kind]]
    one, other = (
        rules.understood(rule, first.astimezone(known.tz).date(), known.tz) if rule and first else None
        for rule in (before.rule, said.rule)
    )
    is_other_rule = first is not None and not rules.alike(one, other, first.astimezone(known.tz).date())
    invited = {address for _, _, address in known.invited}
    return (
        bool(_changes(before, said))
        or said.emails != before.emails
        or without(said.extra, invited) != known.entry.extra
        or (is_other_rule and not known.is_followed)
        or bool(said.left_out - before.left_out)
    )


def _changes(before: Said, said: Said) -> dict[str, Any]:
    changes = {key: value for key, value in said.values.items() if value != before.values[key]}
    if not changes.get("title", "-"):
        del changes["title"]
    return changes


def remove(ctx: Context, entry: Entry) -> None:
    """Move an entry's record to the bin; what it would have led on to does not come any more."""
    spec = SPECS[entry.object]
    record = load_record(spec, ctx.actor, entry.object_id, lock=True)
    if gather(ctx.actor, spec, [entry])[record.id].series is not None:
        _VERBS[spec.key].end(ctx, record)
    delete_records(ctx, spec, [record])


def raw_of(said: Said, people: Mapping[str, int]) -> dict[str, Any]:
    """What was read as the fields of a new record take it; of those who are invited, the people that are known."""
    usual = ("planned", "open", "normal")
    raw = {key: value for key, value in said.values.items() if value and value not in usual}
    raw["title"] = raw.get("title") or gettext("Without a title")
    if invited := list(
        dict.fromkeys(people[address] for address in sorted(said.emails) if address in people)
    ):
        raw["participants"] = invited
    return raw


def _made(ctx: Context, said: Said, name: str) -> tuple[Any, Entry]:
    people = people_at(ctx.actor, said.emails) if said.kind == "meeting" else {}
    record = create_record(ctx, SPECS[said.kind], raw_of(said, people))
    return record, entered(ctx, said, record.id, name, without(said.extra, people))


def entered(ctx: Context, said: Said, id: int, name: str, extra: str) -> Entry:
    """The entry of a new record. What had its name or its UID before is gone, and stays known as gone."""
    return enter(ctx, said.kind, [(said, id, name, extra)])[0]


def enter(ctx: Context, kind: str, made: Sequence[tuple[Said, int, str, str]]) -> list[Entry]:
    """The entries of new records, each with what it was read from, its id, its name and what is kept for programs. What had
    a UID before gives it up; that it is gone is noted at the next look."""
    mine = Entry.objects.filter(user_id=ctx.actor.user_id, object=kind)
    names = {name for _, _, name, _ in made}
    by_name = {e.name: e for e in mine.filter(name__in=names)}
    for other in mine.filter(uid__in={said.uid for said, *_ in made}):
        if other.name not in by_name:
            Entry.objects.filter(id=other.id).update(uid=f"{other.uid[:200]}#gone-{other.id}")
    assert ctx.actor.user_id is not None  # whoever has a calendar is a user
    new: list[Entry] = []
    again: list[Entry] = []
    for said, id, name, extra in made:
        entry = by_name.get(name) or Entry(user_id=ctx.actor.user_id, object=kind, name=name)
        (again if entry.pk else new).append(entry)
        entry.object_id, entry.uid, entry.extra, entry.mark = id, said.uid, extra, ""
    Entry.objects.bulk_update(again, ["object_id", "uid", "extra", "mark"], batch_size=1000)
    Entry.objects.bulk_create(new, batch_size=1000)
    return [*again, *new]


def _repeat(ctx: Context, spec: ObjectSpec, record: Any, said: Said) -> None:
    """Have a record come again by a rule; by one that only iCalendar can say, its next days are made one by one."""
    start = getattr(record, _STARTS[spec.key])
    if start is None:
        return
    first = start.astimezone(ctx.tenant.tz).date()
    rule = rules.understood(said.rule, first, ctx.tenant.tz)
    if rule is None:
        _singly(ctx, said, start)
    elif next_day(replace(rule, count=None), first, first) is not None and rule.count != 1:
        _VERBS[spec.key].repeat(ctx, record, **_words(rule))


def _words(rule: Rule) -> dict[str, Any]:
    """A rule as the dialog says it."""
    return {
        "unit": rule.unit, "every": rule.every, "weekdays": [str(day) for day in rule.weekdays],
        "nth": str(rule.nth) if rule.nth is not None else "", "day": rule.day if rule.day != LAST else None,
        "is_last": rule.day == LAST, "short": "clamp" if rule.clamp else "skip", "calendar": rule.calendar,
        "until": rule.until, "count": rule.count,
    }  # fmt: skip


def demand_rule(said: Said, tz: ZoneInfo) -> None:
    """Refuse a rule by which nothing can come again.

    Raises:
        Invalid: it makes no sense, or comes oftener than once a day.
    """
    start = said.values[_STARTS[said.kind]]
    if said.rule is None or start is None:
        return
    if rules.understood(said.rule, start.astimezone(tz).date(), tz) is None:
        _moments(said, start.astimezone(tz))


def _moments(said: Said, start: datetime) -> list[datetime]:
    try:
        return rules.singly(said.rule, start)
    except (ValueError, TypeError, OverflowError) as error:
        raise Invalid.of(
            msg("How it comes again cannot be read: %(reason)s", reason=str(error)[:200])
        ) from error


def _singly(ctx: Context, said: Said, start: datetime) -> None:
    moments = _moments(said, start.astimezone(ctx.tenant.tz))
    uids = {f"{said.uid[:230]}-{moment:%Y%m%d}": moment for moment in moments}
    known = set(
        Entry.objects.filter(user_id=ctx.actor.user_id, object=said.kind, uid__in=uids).values_list(
            "uid", flat=True
        )
    )
    for uid, moment in uids.items():
        if uid not in known and moment.date() not in said.left_out:
            single = replace(said, uid=uid, rule=None, values=_moved(said, moment))
            _made(ctx, single, f"{plain(uid)}.ics")


def _moved(said: Said, moment: datetime) -> dict[str, Any]:
    values = {**said.values, _STARTS[said.kind]: moment}
    if said.values.get("ends_at") is not None:
        values["ends_at"] = moment + (said.values["ends_at"] - said.values["starts_at"])
    return values


def _change_series(
    ctx: Context, spec: ObjectSpec, record: Any, known: Known, before: Said, said: Said, changes: Mapping[str, Any]
) -> None:  # fmt: skip
    """Have the series follow what a program says of it."""
    if known.is_followed:
        # What comes after it has records of its own by now.
        return
    verbs, tz, starts = _VERBS[spec.key], known.tz, _STARTS[spec.key]
    start = getattr(record, starts)
    if said.rule is None or start is None:
        if known.series is None:
            return
        if (before.rule or before.also_on) and not said.also_on:
            verbs.end(ctx, record)
        elif changes and _was_in_place(known, before):
            verbs.carry_over(ctx, record, which="following")
        return
    first = start.astimezone(tz).date()
    new = rules.understood(said.rule, first, tz)
    old = rules.understood(before.rule, first, tz) if before.rule is not None else None
    is_moved = starts in changes and (was := before.values[starts]) and was.astimezone(tz).date() != first
    if known.series is None or is_moved or not rules.alike(new, old, first):
        _repeat(ctx, spec, record, said)
    elif changes:
        verbs.carry_over(ctx, record, which="following")


def _was_in_place(known: Known, before: Said) -> bool:
    """Whether the record stood where its series has it: then what is said of it is said of those to come as well."""
    series: Series | None = known.series
    return series is not None and before.values[_STARTS[before.kind]] == series.moment(
        series.last_on, known.tz
    )


def _leave_out(ctx: Context, spec: ObjectSpec, record: Any, days: Collection[date], own: date | None) -> None:
    """Have the series not come on these days; if the record's own is among them, it goes and the next one takes its place."""
    if not days:
        return
    known = gather(ctx.actor, spec, [Entry(object=spec.key, object_id=record.id)]).get(record.id)
    if known is None or known.series is None:
        return
    if later := sorted(day for day in days if day > known.series.last_on):
        _VERBS[spec.key].leave_out(ctx, record, day=later[0], more=later[1:])
    if own in days:
        delete_records(ctx, spec, [record])
        carry_on(ctx, [known.series.id])


def _except(ctx: Context, spec: ObjectSpec, record: Any, read: Read, own: date | None = None) -> None:
    """Those of a series that differ: the record's own day changes that alone; others are left out and made for themselves."""
    start, master = getattr(record, _STARTS[spec.key]), read.master
    if start is None:
        return
    own = own or start.astimezone(ctx.tenant.tz).date()
    others: dict[date, Said] = {}
    for said in read.exceptions:
        if said is master or said.instead_of is None:
            continue
        if said.instead_of != own:
            others.setdefault(said.instead_of, said)
        elif values := {key: value for key, value in said.values.items() if value != master.values[key]}:
            update_record(ctx, spec, load_record(spec, ctx.actor, record.id, lock=True), values)
    known = gather(ctx.actor, spec, [Entry(object=spec.key, object_id=record.id)]).get(record.id)
    if known is None or known.series is None:
        return
    without = known.series.days_left_out
    new = sorted(day for day in others if day > known.series.last_on and day not in without)
    if not new:
        return
    _VERBS[spec.key].leave_out(ctx, record, day=new[0], more=new[1:])
    for day in new:
        if others[day].values["status"] != "cancelled":
            uid = f"{master.uid[:230]}-{day:%Y%m%d}"
            _made(ctx, replace(others[day], uid=uid, rule=None), f"{plain(uid)}.ics")


def _day(record: Any, spec: ObjectSpec, known: Known) -> date | None:
    start = getattr(record, _STARTS[spec.key])
    return start.astimezone(known.tz).date() if start is not None else None


def people_at(actor: Actor, addresses: Collection[str]) -> dict[str, int]:
    """Those of these addresses that belong to a person whom the actor sees."""
    if not addresses or {"email", "emails"} & set(actor.grants.hides(PERSON.key)):
        return {}
    # Most are kept in small letters, however their owners write them.
    written = {*addresses, *map(str.lower, addresses)}
    points = ContactPoint.objects.filter(object=PERSON.key, kind="email", value__in=written)
    held: dict[str, int] = dict(points.order_by("-object_id").values_list("value", "object_id"))
    rows = Person.objects.filter(id__in=set(held.values()), deleted_at__isnull=True)
    seen = set(visible(actor, PERSON.key, rows).values_list("id", flat=True))
    found = ((address, held.get(address, held.get(address.lower(), 0))) for address in addresses)
    return {address: id for address, id in found if id in seen}


def _participants(id: int) -> list[int]:
    field: Any = MEETING.field("participants")
    return [item["id"] for item in field.load([id]).get(id, ())]


def _kept_people(known: Known, addresses: Collection[str]) -> list[int]:
    """The participants that a program still names, or cannot name."""
    told = {id: address for id, _, address in known.invited}
    return [id for id in _participants(known.record.id) if id not in told or told[id] in addresses]


def without(extra: str, known: Collection[str]) -> str:
    """What is kept for a program, without the guests that the record names itself."""
    if not extra or not known:
        return extra
    part = Component.from_ical(extra)
    guests = part.get("ATTENDEE") or []
    left = [
        guest
        for guest in (guests if isinstance(guests, list) else [guests])
        if address_in(guest) not in known
    ]
    part.pop("ATTENDEE", None)
    if left:
        part["ATTENDEE"] = left
    return str(part.to_ical().decode()) if len(part) or part.subcomponents else ""


def plain(uid: str) -> str:
    """A UID as a part of an address; no two are the same."""
    kept = "".join(c for c in uid if (c.isalnum() and c.isascii()) or c in "-_.@")[:180]
    return kept if kept == uid else f"{kept}-{sha256(uid.encode()).hexdigest()[:12]}"
