"""iCalendar: one meeting as a file, and somebody's days as a feed that other calendars read. One way: out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from secrets import token_urlsafe
from typing import Any, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from icalendar import Calendar, Event

from peyvand.kernel import clock
from peyvand.operational.scheduling.models import CalendarFeed
from peyvand.operational.scheduling.planning import Item, plan
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import Actor
from peyvand.platform.workspaces.addresses import full_address

BACK, AHEAD = timedelta(days=60), timedelta(days=365)
# A task, and a meeting without an end, fill so much of a day in calendars that know no moments.
USUAL: Final = timedelta(minutes=30)
_STATUS: Final = {"cancelled": "CANCELLED"}


@action("meeting.make_feed", label=_("New address of my calendar"), on="none", icon="globe", button=False)
def make_feed(ctx: Context) -> None:
    """Give one's calendar a secret address; an earlier one leads nowhere from now on."""
    values = {"secret": token_urlsafe(32), "made_at": clock.now()}
    CalendarFeed.objects.update_or_create(user_id=ctx.actor.user_id, defaults=values)


@action("meeting.drop_feed", label=_("Take the address back"), on="none", icon="xc", button=False)
def drop_feed(ctx: Context) -> None:
    """Take the address of one's calendar back: nobody reads it any more."""
    CalendarFeed.objects.filter(user_id=ctx.actor.user_id).delete()


def feed_of(actor: Actor) -> CalendarFeed | None:
    """The feed of whoever acts."""
    found: CalendarFeed | None = CalendarFeed.objects.filter(user_id=actor.user_id).first()
    return found


def written(actor: Actor) -> bytes:
    """What a user has in the time around now, as they may see it; what comes again as single events."""
    now = clock.now().astimezone(actor.tenant.tz)
    people = [actor.user_id] if actor.user_id else []
    days = plan(actor, people, (now - BACK).date(), (now + AHEAD).date()).days
    items = [item for day in sorted(days) for item in days[day]]
    return _calendar(actor.tenant.name, (_event(actor, item) for item in items))


def invitation(actor: Actor, meeting: Any, *, to_guest: str = "") -> bytes:
    """One meeting, to be taken into any calendar. ``to_guest`` is what a visitor knows it by: no address of ours is in it."""
    item = Item(
        "meeting", meeting.id, to_guest or meeting.title, meeting.starts_at, meeting.ends_at, meeting.owner_id,
        meeting.status, meeting.place,
    )  # fmt: skip
    event = _event(actor, item)
    event.add("sequence", meeting.version)
    if to_guest:
        event.pop("url", None)
    return _calendar(actor.tenant.name, [event])


def _calendar(name: str, events: Iterable[Event]) -> bytes:
    found = Calendar()
    found.add("prodid", "-//Peyvand//Peyvand//EN")
    found.add("version", "2.0")
    found.add("calscale", "GREGORIAN")
    found.add("method", "PUBLISH")
    found.add("x-wr-calname", name)
    for event in events:
        found.add_component(event)
    body: bytes = found.to_ical()
    return body


def _event(actor: Actor, item: Item) -> Event:
    """Moments are written in UTC, so that no calendar needs to know our zones."""
    event, start = Event(), item.starts_at.astimezone(UTC)
    unique = f"{item.kind}-{item.id}"
    if item.is_coming:
        unique += f"-{start:%Y%m%dT%H%M}"
    event.add("uid", f"{unique}@{actor.tenant.slug}.peyvand")
    event.add("dtstamp", clock.now())
    event.add("dtstart", start)
    event.add("dtend", _end(item, start))
    event.add(
        "summary",
        item.title if item.kind == "meeting" else gettext("Task: %(title)s") % {"title": item.title},
    )
    if item.place:
        event.add("location", item.place)
    if item.kind == "task":
        event.add("transp", "TRANSPARENT")
    event.add("status", _STATUS.get(item.status, "CONFIRMED"))
    if url := full_address(f"/w/{actor.tenant.slug}/{item.kind}s/{item.id}/"):
        event["url"] = url
    return event


def _end(item: Item, start: datetime) -> datetime:
    return item.ends_at.astimezone(UTC) if item.ends_at is not None else start + USUAL
