"""What other slices may use of scheduling."""

from peyvand.operational.scheduling.actions import (
    carry_over_meeting,
    carry_over_task,
    end_meetings,
    end_tasks,
    leave_meeting_out,
    leave_task_out,
    repeat_meeting,
    repeat_task,
)
from peyvand.operational.scheduling.booking import Visitor
from peyvand.operational.scheduling.booking import take as book
from peyvand.operational.scheduling.elsewhere import Taken, show_as_taken
from peyvand.operational.scheduling.free import Period, count_as_taken, free_times
from peyvand.operational.scheduling.models import Booking, BookingPage, Occurrence, Series
from peyvand.operational.scheduling.objects import BOOKING_PAGE
from peyvand.operational.scheduling.series import carry_on

__all__ = [
    "BOOKING_PAGE", "Booking", "BookingPage", "Occurrence", "Period", "Series", "Taken", "Visitor", "book", "carry_on",
    "carry_over_meeting", "carry_over_task", "count_as_taken", "end_meetings", "end_tasks", "free_times",
    "leave_meeting_out", "leave_task_out", "repeat_meeting", "repeat_task", "show_as_taken",
]  # fmt: skip
