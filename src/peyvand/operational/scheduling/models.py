from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Q

from peyvand.kernel import recurrence
from peyvand.operational.activities.public import Meeting
from peyvand.operational.contacts.public import Person
from peyvand.platform.workspaces.models import WorkspaceForeignKey, WorkspaceModel, index_here, unique_here
from peyvand.platform.workspaces.records import OwnedRecord


class Series(WorkspaceModel):
    """A task or meeting that comes again. One of its records is ahead at a time; the next is made once that one is done or
    its time has come."""

    kind = models.CharField(max_length=20, help_text="task or meeting")
    rule = models.JSONField(help_text="kernel/recurrence.Rule")
    starts_on = models.DateField(help_text="the day the rule counts from")
    at = models.TimeField(help_text="on the clocks of the workspace")
    minutes = models.IntegerField(null=True, help_text="how long each lasts")
    # What each record begins with, by field key, as programs send it.
    pattern = models.JSONField(default=dict)
    owner = WorkspaceForeignKey("identity.User", models.SET_NULL, null=True)
    last_on = models.DateField(help_text="the latest day that has its record")
    due_at = models.DateTimeField(help_text="when that day's time comes, and with it the next record")
    ended_at = models.DateTimeField(null=True)
    # Days, as ISO dates, on which it does not come though the rule says so.
    left_out = models.JSONField(default=list)

    class Meta:
        db_table = "series"
        base_manager_name = "everywhere"
        indexes: ClassVar[list[Any]] = [
            index_here("due_at", "id", name="series_due", condition=Q(ended_at__isnull=True))
        ]

    @property
    def repeats(self) -> recurrence.Rule:
        return recurrence.read(self.rule)

    def moment(self, day: date, tz: ZoneInfo) -> datetime:
        """When it comes on a day."""
        return datetime.combine(day, self.at, tz)

    def coming(self, low: date, until: date) -> list[date]:
        """The days from ``low`` until before ``until`` that have no record yet."""
        if self.ended_at is not None:
            return []
        without = self.days_left_out
        found = recurrence.between(self.repeats, self.starts_on, low, until)
        return [day for day in found if day > self.last_on and day not in without]

    @property
    def days_left_out(self) -> frozenset[date]:
        return frozenset(map(date.fromisoformat, self.left_out))

    def next_after(self, after: date) -> date | None:
        """The first day after a day on which it comes; None where it has ended."""
        without = self.days_left_out
        days = recurrence.days(self.repeats, self.starts_on)
        return next((day for day in days if day > after and day not in without), None)


class Occurrence(WorkspaceModel):
    """That a record is the one of this day of a series."""

    series = WorkspaceForeignKey(Series, models.CASCADE)
    object = models.CharField(max_length=20)
    object_id = models.BigIntegerField()
    on = models.DateField()

    class Meta:
        db_table = "series_occurrence"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [
            unique_here("series", "on", name="series_occurrence_once"),
            unique_here("object", "object_id", name="series_occurrence_of_record"),
        ]


class CalendarFeed(WorkspaceModel):
    """The secret address at which somebody's other calendars read what they have to do; without a row there is none."""

    user = WorkspaceForeignKey("identity.User", models.CASCADE)
    secret = models.CharField(max_length=43)
    made_at = models.DateTimeField()

    class Meta:
        db_table = "calendar_feed"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [
            unique_here("user", name="calendar_feed_of"),
            unique_here("secret", name="calendar_feed_secret"),
        ]


class BookingPage(OwnedRecord):
    """A page on which strangers choose a time with its owner, or with whoever of a team is free."""

    name = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200, blank=True)
    intro = models.TextField(blank=True)
    team = WorkspaceForeignKey("identity.Team", models.SET_NULL, null=True, blank=True)
    minutes = models.IntegerField(default=30)
    before = models.IntegerField(default=0)
    after = models.IntegerField(default=10)
    notice_hours = models.IntegerField(default=4)
    days_ahead = models.IntegerField(default=30)
    per_day = models.IntegerField(null=True, blank=True)
    place = models.CharField(max_length=300, blank=True)
    questions = models.TextField(blank=True)
    language = models.CharField(max_length=10, default="visitor")
    is_active = models.BooleanField(default=True)
    secret = models.CharField(max_length=43, editable=False)

    class Meta(OwnedRecord.Meta):
        db_table = "booking_page"
        constraints: ClassVar[list[Any]] = [
            *OwnedRecord.Meta.constraints,
            unique_here("secret", name="booking_page_secret"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def asked(self) -> list[str]:
        """The questions beyond name, phone and mail."""
        return [line.strip()[:200] for line in self.questions.splitlines() if line.strip()][:5]


class Booking(WorkspaceModel):
    """That a person chose the time of a meeting by a page. When it is, and whether it holds, the meeting says."""

    page = WorkspaceForeignKey(BookingPage, models.CASCADE)
    meeting = WorkspaceForeignKey(Meeting, models.CASCADE)
    person = WorkspaceForeignKey(Person, models.CASCADE)
    secret = models.CharField(max_length=43)
    made_at = models.DateTimeField()

    class Meta:
        db_table = "booking"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [
            unique_here("secret", name="booking_secret"),
            unique_here("meeting", name="booking_of_meeting"),
        ]
        indexes: ClassVar[list[Any]] = [index_here("page", "id", name="booking_of_page")]
