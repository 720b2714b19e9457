"""A calendar from a file: what would be new, what would change, what cannot be read, and then the writing of it.

What has been taken over before is known by its UID, so the same file changes nothing the second time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

from icalendar import Calendar, Component

from peyvand.kernel.errors import Invalid, NotAllowed, NotFound, PeyvandError, RuleViolation, msg
from peyvand.operational.calendars import storing
from peyvand.operational.calendars.entries import SPECS, is_shown
from peyvand.operational.calendars.models import Entry
from peyvand.operational.calendars.reading import KINDS, UNREADABLE, Read, Said, demand_few, gathered, said_by
from peyvand.operational.calendars.writing import Known, body_of, gather
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.reader import said
from peyvand.platform.objects.cleaning import clean_rows
from peyvand.platform.objects.halving import by_halves
from peyvand.platform.objects.records import create_records

MOST_BYTES: Final = 2_000_000
MOST_THINGS: Final = 2000
# Characters about time zones that are read for the things of one file, again for each.
MOST_ZONES: Final = 5_000_000
_SET: Final = 500
_BEGINS: Final = frozenset(f"BEGIN:{name}" for name in KINDS)
_NAMED: Final = re.compile(r';TZID=(?:"([^"]*)"|([^":;,\r\n]*))', re.IGNORECASE)
_ENDS: Final = frozenset(f"END:{name}" for name in KINDS)


@dataclass(frozen=True)
class Unreadable:
    """A part of a file that cannot be taken over: where it begins, what it is called, and why."""

    line: int
    title: str
    reason: str


@dataclass
class Preview:
    """What taking a file over would do, or did: things by what becomes of them. ``before`` is how those that were changed
    stood until then, as iCalendar."""

    new: list[Said] = field(default_factory=list)
    changed: list[Said] = field(default_factory=list)
    same: int = 0
    unreadable: list[Unreadable] = field(default_factory=list)
    before: list[tuple[Entry, bytes]] = field(default_factory=list)


def things_in(body: bytes, tz: ZoneInfo) -> tuple[list[Read], list[Unreadable]]:
    """The tasks and meetings of a file, each by itself: one that cannot be read spoils none of the others.

    Raises:
        Invalid: it is no calendar, is too large, or holds too much.
    """
    if len(body) > MOST_BYTES:
        raise Invalid.of(
            msg("The file is too large: at most %(most)s megabytes.", most=MOST_BYTES // 1_000_000), "file"
        )
    text = body.decode("utf-8-sig", "replace").replace("\x00", "")
    if "BEGIN:VCALENDAR" not in text.upper():
        raise Invalid.of(msg("This is no calendar (iCalendar) that can be read."), "file")
    blocks, zones = _blocks(text)
    if len(blocks) > MOST_THINGS:
        raise Invalid.of(
            msg("The file holds more than %(most)s events; divide it.", most=MOST_THINGS), "file"
        )
    named = [_zones_of(block, zones) for _, block in blocks]
    if sum(map(len, named)) > MOST_ZONES:
        raise Invalid.of(msg("The file holds too much about time zones; divide it."), "file")
    parts: list[Component] = []
    lost: list[Unreadable] = []
    lines: dict[tuple[str, str], int] = {}
    for (line, block), its_zones in zip(blocks, named, strict=True):
        try:
            [part] = [
                one
                for one in Calendar.from_ical(
                    f"BEGIN:VCALENDAR\r\n{its_zones}{block}END:VCALENDAR\r\n"
                ).walk()
                if one.name in KINDS
            ]
            found = said_by(part, tz)
            if not found.uid:
                raise Invalid.of(msg("It has no UID, by which it would be known again."))
            storing.demand_rule(found, tz)
        except Invalid as error:
            lost.append(Unreadable(line, _title_of(block), said(error.problems[0].message)))
        except UNREADABLE as error:
            lost.append(Unreadable(line, _title_of(block), str(error)[:200]))
        else:
            parts.append(part)
            lines.setdefault((found.kind, found.uid), line)
    things = []
    for thing in gathered(parts, tz):
        thing.line = lines[thing.master.kind, thing.master.uid]
        try:
            demand_few(thing)
        except Invalid as error:
            lost.append(Unreadable(thing.line, thing.master.values["title"], said(error.problems[0].message)))
        else:
            things.append(thing)
    return things, lost


def preview(ctx: Context, body: bytes) -> Preview:
    """What taking a file over would do.

    Raises:
        Invalid: as things_in.
    """
    return _sorted(ctx, *things_in(body, ctx.tenant.tz))[0]


def write(ctx: Context, things: Sequence[Read]) -> Preview:
    """Make tasks and meetings of a file one's own, in sets, and change those that came from it before."""
    found, new, changed = _sorted(ctx, things, [])
    for kind, spec in SPECS.items():
        of_kind = [one for one in new if one[0].master.kind == kind]
        for n in range(0, len(of_kind), _SET):
            rows = of_kind[n : n + _SET]
            records = create_records(ctx, spec, [values for _, values, _ in rows])
            pairs = list(zip(records, rows, strict=True))
            storing.enter(ctx, kind, [
                (thing.master, record.id, f"{storing.plain(thing.master.uid)}.ics", extra) for record, (thing, _, extra) in pairs
            ])  # fmt: skip
            for record, (thing, _, _) in pairs:
                if thing.master.rule is not None or thing.exceptions:
                    _tried(ctx, found, thing, partial(storing.follow, ctx, record, thing))
    for thing, known in changed:
        before = body_of(known)
        if _tried(ctx, found, thing, partial(storing.change, ctx, known.entry, thing)):
            found.before.append((known.entry, before))
    return found


def _tried(ctx: Context, found: Preview, thing: Read, change: Callable[[], None]) -> bool:
    """What is refused of one thing is told of; the others go on."""
    refused = len(found.unreadable)

    def tell(thing: Read, error: PeyvandError) -> None:
        found.unreadable.append(Unreadable(thing.line, thing.master.values["title"], why(error)))

    by_halves(ctx, [thing], lambda _things: change(), refusal_of=refusal_of, refuse=tell)
    return len(found.unreadable) == refused


def refusal_of(error: Exception) -> PeyvandError | None:
    """The error, if it speaks of the one thing alone that was to be written."""
    return error if isinstance(error, Invalid | RuleViolation | NotAllowed | NotFound) else None


def _sorted(
    ctx: Context, things: Sequence[Read], lost: list[Unreadable]
) -> tuple[Preview, list[tuple[Read, dict[str, Any], str]], list[tuple[Read, Known]]]:
    """What becomes of each thing of a file; the new ones with their values and what is kept for programs."""
    found = Preview(unreadable=lost)
    new: list[tuple[Read, dict[str, Any], str]] = []
    changed: list[tuple[Read, Known]] = []
    mine = _entries(ctx, things)
    for kind, spec in SPECS.items():
        of_kind = [thing for thing in things if thing.master.kind == kind]
        if of_kind and not (is_shown(ctx.actor, kind) and decide(ctx.actor, spec.permission("create"))):
            denied = said(NotAllowed().message)
            lost += (Unreadable(thing.line, thing.master.values["title"], denied) for thing in of_kind)
            continue
        fresh = [thing for thing in of_kind if (kind, thing.master.uid) not in mine]
        emails = {address for thing in fresh for address in thing.master.emails}
        people = storing.people_at(ctx.actor, emails) if kind == "meeting" else {}
        cleaned = clean_rows(ctx, spec, [storing.raw_of(thing.master, people) for thing in fresh])
        for thing, (values, problems) in zip(fresh, cleaned, strict=True):
            if problems:
                lost.append(Unreadable(thing.line, thing.master.values["title"], why(Invalid(problems))))
            else:
                new.append((thing, values, storing.without(thing.master.extra, people)))
                found.new.append(thing.master)
        old = [(thing, mine[kind, thing.master.uid]) for thing in of_kind if (kind, thing.master.uid) in mine]
        known = gather(ctx.actor, spec, [entry for _, entry in old])
        for thing, entry in old:
            if storing.differs(known[entry.object_id], thing):
                changed.append((thing, known[entry.object_id]))
                found.changed.append(thing.master)
            else:
                found.same += 1
    lost.sort(key=lambda one: one.line)
    return found, new, changed


def _entries(ctx: Context, things: Sequence[Read]) -> Mapping[tuple[str, str], Entry]:
    uids = {thing.master.uid for thing in things}
    rows = Entry.objects.filter(user_id=ctx.actor.user_id, uid__in=uids)
    found: dict[tuple[str, str], Entry] = {}
    for kind, spec in SPECS.items():
        of_kind = {e.object_id: e for e in rows if e.object == kind}
        living = spec.rows.filter(id__in=of_kind, deleted_at__isnull=True).values_list("id", flat=True)
        found |= {(kind, of_kind[id].uid): of_kind[id] for id in living}
    return found


def _zones_of(block: str, zones: Mapping[str, str]) -> str:
    """The time zones that an event or task names."""
    names = {quoted or bare for quoted, bare in _NAMED.findall(_unfolded(block))}
    return "".join(zones[name] for name in sorted(names & zones.keys()))


def _unfolded(block: str) -> str:
    return block.replace("\r\n ", "").replace("\r\n\t", "")


def _blocks(text: str) -> tuple[list[tuple[int, str]], Mapping[str, str]]:
    """Each event and task of a file with the line it begins at, and by name the time zones that only the file knows."""
    found: list[tuple[int, str]] = []
    zones: dict[str, str] = {}
    known = available_timezones()
    lines: list[str] | None = None
    begins, zone = 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        word = line.strip().upper()
        if zone or word == "BEGIN:VTIMEZONE":
            zone += f"{line}\r\n"
            if word == "END:VTIMEZONE":
                name = re.search(r"^TZID[^:\r\n]*:(.*)$", _unfolded(zone), re.MULTILINE | re.IGNORECASE)
                if name is not None and name[1].strip() not in known:
                    zones.setdefault(name[1].strip(), zone)
                zone = ""
        elif word in _BEGINS:
            begins, lines = number, [line]
        elif lines is not None:
            lines.append(line)
            if word in _ENDS:
                found.append((begins, "".join(f"{one}\r\n" for one in lines)))
                lines = None
    if lines is not None:
        # What breaks off is told of, too.
        found.append((begins, "".join(f"{one}\r\n" for one in lines)))
    return found, zones


def _title_of(block: str) -> str:
    for line in block.splitlines():
        if line.upper().startswith("SUMMARY"):
            return line.partition(":")[2][:100]
    return ""


def why(error: PeyvandError) -> str:
    """What an error says, in the language that is active now."""
    problems = error.problems if isinstance(error, Invalid) else [error]
    return " ".join(said(problem.message) for problem in problems)
