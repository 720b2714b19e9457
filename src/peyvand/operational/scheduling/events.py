"""Facts about what comes again, and about bookings."""

from __future__ import annotations

from peyvand.kernel.errors import Message, msg
from peyvand.platform.events.facts import Event, fact


@fact("scheduling.series_started.v1", label=msg("A repetition was set"), icon="refresh")
class SeriesStarted(Event):
    series_id: int = 0

    def describe(self) -> Message:
        return msg("made %(title)s come again and again", title=self.title)


@fact("scheduling.series_changed.v1", label=msg("A series was changed"), icon="refresh")
class SeriesChanged(Event):
    series_id: int = 0
    records: int = 0

    def describe(self) -> Message:
        return msg("changed the series of %(title)s", title=self.title)


@fact("scheduling.series_ended.v1", label=msg("A series was ended"), icon="xc")
class SeriesEnded(Event):
    series_id: int = 0

    def describe(self) -> Message:
        return msg("ended the series of %(title)s", title=self.title)


@fact("scheduling.booking_made.v1", label=msg("A time was booked"), icon="cal")
class BookingMade(Event):
    """``user_id`` is the host, ``time`` the moment that was chosen, in ISO format."""

    user_id: int | None = None
    time: str = ""

    def describe(self) -> Message:
        return msg("took the booking %(title)s", title=self.title)


@fact("scheduling.booking_moved.v1", label=msg("A booking was moved"), icon="clock")
class BookingMoved(Event):
    user_id: int | None = None
    time: str = ""

    def describe(self) -> Message:
        return msg("moved the booking %(title)s as its visitor asked", title=self.title)


@fact("scheduling.booking_called_off.v1", label=msg("A booking was called off"), icon="xc")
class BookingCalledOff(Event):
    user_id: int | None = None
    time: str = ""

    def describe(self) -> Message:
        return msg("called off the booking %(title)s as its visitor asked", title=self.title)


@fact("scheduling.nothing_follows.v1", label=msg("Nothing is to follow"), icon="xc")
class NothingFollows(Event):
    reason: str = ""

    def describe(self) -> Message:
        return msg("after “%(title)s” nothing is to follow: %(reason)s", title=self.title, reason=self.reason)
