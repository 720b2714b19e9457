"""What other slices may use of scheduling."""

from peyvand.operational.scheduling.actions import repeat_meeting, repeat_task
from peyvand.operational.scheduling.booking import Visitor
from peyvand.operational.scheduling.booking import take as book
from peyvand.operational.scheduling.free import free_times
from peyvand.operational.scheduling.models import Booking, BookingPage, Occurrence, Series
from peyvand.operational.scheduling.objects import BOOKING_PAGE

__all__ = [
    "BOOKING_PAGE", "Booking", "BookingPage", "Occurrence", "Series", "Visitor", "book", "free_times", "repeat_meeting", "repeat_task",
]  # fmt: skip
