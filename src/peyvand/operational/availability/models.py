from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from peyvand.platform.workspaces.models import WorkspaceForeignKey, index_here
from peyvand.platform.workspaces.records import OwnedRecord, Record

APPROVED = "approved"


class WorkingHours(Record):
    """A week of work: everybody's, or one user's, always or between two days (Ramadan, a summer).

    A user's own go before everybody's; of several the one that began last holds. The days are kept as ``Spans`` writes
    them: "08:00-12:00, 13:00-17:00", empty where nobody works.
    """

    name = models.CharField(max_length=100)
    user = WorkspaceForeignKey("identity.User", models.CASCADE, null=True, blank=True)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    country = models.CharField(max_length=2, blank=True, help_text="whose public holidays are free")
    saturday = models.CharField(max_length=100, blank=True)
    sunday = models.CharField(max_length=100, blank=True)
    monday = models.CharField(max_length=100, blank=True)
    tuesday = models.CharField(max_length=100, blank=True)
    wednesday = models.CharField(max_length=100, blank=True)
    thursday = models.CharField(max_length=100, blank=True)
    friday = models.CharField(max_length=100, blank=True)

    class Meta(Record.Meta):
        db_table = "working_hours"
        constraints: ClassVar[list[Any]] = [
            *Record.Meta.constraints,
            models.CheckConstraint(
                name="working_hours_days",
                condition=Q(starts_on__isnull=True)
                | Q(ends_on__isnull=True)
                | Q(ends_on__gte=F("starts_on")),
            ),
        ]
        indexes: ClassVar[list[Any]] = [index_here("user", name="working_hours_of")]

    def __str__(self) -> str:
        return self.name


class Holiday(Record):
    """A day that differs from the country's holidays: free for everybody here, or worked though it is a holiday."""

    name = models.CharField(max_length=200)
    day = models.DateField()
    is_working = models.BooleanField(default=False)

    class Meta(Record.Meta):
        db_table = "holiday"
        indexes: ClassVar[list[Any]] = [index_here("day", name="holiday_by_day")]

    def __str__(self) -> str:
        return self.name


class Absence(OwnedRecord):
    """That a user is away on some days, or on those days for some hours. It counts once it is approved."""

    kind = models.CharField(max_length=10, default="leave")
    starts_on = models.DateField()
    ends_on = models.DateField()
    hours = models.CharField(max_length=100, blank=True, help_text="empty: the whole day")
    state = models.CharField(max_length=10, default="asked")
    deputy = WorkspaceForeignKey("identity.User", models.SET_NULL, null=True, blank=True)
    note = models.TextField(blank=True)
    # Who and when, in words: the title under which it stands in lists and on calendars.
    title = models.CharField(max_length=300, blank=True)
    decided_by = WorkspaceForeignKey("identity.User", models.SET_NULL, null=True)
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    # Whether the writing now under way leaves it to somebody to decide (hooks.py).
    asks: bool = False

    class Meta(OwnedRecord.Meta):
        db_table = "absence"
        constraints: ClassVar[list[Any]] = [
            *Record.Meta.constraints,
            models.CheckConstraint(name="absence_days", condition=Q(ends_on__gte=F("starts_on"))),
        ]
        indexes: ClassVar[list[Any]] = [
            *OwnedRecord.Meta.indexes,
            index_here("starts_on", "ends_on", name="absence_by_day"),
        ]

    def __str__(self) -> str:
        return self.title
