"""Booking a time, moving it and calling it off. Nobody is booked twice: whoever wants a host's time waits for their name."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_urlsafe

from django.db.models import Count
from django.utils.crypto import salted_hmac

from peyvand.kernel import clock
from peyvand.kernel.errors import Conflict, RuleViolation, msg
from peyvand.operational.activities.public import MEETING, Meeting
from peyvand.operational.contacts.public import Asking, Known, find_or_make, named
from peyvand.operational.scheduling.events import BookingCalledOff, BookingMade, BookingMoved
from peyvand.operational.scheduling.free import free_times, hosts_of
from peyvand.operational.scheduling.models import Booking, BookingPage
from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import Context
from peyvand.platform.database.locks import hold
from peyvand.platform.fields.types import Ref
from peyvand.platform.objects.records import create_records, update_records
from peyvand.platform.objects.references import subjects_of

TAKEN = msg("Somebody else was quicker: this time is no longer free. Choose another.")


@dataclass(frozen=True)
class Visitor:
    """Who books, as they said it; phone and mail in the form that contact points keep."""

    name: str
    phone: str = ""
    email: str = ""
    answers: tuple[tuple[str, str], ...] = ()


def take(ctx: Context, page: BookingPage, at: datetime, visitor: Visitor, ticket: str = "") -> Booking:
    """Book a time. Who presses twice is known by the ``ticket`` of their form and has one booking; a name, a phone or a mail
    is no proof of who asks, and shows nobody a booking.

    Raises:
        Conflict: it is not free any more.
    """
    _hold(ctx, page)
    secret = _secret(page, at, ticket) if ticket else token_urlsafe(32)
    if known := Booking.objects.filter(page=page, secret=secret).select_related("meeting").first():
        return known  # type: ignore[no-any-return]
    person = _person(ctx, visitor)
    if Booking.objects.filter(
        page=page, person_id=person.id, meeting__starts_at=at, meeting__status="planned"
    ).exists():
        raise Conflict(TAKEN)
    values = {
        "title": f"{page.name} · {visitor.name}"[:300], "starts_at": at, "ends_at": at + timedelta(minutes=page.minutes),
        "place": page.place, "owner": _host(ctx, page, at), "about": Ref("person", person.id, ""), "person": person.id,
        "participants": ({"id": person.id, "name": person.name},), "status": "planned",
        "agenda": "\n".join(f"{question} {answer}" for question, answer in visitor.answers),
    }  # fmt: skip

    def make() -> Meeting:
        made: Meeting = create_records(ctx, MEETING, [values])[0]
        _tell(ctx, BookingMade, made)
        return made

    meeting = perform(ctx, "meeting.create", (), make)
    booking: Booking = Booking.objects.create(
        page=page, meeting=meeting, person_id=person.id, secret=secret, made_at=clock.now()
    )
    return booking


def _secret(page: BookingPage, at: datetime, ticket: str) -> str:
    """The address of the booking that a form makes: the same each time that form is sent, and nobody's guess."""
    made = salted_hmac("scheduling.booking", f"{page.id}:{at.isoformat()}:{ticket}", algorithm="sha256")
    return urlsafe_b64encode(made.digest()).decode().rstrip("=")


def move(ctx: Context, booking: Booking, at: datetime) -> None:
    """Move a booking to another free time of its host.

    Raises:
        Conflict: it is not free.
        RuleViolation: the meeting was called off or is over.
    """
    _hold(ctx, booking.page)
    meeting = booking.meeting
    meeting.refresh_from_db()
    check_open(meeting)
    day = at.astimezone(ctx.tenant.tz).date()
    free = free_times(ctx.tenant, booking.page, day, day + timedelta(days=1), without=meeting.id)
    if meeting.owner_id not in free.get(at, ()):
        raise Conflict(TAKEN)
    length = (meeting.ends_at or meeting.starts_at) - meeting.starts_at

    def change() -> None:
        update_records(ctx, MEETING, [meeting], [{"starts_at": at, "ends_at": at + length}])
        _tell(ctx, BookingMoved, meeting)

    perform(ctx, "meeting.update", [meeting], change)


def call_off(ctx: Context, booking: Booking) -> None:
    """Call a booking off.

    Raises:
        RuleViolation: it was called off or is over.
    """
    meeting = booking.meeting
    check_open(meeting)

    def change() -> None:
        update_records(ctx, MEETING, [meeting], [{"status": "cancelled"}])
        _tell(ctx, BookingCalledOff, meeting)

    perform(ctx, "meeting.update", [meeting], change)


def check_open(meeting: Meeting) -> None:
    """Refuse to touch what is over."""
    if meeting.status != "planned" or meeting.deleted_at is not None or meeting.starts_at <= clock.now():
        raise RuleViolation(msg("This appointment can no longer be changed."))


def _tell(ctx: Context, fact: type[BookingMade | BookingMoved | BookingCalledOff], meeting: Meeting) -> None:
    time = meeting.starts_at.isoformat()
    subjects = subjects_of(MEETING, [meeting])[0]
    ctx.record(fact(object=MEETING.key, object_id=meeting.id, title=meeting.title, subjects=subjects,
                    user_id=meeting.owner_id, time=time))  # fmt: skip


def _hold(ctx: Context, page: BookingPage) -> None:
    hold(ctx.tenant.id, *(f"scheduling.host:{id}" for id in hosts_of(page)))


def _person(ctx: Context, visitor: Visitor) -> Known:
    given, family = named(visitor.name)
    # A single word is what people are listed by.
    given, family = (given, family) if family else ("", given)
    phones, emails = ((point,) if point else () for point in (visitor.phone, visitor.email))
    [person] = find_or_make(ctx, [Asking(given, family, phones, emails)])
    return person


def _host(ctx: Context, page: BookingPage, at: datetime) -> int:
    """Of those who are free, whom this page booked least for the time to come."""
    day = at.astimezone(ctx.tenant.tz).date()
    free = free_times(ctx.tenant, page, day, day + timedelta(days=1)).get(at, [])
    if not free:
        raise Conflict(TAKEN)
    rows = Booking.objects.filter(
        page=page, meeting__status="planned", meeting__starts_at__gte=clock.now(), meeting__owner_id__in=free
    )
    counts = dict(rows.values_list("meeting__owner_id").annotate(n=Count("id")))
    return min(free, key=lambda id: (counts.get(id, 0), id))
