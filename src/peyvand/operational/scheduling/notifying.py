"""Who is told of bookings: whoever was booked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from peyvand.kernel.errors import Message, msg
from peyvand.kernel.persian.calendar import format_instant
from peyvand.operational.scheduling.events import BookingCalledOff, BookingMade, BookingMoved
from peyvand.platform.events.reactions import Cause
from peyvand.platform.fields.reader import Reader
from peyvand.platform.notifications.telling import Told, tells

GROUP = _("Bookings")


def _at(fact: BookingMade | BookingMoved | BookingCalledOff, reader: Reader) -> str:
    return format_instant(datetime.fromisoformat(fact.time), reader.tz, reader.language, "day")


def _made(fact: BookingMade, who: str, reader: Reader) -> Message:
    return msg("A time with you was booked: %(title)s, %(at)s", title=fact.title, at=_at(fact, reader))


def _moved(fact: BookingMoved, who: str, reader: Reader) -> Message:
    return msg("A booking was moved: %(title)s, now %(at)s", title=fact.title, at=_at(fact, reader))


def _called_off(fact: BookingCalledOff, who: str, reader: Reader) -> Message:
    return msg("A booking was called off: %(title)s, %(at)s", title=fact.title, at=_at(fact, reader))


@tells(BookingMade, label=_("Somebody books a time with me"), group=GROUP, says=_made)
def booked(cause: Cause, facts: Sequence[BookingMade]) -> Told:
    return [[fact.user_id] for fact in facts]


@tells(BookingMoved, label=_("A booking is moved"), group=GROUP, says=_moved)
def moved(cause: Cause, facts: Sequence[BookingMoved]) -> Told:
    return [[fact.user_id] for fact in facts]


@tells(BookingCalledOff, label=_("A booking is called off"), group=GROUP, says=_called_off, urgent=True)
def called_off(cause: Cause, facts: Sequence[BookingCalledOff]) -> Told:
    return [[fact.user_id] for fact in facts]
