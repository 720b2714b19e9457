"""A user's calendar as devices see it: which tasks and meetings stand in it, in which state, and in which order it changed.

Nothing tells of every change that matters here (a new owner, another role, a series that goes on). So the calendar is compared with
what was last seen of it, whenever somebody looks: whatever differs takes the next position. A transaction that commits late
is found at the next look, and no device can miss anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Container, Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from secrets import token_hex
from typing import Any, Final

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from peyvand.kernel import clock
from peyvand.kernel.errors import NotFound
from peyvand.operational.activities.public import MEETING, TASK
from peyvand.operational.calendars.models import Entry
from peyvand.operational.calendars.writing import series_of
from peyvand.operational.scheduling.public import Series
from peyvand.platform.access.decisions import decide
from peyvand.platform.database.locks import hold
from peyvand.platform.identity.actor import Actor
from peyvand.platform.objects.queries import ListQuery
from peyvand.platform.objects.spec import ObjectSpec

SPECS: Final[dict[str, ObjectSpec]] = {"meeting": MEETING, "task": TASK}
# What is over so long is left out of devices; open tasks never are.
MEETINGS_BACK, TASKS_BACK = timedelta(days=731), timedelta(days=90)
MOST: Final = 10_000
# So long a device may stay away and still be told what changed; one that comes later reads everything anew.
KEPT: Final = timedelta(days=180)
# The names that we give.
_OURS: Final = re.compile(r"(?:meeting|task)-\d{1,18}(?:-[0-9a-f]{8})?\.ics")


@dataclass(frozen=True)
class Calendar:
    """The living entries of a calendar by name, what has gone, and the position it is at."""

    spec: ObjectSpec
    entries: dict[str, Entry]
    gone: list[Entry]
    position: int


def is_shown(actor: Actor, kind: str) -> bool:
    """Whether the actor has such a calendar: they see such records and when they are."""
    spec = SPECS[kind]
    return bool(decide(actor, spec.permission("view"))) and not actor.grants.hides(kind) & {
        "starts_at",
        "due_at",
        "title",
    }


def rows_of(actor: Actor, kind: str) -> QuerySet[Any]:
    """The records that stand in the actor's own calendar."""
    spec, now = SPECS[kind], clock.now()
    rows = ListQuery(spec, actor, ()).rows().filter(owner_id=actor.user_id)
    if kind == "meeting":
        return rows.filter(starts_at__gte=now - MEETINGS_BACK)
    return rows.filter(Q(status="open") | Q(updated_at__gte=now - TASKS_BACK))


def look(actor: Actor, kind: str) -> Calendar:
    """The actor's calendar as it is now; what differs from the last look is noted. Who looks at the same calendar waits."""
    mine = _held(actor, kind)
    versions = dict(rows_of(actor, kind).order_by("-id").values_list("id", "version")[:MOST])
    known = {e.object_id: e for e in mine}
    taken = {word for e in known.values() for word in (e.name, e.uid)}
    for id in sorted(versions.keys() - known.keys()):
        known[id] = entry_of(actor, kind, id, taken)
    _note(actor, kind, known, versions, lambda: max(e.position for e in known.values()))
    position = max((e.position for e in known.values()), default=0)
    living = {e.name: e for e in known.values() if e.gone_at is None}
    return Calendar(SPECS[kind], living, [e for e in known.values() if e.gone_at is not None], position)


def look_at(actor: Actor, kind: str, names: Collection[str]) -> dict[str, Entry]:
    """Those of these names that stand in the actor's calendar now. Where devices know them already, the rest is not read."""
    mine = _held(actor, kind)
    known = {e.object_id: e for e in mine.filter(name__in=names)}
    if any(name not in {e.name for e in known.values()} and _OURS.fullmatch(name) for name in names):
        # A name of ours that nobody was told yet: there may be a record for it.
        entries = look(actor, kind).entries
        return {name: entries[name] for name in names if name in entries}
    if known:
        versions = dict(rows_of(actor, kind).filter(id__in=known).values_list("id", "version"))
        _note(actor, kind, known, versions, lambda: mine.aggregate(n=Max("position"))["n"])
    return {e.name: e for e in known.values() if e.gone_at is None}


def holds_uid(actor: Actor, kind: str, uid: str) -> bool:
    """Whether something in the actor's calendar has this UID now."""
    names = list(_held(actor, kind).filter(uid=uid).values_list("name", flat=True))
    return bool(look_at(actor, kind, names)) if names else False


def sweep() -> int:
    """Forget what left a calendar so long ago that no device comes back with a token from before; return how many. The last
    of each calendar stays: positions are never given twice."""
    later = Entry.objects.filter(
        user_id=OuterRef("user_id"), object=OuterRef("object"), position__gt=OuterRef("position")
    )
    gone = Entry.objects.filter(gone_at__lt=clock.now() - KEPT - timedelta(days=7)).filter(Exists(later))
    return gone.delete()[0]


def _held(actor: Actor, kind: str) -> QuerySet[Entry]:
    """The entries of the actor's calendar, which nobody else looks at until the transaction ends."""
    if not is_shown(actor, kind) or actor.user_id is None:
        raise NotFound
    hold(actor.workspace_id, f"calendars:{actor.user_id}:{kind}")
    return Entry.objects.filter(user_id=actor.user_id, object=kind)


def _note(
    actor: Actor, kind: str, known: Mapping[int, Entry], versions: Mapping[int, int], last: Callable[[], int]
) -> None:
    """Note what of these entries, by record, differs from the records' versions as they are now; ``last`` finds the position
    that the calendar is at."""
    series = series_of(SPECS[kind], versions, actor.user_id)
    changed: list[Entry] = []
    for id in sorted(versions):
        entry = known[id]
        mark = _mark(versions[id], series.get(id), entry.extra)
        if entry.mark != mark or entry.gone_at is not None:
            entry.mark, entry.gone_at = mark, None
            changed.append(entry)
    for id, entry in known.items():
        if id not in versions and entry.gone_at is None:
            entry.gone_at = clock.now()
            changed.append(entry)
    if not changed:
        return
    for position, entry in enumerate(changed, last() + 1):
        entry.position = position
    new, old = [e for e in changed if not e.pk], [e for e in changed if e.pk]
    Entry.objects.bulk_create(new, batch_size=1000)
    Entry.objects.bulk_update(old, ["mark", "position", "gone_at"], batch_size=1000)


def entry_of(actor: Actor, kind: str, id: int, taken: Container[str]) -> Entry:
    """An entry for a record that no program named; some may have used the names that we would give."""
    name = f"{kind}-{id}"
    if f"{name}.ics" in taken or f"{name}@{actor.tenant.slug}.peyvand" in taken:
        name += f"-{token_hex(4)}"
    assert actor.user_id is not None  # whoever has a calendar is a user
    return Entry(
        user_id=actor.user_id,
        object=kind,
        object_id=id,
        name=f"{name}.ics",
        uid=f"{name}@{actor.tenant.slug}.peyvand",
    )


def _mark(version: int, series: Series | None, extra: str) -> str:
    """The state of an entry in a word. It need not be fast to guess, only differ."""
    told = (
        []
        if series is None
        else [series.rule, series.starts_on, series.last_on, series.at, series.minutes, series.left_out]
    )
    return f"{version}-{sha256(f'{told}{extra}'.encode()).hexdigest()[:12]}"
