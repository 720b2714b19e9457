from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from peyvand.operational.activities.public import Activity
from peyvand.operational.consents.public import Purpose
from peyvand.operational.contacts.public import Person
from peyvand.platform.workspaces.models import WorkspaceForeignKey, index_here, unique_here
from peyvand.platform.workspaces.records import OwnedRecord, Record

MAIL, SMS, CALL, TASK, WAIT = "mail", "sms", "call", "task", "wait"
WRITTEN = (MAIL, SMS)
ACTIVE, PAUSED, FINISHED, STOPPED, FAILED = "active", "paused", "finished", "stopped", "failed"
GOING = (ACTIVE, PAUSED)
# What became of one step for one person.
SENT, DELIVERED, NOT_SENT, DONE, SKIPPED = "sent", "delivered", "failed", "done", "skipped"


class Sequence(Record):
    """Steps that follow each other in working time, for one person at a time, until they answer."""

    name = models.CharField(max_length=150)
    description = models.TextField(blank=True)
    is_active = models.BooleanField(default=False)
    # What its messages are sent for; empty: personal letters.
    purpose = WorkspaceForeignKey(Purpose, models.SET_NULL, null=True, blank=True)
    most_a_day = models.IntegerField(default=200, help_text="messages of one owner and kind")

    class Meta(Record.Meta):
        db_table = "sequence"

    def __str__(self) -> str:
        return self.name


class Step(Record):
    """One step: what is done, and how long after the step before it."""

    sequence = WorkspaceForeignKey(Sequence, models.CASCADE)
    position = models.SmallIntegerField(default=0)
    kind = models.CharField(max_length=10, default=MAIL)
    days = models.SmallIntegerField(default=0, help_text="working days after the step before")
    hours = models.SmallIntegerField(default=0, help_text="working hours beyond them")
    # Of a task or call: its title. Of mail and SMS: how the step is called here.
    name = models.CharField(max_length=150)
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    subject_b = models.CharField(max_length=300, blank=True)
    text_b = models.TextField(blank=True)
    share_b = models.SmallIntegerField(
        default=50, help_text="percent that get the second variant, where there is one"
    )

    class Meta(Record.Meta):
        db_table = "sequence_step"
        indexes: ClassVar[list[Any]] = [index_here("sequence", "position", "id", name="sequence_step_order")]

    def __str__(self) -> str:
        return self.name

    @property
    def has_two(self) -> bool:
        return self.kind in WRITTEN and bool(self.text_b) and self.share_b > 0


class Enrolment(Activity):
    """That a person goes through a sequence, for a lead, a deal or themselves."""

    person = WorkspaceForeignKey(Person, models.CASCADE, null=True, blank=True)
    sequence = WorkspaceForeignKey(Sequence, models.CASCADE)
    # The sequence's name: what lists show.
    title = models.CharField(max_length=150, blank=True)
    state = models.CharField(max_length=10, default=ACTIVE)
    # A key of reasons.py.
    reason = models.CharField(max_length=20, blank=True)
    # Why a step could not be taken, in words.
    problem = models.CharField(max_length=300, blank=True)
    # The step that comes next; where it went away, ``place`` still says where it stood.
    step = WorkspaceForeignKey(Step, models.SET_NULL, null=True, blank=True)
    place = models.SmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    # In whose name its steps are written while they are the owner: whoever put the person in, or took it over since. In
    # place of another owner, who never asked for it, stands whoever put the person in.
    sender = WorkspaceForeignKey(
        "identity.User", models.SET_NULL, null=True, editable=False, related_name="+"
    )

    class Meta(Activity.Meta):
        db_table = "enrolment"
        constraints: ClassVar[list[Any]] = [
            *Activity.Meta.constraints,
            unique_here("sequence", "person", name="enrolment_once", condition=Q(state__in=GOING)),
        ]
        indexes: ClassVar[list[Any]] = [
            *Activity.Meta.indexes,
            index_here("next_at", "id", name="enrolment_due", condition=Q(state=ACTIVE)),
            index_here("person", "state", name="enrolment_of_person"),
            index_here("sequence", "state", "id", name="enrolment_of_sequence"),
        ]

    def __str__(self) -> str:
        return self.title


class StepRun(OwnedRecord):
    """That a step was taken for somebody, what it made, and what came of it. Once for each: that is what makes steps happen
    exactly once."""

    enrolment = WorkspaceForeignKey(Enrolment, models.CASCADE)
    sequence = WorkspaceForeignKey(Sequence, models.CASCADE)
    step = WorkspaceForeignKey(Step, models.CASCADE)
    person = WorkspaceForeignKey(Person, models.CASCADE, null=True)
    title = models.CharField(max_length=150, blank=True)
    kind = models.CharField(max_length=10)
    variant = models.CharField(max_length=1, blank=True, help_text="a or b; empty where there is one text")
    state = models.CharField(max_length=10)
    at = models.DateTimeField()
    # What it made: a message, a task.
    made_object = models.CharField(max_length=40, blank=True)
    made_id = models.BigIntegerField(null=True)
    is_replied = models.BooleanField(default=False)
    is_booked = models.BooleanField(default=False)
    is_stopped = models.BooleanField(
        default=False, help_text="it was the last one before the sequence was stopped"
    )

    class Meta(OwnedRecord.Meta):
        db_table = "sequence_run"
        constraints: ClassVar[list[Any]] = [
            *OwnedRecord.Meta.constraints,
            unique_here("enrolment", "step", name="sequence_run_once"),
        ]
        indexes: ClassVar[list[Any]] = [
            *OwnedRecord.Meta.indexes,
            index_here("step", "variant", name="sequence_run_of_step"),
            index_here("made_object", "made_id", name="sequence_run_made"),
            index_here("person", "-id", name="sequence_run_of_person"),
        ]

    def __str__(self) -> str:
        return self.title
