from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from peyvand.operational.contacts.public import Company, Person
from peyvand.platform.fields.types import Ref
from peyvand.platform.workspaces.models import WorkspaceForeignKey, WorkspaceModel, index_here, unique_here
from peyvand.platform.workspaces.records import OwnedRecord


class Activity(OwnedRecord):
    """Something done, or to be done, about any record: a deal, a person, a company, whatever comes later."""

    id: int
    about_object = models.CharField(max_length=40, blank=True)
    about_id = models.BigIntegerField(null=True, blank=True)
    # Whom it concerns; taken from the record it is about unless somebody said otherwise.
    person = WorkspaceForeignKey(Person, models.SET_NULL, null=True, blank=True)
    company = WorkspaceForeignKey(Company, models.SET_NULL, null=True, blank=True)

    # What the values were before the writing now under way: filled by prepare, read by after (hooks.py).
    was: Mapping[str, Any] | None = None

    class Meta(OwnedRecord.Meta):
        abstract = True
        indexes: ClassVar[list[Any]] = [
            *OwnedRecord.Meta.indexes,
            index_here("about_object", "about_id", "id", name="%(class)s_about_here"),
        ]

    @property
    def about(self) -> Ref | None:
        """The record it is about, by object and id; its title is not known here."""
        return (
            Ref(self.about_object, self.about_id, "")
            if self.about_object and self.about_id is not None
            else None
        )

    @about.setter
    def about(self, value: Ref | None) -> None:
        self.about_object, self.about_id = (value.object, value.id) if value is not None else ("", None)


class Task(Activity):
    """Something to be done by its owner, by some time."""

    title = models.CharField(max_length=300)
    kind = models.CharField(max_length=20, default="todo")
    due_at = models.DateTimeField(null=True, blank=True)
    priority = models.CharField(max_length=10, default="normal")
    status = models.CharField(max_length=10, default="open")
    done_at = models.DateTimeField(null=True, blank=True)
    description = models.TextField(blank=True)
    reminders = models.JSONField(default=list, help_text="how long before; Reminder has the moments")

    class Meta(Activity.Meta):
        db_table = "task"
        indexes: ClassVar[list[Any]] = [
            *Activity.Meta.indexes,
            index_here(
                "owner",
                "due_at",
                "id",
                name="task_open_by_due",
                condition=Q(status="open", deleted_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def is_late(self, now: datetime) -> bool:
        return self.status == "open" and self.due_at is not None and self.due_at < now


class Note(Activity):
    """Something worth remembering. ``@[Name](user:5)`` in its text mentions a user."""

    # The beginning of the text, kept by the actions: what lists and search show.
    title = models.CharField(max_length=200, blank=True)
    text = models.TextField()
    is_pinned = models.BooleanField(default=False)

    class Meta(Activity.Meta):
        db_table = "note"

    def __str__(self) -> str:
        return self.title


class Meeting(Activity):
    """People together at a time and place."""

    title = models.CharField(max_length=300)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    place = models.CharField(max_length=300, blank=True)
    status = models.CharField(max_length=10, default="planned")
    agenda = models.TextField(blank=True)
    outcome = models.TextField(blank=True)
    reminders = models.JSONField(default=list, help_text="how long before; Reminder has the moments")

    class Meta(Activity.Meta):
        db_table = "meeting"
        indexes: ClassVar[list[Any]] = [
            *Activity.Meta.indexes,
            index_here("starts_at", "id", name="meeting_by_start"),
        ]

    def __str__(self) -> str:
        return self.title


class MeetingPerson(WorkspaceModel):
    """That a person takes part in a meeting."""

    meeting = WorkspaceForeignKey(Meeting, models.CASCADE)
    person = WorkspaceForeignKey(Person, models.CASCADE)

    class Meta:
        db_table = "meeting_person"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [unique_here("meeting", "person", name="meeting_person_once")]


class Call(Activity):
    """A telephone call that took place, logged by hand or by a telephone system."""

    # Who was called, kept by the actions where nothing else is given.
    title = models.CharField(max_length=300, blank=True)
    direction = models.CharField(max_length=3, default="out")
    phone = models.CharField(max_length=20, blank=True)
    started_at = models.DateTimeField()
    duration = models.IntegerField(null=True, blank=True, help_text="seconds")
    result = models.CharField(max_length=20, default="answered")
    notes = models.TextField(blank=True)

    class Meta(Activity.Meta):
        db_table = "call"
        indexes: ClassVar[list[Any]] = [
            *Activity.Meta.indexes,
            index_here("started_at", "id", name="call_by_start"),
        ]

    def __str__(self) -> str:
        return self.title


class Reminder(WorkspaceModel):
    """A moment at which somebody is reminded of a task or meeting. Those that the record's field asks for are its owner's
    and follow it; one's own stay whoever owns it."""

    FIELD, OWN, LATE = "field", "own", "late"

    object = models.CharField(max_length=20)
    object_id = models.BigIntegerField()
    user = WorkspaceForeignKey("identity.User", models.CASCADE)
    # "late": that its owner was told of an overdue task, which happens once.
    kind = models.CharField(max_length=5, default=FIELD)
    # Minutes before the record's time; none for a moment of its own.
    before = models.IntegerField(null=True)
    due_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "reminder"
        base_manager_name = "everywhere"
        indexes: ClassVar[list[Any]] = [
            index_here("due_at", "id", name="reminder_due", condition=Q(told_at__isnull=True)),
            index_here("object", "object_id", name="reminder_of_record"),
        ]
