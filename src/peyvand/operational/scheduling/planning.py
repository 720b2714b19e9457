"""What stands in somebody's days: their tasks and meetings, and what will come again, as one actor may see it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from peyvand.kernel import clock
from peyvand.kernel.conditions import parse
from peyvand.operational.scheduling.models import Occurrence, Series
from peyvand.operational.scheduling.series import KINDS, STARTS
from peyvand.platform.access.decisions import decide
from peyvand.platform.fields.types import Ref
from peyvand.platform.identity.actor import Actor
from peyvand.platform.objects.calendar import fetch_days
from peyvand.platform.objects.queries import ListQuery, Row, fetch_rows
from peyvand.platform.objects.spec import ObjectSpec

# Of one kind on one day, for each person.
MOST: Final = 40
MOST_SERIES: Final = 500
COLUMNS: Final = {
    "task": ("due_at", "owner", "status", "kind"),
    "meeting": ("starts_at", "ends_at", "owner", "status", "place"),
}


@dataclass(frozen=True)
class Item:
    """A task or meeting in a day. ``is_coming``: it will be made when its time comes; ``id`` is then the latest one's."""

    kind: str
    id: int
    title: str
    starts_at: datetime
    ends_at: datetime | None
    owner: int | None
    status: str
    place: str = ""
    is_coming: bool = False
    # Titles of what the same person has at that time too.
    clashes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What stands in each day by time, and of how much more there the screen says no more than that."""

    days: Mapping[date, list[Item]]
    more: Mapping[date, int]


def plan(
    actor: Actor, people: Collection[int], first: date, until: date, kinds: Collection[str] = tuple(KINDS)
) -> Plan:
    """What these people have on each day from ``first`` until before ``until``; cancelled things are left out."""
    days: dict[date, list[Item]] = defaultdict(list)
    more: dict[date, int] = defaultdict(int)
    if not people:
        return Plan(days, more)
    tz = actor.tenant.tz
    for kind, spec in KINDS.items():
        if kind not in kinds:
            continue
        if not decide(actor, spec.permission("view")) or STARTS[kind] in actor.grants.hides(kind):
            continue
        query = _query(actor, spec, people)
        found = fetch_days(query, spec.field(STARTS[kind]), first, until, MOST * len(people))
        for day, rows in found.items():
            days[day] += (_item(kind, row) for row in rows.rows)
            more[day] += max(0, rows.count - len(rows.rows))
    for item in coming(actor, people, first, until):
        if item.kind in kinds:
            days[item.starts_at.astimezone(tz).date()].append(item)
    marked = {
        day: _marked(sorted(items, key=lambda i: (i.starts_at, i.kind, i.id))) for day, items in days.items()
    }
    return Plan(marked, more)


def coming(actor: Actor, people: Collection[int], first: date, until: date) -> list[Item]:
    """What will come again in these days and has no record yet, where the actor sees the latest of its series."""
    rows = Series.objects.filter(owner_id__in=people, ended_at__isnull=True).order_by("id")
    series: list[Series] = list(rows[:MOST_SERIES])
    at = {s.id: s for s in series}
    latest: dict[str, dict[int, Series]] = {kind: {} for kind in KINDS}
    places = Occurrence.objects.filter(series_id__in=at).values_list("series_id", "object", "object_id", "on")
    for series_id, kind, object_id, on in places:
        if on == at[series_id].last_on:
            latest[kind][object_id] = at[series_id]
    low = max(first, clock.today(actor.tenant.tz))
    found: list[Item] = []
    for kind, spec in KINDS.items():
        if not latest[kind] or not decide(actor, spec.permission("view")):
            continue
        seen = visible_rows(actor, spec, latest[kind])
        for id, one in latest[kind].items():
            if id not in seen:
                continue
            length = timedelta(minutes=one.minutes) if one.minutes is not None else None
            place = seen[id].values.get("place") or ""
            for day in one.coming(low, until):
                start = one.moment(day, actor.tenant.tz)
                end = start + length if length is not None else None
                found.append(
                    Item(kind, id, seen[id].title, start, end, one.owner_id, "", place, is_coming=True)
                )
    return found


def visible_rows(actor: Actor, spec: ObjectSpec, ids: Iterable[int]) -> Mapping[int, Row]:
    """Those of these records that the actor sees."""
    query = ListQuery(spec, actor, COLUMNS[spec.key])
    return fetch_rows(query, list(query.rows().filter(id__in=list(ids)).values_list("id", flat=True)))


def _query(actor: Actor, spec: ObjectSpec, people: Collection[int]) -> ListQuery:
    raw = {"and": [
        {"field": "owner", "op": "in", "value": [str(id) for id in sorted(people)]},
        {"field": "status", "op": "is_not", "value": "cancelled"},
    ]}  # fmt: skip
    return ListQuery(spec, actor, COLUMNS[spec.key], parse(raw, spec.condition_schema))


def _item(kind: str, row: Row) -> Item:
    values = row.values
    owner = values.get("owner")
    return Item(
        kind, row.id, row.title, values[STARTS[kind]], values.get("ends_at"),
        owner.id if isinstance(owner, Ref) else None, values.get("status") or "", values.get("place") or "",
    )  # fmt: skip


def _marked(items: Sequence[Item]) -> list[Item]:
    """The items with what of the same person's falls together: meetings with an end that overlap."""
    meetings = [i for i in items if i.kind == "meeting" and i.ends_at is not None and i.owner is not None]
    clashes: dict[Item, list[str]] = defaultdict(list)
    for n, one in enumerate(meetings):
        for other in meetings[n + 1 :]:
            if one.ends_at is None or other.starts_at >= one.ends_at:
                break
            if other.owner == one.owner:
                clashes[one].append(other.title)
                clashes[other].append(one.title)
    return [replace(i, clashes=tuple(clashes[i])) if i in clashes else i for i in items]
