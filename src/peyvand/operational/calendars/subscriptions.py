"""Calendars elsewhere whose times count as taken: their addresses are read again and again; nothing is written there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from cryptography.fernet import InvalidToken
from django.utils.translation import gettext_lazy as _
from icalendar import Component

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, NotFound, RuleViolation, msg, msgid
from peyvand.operational.calendars import rules
from peyvand.operational.calendars.models import BusyTime, Subscription
from peyvand.operational.calendars.reading import Said, parts, said_by
from peyvand.operational.scheduling.public import Period, Taken, count_as_taken, show_as_taken
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import Actor, Tenant
from peyvand.platform.jobs.scoped import defer
from peyvand.platform.outgoing.judging import NotReached
from peyvand.platform.outgoing.posting import get
from peyvand.platform.sealing import seal, unseal
from peyvand.platform.workspaces.scope import workspace_scope

PURPOSE: Final = "calendars"
MOST_EACH: Final = 10
MOST_BYTES: Final = 5_000_000
# So much of a calendar elsewhere is kept: what is over matters to nobody, what is far off will be read again.
BACK, AHEAD = timedelta(days=1), timedelta(days=200)
MOST_TIMES, MOST_RULES = 5000, 1000
EVERY: Final = timedelta(minutes=30)
NO_CALENDAR: Final = msgid("what is there is no calendar")
WRONG_STATUS: Final = msgid("the answer was %(status)s")
TOO_LONG: Final = msgid("the calendar is too large")
SEALED: Final = msgid("its address cannot be read any more: add the calendar again")


@action(
    "meeting.subscribe_calendar",
    label=_("Count a calendar elsewhere as taken"),
    on="none",
    icon="globe",
    button=False,
)
def subscribe(ctx: Context, *, name: str, address: str) -> Subscription:
    """Have the times of a calendar elsewhere count as one's own; it is read in a moment, and again every half hour.

    Raises:
        Invalid: no address of the web. RuleViolation: there are as many as one may have.
    """
    address = address.strip()
    if address.lower().startswith("webcal://"):
        address = f"https://{address[9:]}"
    try:
        parts_of = urlsplit(address)
        is_good = parts_of.scheme in ("http", "https") and bool(parts_of.hostname) and parts_of.port != 0
    except ValueError:
        is_good = False
    if not is_good or len(address) > 2000 or any(c.isspace() or c < " " for c in address):
        raise Invalid.of(
            msg("This is no address of a calendar: it begins with https:// or webcal://."), "address"
        )
    mine = Subscription.objects.filter(user_id=ctx.actor.user_id)
    if mine.count() >= MOST_EACH:
        raise RuleViolation(msg("There are %(most)s calendars already, no more can be read.", most=MOST_EACH))
    made: Subscription = Subscription.objects.create(
        user_id=ctx.actor.user_id, name=name, address=seal(PURPOSE, address), made_at=clock.now()
    )
    read_soon(made.id)
    return made


@action(
    "meeting.unsubscribe_calendar", label=_("Count a calendar no more"), on="none", icon="xc", button=False
)
def unsubscribe(ctx: Context, subscription_id: int) -> None:
    """Read a calendar elsewhere no more; its times are free again."""
    rows = Subscription.objects.filter(id=subscription_id, user_id=ctx.actor.user_id)
    if not rows.exists():
        raise NotFound
    BusyTime.objects.filter(subscription_id=subscription_id).delete()
    rows.delete()


def read_soon(id: int) -> None:
    """Have a calendar read once this transaction is through; it is not queued twice."""
    defer("calendars.read_one", once=f"calendars.read_one:{id}", subscription_id=id)


def read(tenant: Tenant, subscription_id: int) -> None:
    """Read one calendar elsewhere. Nothing is held while the other side is waited for."""
    with workspace_scope(tenant.id):
        row = Subscription.objects.filter(id=subscription_id).first()
    if row is None:
        return
    problem, times = "", []
    try:
        times = taken_in(_fetched(unseal(PURPOSE, row.address)), tenant.tz)
    except NotReached as error:
        problem = str(error)[:300]
    except Invalid:
        problem = NO_CALENDAR
    except InvalidToken:
        problem = SEALED
    now = clock.now()
    with workspace_scope(tenant.id):
        # Gone meanwhile, or read by somebody else at this moment.
        held = Subscription.objects.filter(id=subscription_id).select_for_update(skip_locked=True).first()
        if held is None:
            return
        held.tried_at, held.problem = now, problem
        if not problem:
            held.read_at = now
            BusyTime.objects.filter(subscription=held).delete()
            BusyTime.objects.bulk_create(
                [BusyTime(subscription=held, title=t, starts_at=a, ends_at=b) for a, b, t in times],
                batch_size=1000,
            )
        held.save(update_fields=["tried_at", "problem", "read_at"])


def queue_due() -> None:
    """Have every calendar elsewhere read whose turn it is, one job each; one that fails keeps the times it had."""
    rows = Subscription.objects.filter(user__is_active=True, user__deleted_at__isnull=True)
    rows = rows.exclude(tried_at__gt=clock.now() - EVERY / 2).order_by("id")
    for id in rows.values_list("id", flat=True):
        read_soon(id)


def _fetched(address: str) -> bytes:
    reply = get(address, {"Accept": "text/calendar, text/plain;q=0.5"}, most=MOST_BYTES + 1)
    if not reply.is_good:
        raise NotReached(WRONG_STATUS % {"status": reply.status})
    body = reply.body.encode()
    if len(body) > MOST_BYTES:
        raise NotReached(TOO_LONG)
    return body


def taken_in(body: bytes, tz: ZoneInfo) -> list[tuple[datetime, datetime, str]]:
    """When somebody is taken by a calendar's events, in the time around now, with what each is called. What says that it
    leaves the time free, or was called off, does not count; what cannot be read is passed over.

    Raises:
        Invalid: it is no calendar.
    """
    low, high = clock.now() - BACK, clock.now() + AHEAD
    found: list[tuple[datetime, datetime, str]] = []
    events = [said for part in parts(body) if part.name == "VEVENT" for said in _read(part, tz)]
    moved: dict[str, set[date]] = defaultdict(set)
    counted = 0
    for said in events:
        if said.instead_of is not None:
            moved[said.uid].add(said.instead_of)
    for said in events:
        length = (said.values["ends_at"] or said.values["starts_at"]) - said.values["starts_at"]
        if said.values["status"] == "cancelled" or _is_free(said) or not timedelta() < length < AHEAD:
            continue
        counted += said.rule is not None
        if counted > MOST_RULES:
            break
        without = said.left_out | moved[said.uid] if said.instead_of is None else frozenset()
        for start in (said.values["starts_at"], *said.also_on, *_again(said, low, high, tz)):
            if start < high and start + length > low and start.astimezone(tz).date() not in without:
                found.append(
                    (start.astimezone(UTC), (start + length).astimezone(UTC), said.values["title"][:200])
                )
                if len(found) >= MOST_TIMES:
                    return found
    return found


def _read(part: Component, tz: ZoneInfo) -> Iterable[Said]:
    try:
        return [said_by(part, tz)]
    except Invalid:
        return []


def _again(said: Said, low: datetime, high: datetime, tz: ZoneInfo) -> list[datetime]:
    if said.rule is None or said.instead_of is not None:
        return []
    try:
        return rules.between(said.rule, said.values["starts_at"], low - timedelta(days=7), high)
    except (ValueError, TypeError, OverflowError):
        return []


def _is_free(said: Said) -> bool:
    return "TRANSP:TRANSPARENT" in said.extra.upper()


@count_as_taken
def taken_elsewhere(users: Sequence[int], low: datetime, high: datetime) -> Mapping[int, Sequence[Period]]:
    """When each of these users is taken by the calendars they named."""
    rows = BusyTime.objects.filter(
        subscription__user_id__in=list(users), starts_at__lt=high, ends_at__gt=low
    ).order_by("starts_at", "id")
    found: dict[int, list[Period]] = defaultdict(list)
    for user, start, end in rows.values_list("subscription__user_id", "starts_at", "ends_at"):
        found[user].append((start, end))
    return found


@show_as_taken
def drawn(actor: Actor, users: Sequence[int], low: datetime, high: datetime) -> list[Taken]:
    """The same times as the calendar shows them: what they are called is told to their owner alone."""
    rows = BusyTime.objects.filter(
        subscription__user_id__in=list(users), starts_at__lt=high, ends_at__gt=low
    ).order_by("starts_at", "id")
    found = rows.values_list("subscription__user_id", "starts_at", "ends_at", "title")
    return [
        Taken(user, start, end, title if user == actor.user_id else "")
        for user, start, end, title in found[:MOST_TIMES]
    ]
