"""Having notifications leave by their channels: one letter for all that a person is to be told at once."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils import translation

from peyvand.kernel import clock
from peyvand.platform.database.prepared import fetch
from peyvand.platform.identity.actor import Actor, Tenant, actors_of
from peyvand.platform.identity.models import User
from peyvand.platform.notifications.channels import Letter, Line, channel_named
from peyvand.platform.notifications.models import Notification, Posting
from peyvand.platform.notifications.preferences import wishes_of
from peyvand.platform.notifications.reading import Said, say_each, together
from peyvand.platform.workspaces.addresses import full_address
from peyvand.platform.workspaces.scope import workspace_scope

log = logging.getLogger(__name__)

SET: Final = 500
MOST_ATTEMPTS: Final = 6
# What was taken and neither left nor failed, because its worker died, is taken again after this long; each time later.
LEASE_MINUTES: Final = 5
_TAKE: Final = """
update notification_posting p set due_at = %s::timestamptz + make_interval(mins => %s::int * (p.attempts + 1)), attempts = p.attempts + 1
from (select id from notification_posting where workspace_id = %s::bigint and due_at <= %s::timestamptz
      order by due_at, id limit %s::int for update skip locked) due
where p.workspace_id = %s::bigint and p.id = due.id
returning p.id, p.notification_id, p.user_id, p.channel, p.attempts
"""


@dataclass(frozen=True)
class Parcel:
    """A letter on its way, with the postings that are done with once it left."""

    channel: str
    letter: Letter
    postings: tuple[int, ...]


def anything_due() -> bool:
    """Whether anything waits to leave in the open workspace."""
    return bool(Posting.objects.filter(due_at__lte=clock.now()).exists())


def post(tenant: Tenant) -> int:
    """Send all that is due; return how many letters left. No transaction waits for a channel: what is taken is put off
    first, and taken away once it left."""
    sent = 0
    while True:
        with workspace_scope(tenant.id):
            taken = _take(tenant)
            parcels = _pack(tenant, taken)
        for parcel in parcels:
            if _send(tenant, parcel):
                sent += 1
                # One by one: a worker that dies has at most one letter leave twice.
                with workspace_scope(tenant.id):
                    Posting.objects.filter(id__in=parcel.postings).delete()
        if len(taken) < SET:
            return sent


def _take(tenant: Tenant) -> list[tuple[Any, ...]]:
    now = clock.now()
    return fetch(_TAKE, [now, LEASE_MINUTES, tenant.id, now, SET, tenant.id])


def _pack(tenant: Tenant, taken: Sequence[tuple[Any, ...]]) -> list[Parcel]:
    """A letter for each person and channel. What was read meanwhile, went out of sight or was tried too often leaves no
    letter, and no posting."""
    rows = Notification.objects.in_bulk({notification for _, notification, _, _, _ in taken})
    waiting: dict[tuple[int, str], list[tuple[int, Notification]]] = defaultdict(list)
    dropped = []
    for posting, notification, user, channel, attempts in taken:
        row = rows.get(notification)
        if row is None or row.read_at is not None or attempts > MOST_ATTEMPTS:
            dropped.append(posting)
        else:
            waiting[user, channel].append((posting, row))
    users = {user for user, _ in waiting}
    actors, wishes = actors_of(tenant.id, users), wishes_of(users)
    mails = dict(User.objects.filter(id__in=users).values_list("id", "email"))
    theirs: dict[int, dict[int, Notification]] = defaultdict(dict)
    for (user, _), items in waiting.items():
        theirs[user] |= {row.id: row for _, row in items}
    # What each is told, by the notification; read once, also for who is told by two channels.
    asked = [(actor, sorted(theirs[id].values(), key=lambda row: -row.id)) for id, actor in actors.items()]
    said = {
        actor.user_id: {line.id: line for line in lines}
        for (actor, _), lines in zip(asked, say_each(tenant, asked), strict=True)
    }
    parcels = []
    for (user, key), items in waiting.items():
        postings = tuple(posting for posting, _ in items)
        channel, actor = channel_named(key), actors.get(user)
        wish = wishes[user]
        phone = wish.phone if wish.is_confirmed else ""
        address = "" if channel is None else mails.get(user, "") if channel.asks == "email" else phone
        wanted = {row.id for _, row in items}
        lines = [line for id, line in said.get(user, {}).items() if id in wanted]
        letter = _letter(tenant, actor, address, lines) if actor and address and lines else None
        if letter is None:
            dropped += postings
        else:
            parcels.append(Parcel(key, letter, postings))
    if dropped:
        Posting.objects.filter(id__in=dropped).delete()
    return parcels


def _letter(tenant: Tenant, actor: Actor, address: str, told: Sequence[Said]) -> Letter | None:
    if actor.user_id is None:
        return None
    with translation.override(actor.language):
        said = together(told)
    lines = tuple(Line(line.text, full_address(_path(tenant, line)) or "") for line in said)
    link = full_address(f"/w/{tenant.slug}/notifications/") or ""
    return Letter(actor.user_id, actor.name, address, actor.language, lines, link)


def _path(tenant: Tenant, line: Said) -> str:
    if line.count > 1:
        return f"/w/{tenant.slug}/notifications/"
    return f"/w/{tenant.slug}/notifications/{line.id}"


def _send(tenant: Tenant, parcel: Parcel) -> bool:
    channel = channel_named(parcel.channel)
    assert channel is not None
    try:
        with translation.override(parcel.letter.language):
            channel.send(tenant, parcel.letter)
    except Exception:
        # Whatever a channel's far side does, the letters of others leave; this one is tried again.
        log.exception("notifications by %s could not be sent", parcel.channel)
        return False
    return True
