"""What other slices may use of working time."""

from peyvand.operational.availability.actions import approve_absence, refuse_absence
from peyvand.operational.availability.fields import Spans, spans_of
from peyvand.operational.availability.models import APPROVED, Absence, Holiday, WorkingHours
from peyvand.operational.availability.objects import ABSENCE, HOLIDAY, WORKING_HOURS
from peyvand.operational.availability.reading import (
    add_working_time,
    approved,
    away,
    free_days,
    is_working,
    next_working,
    working_day,
    working_periods,
)

__all__ = [
    "ABSENCE", "APPROVED", "HOLIDAY", "WORKING_HOURS", "Absence", "Holiday", "Spans", "WorkingHours", "add_working_time", "approve_absence",
    "approved", "away",
    "free_days", "is_working", "next_working", "refuse_absence", "spans_of", "working_day", "working_periods",
]  # fmt: skip
