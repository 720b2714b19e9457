"""What somebody was told, as they may read it now: in their language, without what their role hides, and nothing of records
that went out of their sight."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import get_language

from peyvand.kernel import clock
from peyvand.kernel.persian.text import to_persian_digits
from peyvand.platform.database.compiled import Slot
from peyvand.platform.events.facts import rebuild
from peyvand.platform.events.models import EventRow
from peyvand.platform.fields.reader import Reader, drawn
from peyvand.platform.fields.types import Ref
from peyvand.platform.identity.actor import Actor, Tenant, by_itself, system_actor
from peyvand.platform.identity.models import User
from peyvand.platform.notifications.kinds import kind_of
from peyvand.platform.notifications.making import Place, in_sight, ring
from peyvand.platform.notifications.models import Notification
from peyvand.platform.objects.references import shown_title, titled
from peyvand.platform.objects.spec import find_object, object_named
from peyvand.platform.objects.telling import told_to
from peyvand.platform.workspaces.lookups import lookup

# The bell counts no further.
MOST_COUNTED: Final = 99
# From so many of a kind in a row, by one person within an hour, they are one line.
MANY: Final = 3
HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True)
class Said:
    """A line of somebody's notifications; ``ids`` are those it stands for."""

    ids: tuple[int, ...]
    wire: str
    object: str
    object_id: int
    title: str
    text: str
    icon: str
    who: str
    who_id: int | None
    at: datetime
    is_read: bool
    can_snooze: bool = False

    @property
    def count(self) -> int:
        return len(self.ids)

    @property
    def id(self) -> int:
        return self.ids[0]


def mine(actor: Actor) -> QuerySet[Any]:
    """The actor's own notifications; nobody reads another's, nor does who looks through their eyes."""
    if actor.is_preview:
        return Notification.objects.none()
    return Notification.objects.filter(user_id=actor.user_id)


def page(
    actor: Actor, *, unread: bool = False, wire: str = "", after: int = 0, limit: int = 30
) -> tuple[list[Said], int]:
    """Lines of the actor's notifications, newest first, and the place to go on from; 0 at the end."""
    rows = mine(actor).order_by("-id")
    if unread:
        rows = rows.filter(read_at__isnull=True)
    if wire:
        rows = rows.filter(wire=wire)
    if after:
        rows = rows.filter(id__lt=after)
    found = list(rows[: limit + 1])
    further = found[limit - 1].id if len(found) > limit else 0
    return say(actor, found[:limit]), further


def newest(actor: Actor, *, limit: int = 20) -> list[Said]:
    """What the bell's panel shows: unread ones first, each part newest first, many of a kind in one line."""
    unread = list(mine(actor).filter(read_at__isnull=True).order_by("-id")[: limit * 3])
    rest = mine(actor).filter(read_at__isnull=False).order_by("-id")
    found = say(actor, [*unread, *rest[: max(0, limit - len(unread))]])
    return together([line for line in found if not line.is_read])[:limit] + [
        line for line in found if line.is_read
    ]


def count_new(actor: Actor) -> int:
    """How many there are that the actor's list has not shown yet, of those they may see; MOST_COUNTED + 1 for more."""
    if actor.user_id is None or actor.is_preview:
        return 0
    places = _new_of(actor.user_id)
    if not places:
        return 0
    seen = in_sight({actor.user_id: actor}, {(actor.user_id, key, id) for key, id in places})
    return sum((actor.user_id, key, id) in seen for key, id in places)


@lookup("bigint")
def _new_of(user: Slot) -> QuerySet[Any]:
    """What they are about."""
    rows = Notification.objects.filter(user_id=user, read_at__isnull=True, seen_at__isnull=True)
    return rows.order_by("-id").values_list("object", "object_id")[: MOST_COUNTED + 1]


def say(actor: Actor, rows: Sequence[Notification]) -> list[Said]:
    """What notifications of one person say to them, in the language that is active; those out of sight are left out."""
    return _said(actor, rows, _known(actor.tenant, [(actor, rows)])) if actor.user_id is not None else []


def say_each(tenant: Tenant, asked: Sequence[tuple[Actor, Sequence[Notification]]]) -> list[list[Said]]:
    """What notifications say to each of several users, in the language of each; so many queries however many they are."""
    known: dict[str, _Known] = {}
    out = []
    for language in {actor.language for actor, _ in asked}:
        with translation.override(language):
            known[language] = _known(tenant, [pair for pair in asked if pair[0].language == language])
    for actor, rows in asked:
        with translation.override(actor.language):
            out.append(_said(actor, rows, known[actor.language]))
    return out


@dataclass(frozen=True)
class _Known:
    """What is read once for all whom something is said to in one language."""

    seen: set[Place]
    events: Mapping[int, EventRow]
    names: Mapping[int, str]
    titles: Mapping[tuple[str, int], Ref]


def _known(tenant: Tenant, asked: Sequence[tuple[Actor, Sequence[Notification]]]) -> _Known:
    actors = {actor.user_id: actor for actor, _ in asked if actor.user_id is not None}
    places = {
        (id, row.object, row.object_id) for id, (_, rows) in zip(actors, asked, strict=True) for row in rows
    }
    seen = in_sight(actors, places)
    events = EventRow.objects.in_bulk({row.event_id for _, rows in asked for row in rows})
    names = dict(User.objects.filter(id__in={e.actor_id for e in events.values()}).values_list("id", "name"))
    # Whoever sees a record may know what it is called: that is asked once for all who do.
    titles = titled(system_actor(tenant), {Ref(key, id, "") for _, key, id in seen})
    return _Known(seen, events, names, titles)


def _said(actor: Actor, rows: Sequence[Notification], known: _Known) -> list[Said]:
    t = actor.tenant
    reader = Reader(actor.language, t.timezone, t.currency, t.money_unit, t.slug)
    found = []
    for row in rows:
        event, kind = known.events.get(row.event_id), kind_of(row.wire)
        if event is None or kind is None or (actor.user_id, row.object, row.object_id) not in known.seen:
            continue
        told = told_to(actor, row.object, row.wire, event.data)
        ref = known.titles.get((row.object, row.object_id))
        title = shown_title(object_named(row.object), ref.title) if ref else ""
        fact = (
            rebuild(row.wire, row.object, row.object_id, event.at, {**told, "title": title})
            if told is not None
            else None
        )
        if fact is None:
            continue
        who = known.names.get(event.actor_id or 0) or by_itself()
        text = drawn(kind.says(fact, who, reader)) if kind.says else f"{who} {drawn(fact.describe())}"
        found.append(
            Said(
                (row.id,), row.wire, row.object, row.object_id, title, text, fact.icon, who, event.actor_id, row.made_at,
                row.read_at is not None, kind.snooze is not None,
            )
        )  # fmt: skip
    return found


def together(lines: Iterable[Said]) -> list[Said]:
    """The lines with many of a kind that follow one another, by one person within an hour, as one."""
    out: list[list[Said]] = []
    for line in lines:
        last = out[-1][0] if out else None
        if last and (last.wire, last.who_id) == (line.wire, line.who_id) and last.at - line.at <= HOUR:
            out[-1].append(line)
        else:
            out.append([line])
    return [one for group in out for one in ([_joined(group)] if _can_join(group) else group)]


def _can_join(group: Sequence[Said]) -> bool:
    kind = kind_of(group[0].wire)
    return len(group) >= MANY and kind is not None and bool(kind.many)


def _joined(group: Sequence[Said]) -> Said:
    first, kind = group[0], kind_of(group[0].wire)
    assert kind is not None
    text = str(kind.many) % {"count": len(group)}
    if (get_language() or "").startswith("fa"):
        text = to_persian_digits(text)
    ids = tuple(id for line in group for id in line.ids)
    return replace(
        first, ids=ids, text=text, title="", is_read=all(line.is_read for line in group), can_snooze=False
    )


def see_all(actor: Actor) -> None:
    """Say that the actor's list was shown: the bell counts anew."""
    rows = mine(actor).filter(read_at__isnull=True, seen_at__isnull=True)
    if actor.user_id is not None and rows.update(seen_at=clock.now()):
        ring({actor.user_id})


def mark_read(actor: Actor, ids: Collection[int] | None = None, *, read: bool = True) -> int:
    """Mark some of the actor's notifications as read, or all of them, or as unread again; return how many changed."""
    rows = mine(actor).filter(read_at__isnull=read)
    if ids is not None:
        rows = rows.filter(id__in=ids)
    now = clock.now()
    changed: int = rows.update(read_at=now if read else None, seen_at=now)
    if changed and actor.user_id is not None:
        ring({actor.user_id})
    return changed


def object_plural(object_key: str) -> str:
    """What the addresses of such records begin with."""
    spec = find_object(object_key)
    return spec.plural if spec else ""
