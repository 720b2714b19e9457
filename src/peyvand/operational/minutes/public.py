"""What other slices may use of minutes."""

from peyvand.operational.minutes.actions import minute_meeting
from peyvand.operational.minutes.fields import Item
from peyvand.operational.minutes.models import ActionItem, Attendance, Minutes

__all__ = ["ActionItem", "Attendance", "Item", "Minutes", "minute_meeting"]
