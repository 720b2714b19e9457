"""What other slices may use of minutes."""

from peyvand.operational.minutes.actions import minute_meeting, participants_of
from peyvand.operational.minutes.fields import Item
from peyvand.operational.minutes.models import ActionItem, Attendance, Minutes
from peyvand.operational.minutes.paper import SAYS, file_name, in_language, make

__all__ = [
    "SAYS", "ActionItem", "Attendance", "Item", "Minutes", "file_name", "in_language", "make", "minute_meeting", "participants_of",
]  # fmt: skip
