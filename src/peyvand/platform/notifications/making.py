"""Making notifications of facts: in sets, however many are told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final

from peyvand.kernel import clock
from peyvand.platform.access.rules import covered
from peyvand.platform.database.bulk import insert_rows, next_ids
from peyvand.platform.events.facts import Event
from peyvand.platform.events.reactions import Cause
from peyvand.platform.identity.actor import Actor, Tenant, actors_of
from peyvand.platform.live.notices import tell
from peyvand.platform.notifications.channels import channel_named
from peyvand.platform.notifications.kinds import Kind, kind_of
from peyvand.platform.notifications.models import Notification, Posting
from peyvand.platform.notifications.preferences import Wishes, wishes_of
from peyvand.platform.objects.spec import find_object
from peyvand.platform.objects.telling import may_hear

NEWS: Final = timedelta(days=7)
# What pages that show somebody's notifications follow: "bell:7".
BELL = "bell"
Place = tuple[int, str, int]


def make(cause: Cause, facts: Sequence[Event], told: Sequence[Iterable[int | None]]) -> int:
    """Tell users of facts, ``told`` naming those of each in order; return how many notifications that made. What happened
    long ago is no news."""
    now = clock.now()
    since = now - NEWS
    wanted = [
        (event_id, fact, user)
        for event_id, by, fact, users in zip(cause.event_ids, cause.users, facts, told, strict=True)
        for user in dict.fromkeys(users)
        if user is not None and user != by and (fact.at is None or fact.at >= since)
    ]
    actors = actors_of(cause.tenant.id, {user for _, _, user in wanted})
    places = {(user, fact.object, fact.object_id) for _, fact, user in wanted if user in actors}
    seen = in_sight(actors, places)
    chosen = [
        (event_id, fact, user)
        for event_id, fact, user in wanted
        if (user, fact.object, fact.object_id) in seen and may_hear(actors[user], fact.object, fact.wire)
    ]
    if not chosen:
        return 0
    ids = next_ids(Notification, len(chosen))
    insert_rows(
        Notification,
        ("id", "workspace_id", "user_id", "event_id", "wire", "object", "object_id", "made_at"),
        [
            (id, cause.tenant.id, user, event_id, fact.wire, fact.object, fact.object_id, fact.at or now)
            for id, (event_id, fact, user) in zip(ids, chosen, strict=True)
        ],
    )
    kinds = [(id, user, kind_of(fact.wire)) for id, (_, fact, user) in zip(ids, chosen, strict=True)]
    _post(cause.tenant, kinds, wishes_of({user for _, user, _ in kinds}))
    ring({user for _, _, user in chosen})
    return len(chosen)


def in_sight(actors: Mapping[int, Actor], places: Collection[Place]) -> set[Place]:
    """Those of (user, object, record) that the user sees. The records of a kind are read once for all; whose rights do
    not follow from who owns what, asks for theirs besides."""
    by_object: dict[str, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    for user, object_key, id in places:
        by_object[object_key][user].add(id)
    found: set[Place] = set()
    for object_key, asked in by_object.items():
        spec = find_object(object_key)
        if spec is None:
            continue
        rows = spec.rows.filter(id__in=set().union(*asked.values()))
        if spec.has_bin:
            rows = rows.filter(deleted_at__isnull=True)
        records = {row.pk: row for row in rows}
        for user, ids in asked.items():
            there = [records[id] for id in ids if id in records]
            found |= {(user, object_key, id) for id in covered(actors[user], spec.permission("view"), there)}
    return found


def ring(users: Collection[int]) -> None:
    """Have the open pages of these users look at their notifications again, once this is committed."""
    tell({BELL: sorted(users)})


def _post(tenant: Tenant, made: Sequence[tuple[int, int, Kind | None]], wishes: Mapping[int, Wishes]) -> None:
    """Have them leave by the channels that each person chose, once their quiet hours are over."""
    now = clock.now()
    rows = [
        (tenant.id, id, user, key, now if kind.urgent else wishes[user].open_at(now, tenant.tz), 0)
        for id, user, kind in made
        if kind is not None
        for key in wishes[user].channels(kind)
        if channel_named(key) is not None
    ]
    if rows:
        columns = ("workspace_id", "notification_id", "user_id", "channel", "due_at", "attempts")
        insert_rows(Posting, columns, rows)
