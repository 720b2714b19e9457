from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from peyvand.collaborative.sequences.public import Sequence
from peyvand.operational.activities.public import Activity
from peyvand.platform.workspaces.models import WorkspaceForeignKey, index_here, unique_here
from peyvand.platform.workspaces.records import Record

DRAFT, ACTIVE, PAUSED = "draft", "active", "paused"
# Instead of an event: whatever meets the condition is looked for once an hour.
HOURLY = "hourly"
TASK, NOTIFY, GIVE, SET, ENROL = "task", "notify", "give", "set", "enrol"
OWNER, MANAGER, USER, RULES = "owner", "manager", "user", "rules"
TREATED, HELD_OUT = "treated", "held_out"
DONE, PARTLY, REFUSED, LEFT = "done", "partly", "refused", "left"


class Automation(Record):
    """When something happens to a record that meets a condition, its steps are taken; some are left alone, to compare."""

    name = models.CharField(max_length=150)
    state = models.CharField(max_length=10, default=DRAFT)
    object = models.CharField(max_length=40)
    event = models.CharField(max_length=100, help_text="wire name of a fact, or hourly")
    # Of "a record was changed": the field that must have changed, "deal.amount".
    changed = models.CharField(max_length=100, blank=True)
    # Of an insight's change: which insight, "person.churn_level", and whether it rose or fell.
    insight = models.CharField(max_length=100, blank=True)
    direction = models.CharField(max_length=10, blank=True)
    # The JSON text of kernel.conditions; empty: every record.
    condition = models.TextField(blank=True)
    quiet_days = models.SmallIntegerField(default=30, help_text="at most once per record in so many days")
    held_out = models.SmallIntegerField(default=0, help_text="percent of the records that are left alone")
    outcome = models.TextField(blank=True, help_text="a condition that is to hold in the end")
    outcome_event = models.CharField(max_length=100, blank=True, help_text="or a fact that is to come")
    outcome_days = models.SmallIntegerField(default=30)
    least_effect = models.SmallIntegerField(default=10, help_text="percent points worth knowing")

    class Meta(Record.Meta):
        db_table = "automation"

    def __str__(self) -> str:
        return self.name

    @property
    def is_measured(self) -> bool:
        return bool(self.outcome or self.outcome_event)


class AutomationStep(Record):
    """One thing that an automation does."""

    automation = WorkspaceForeignKey(Automation, models.CASCADE)
    position = models.SmallIntegerField(default=0)
    kind = models.CharField(max_length=10, default=TASK)
    title = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    days = models.SmallIntegerField(default=1, help_text="working days")
    hours = models.SmallIntegerField(default=0, help_text="working hours beyond them")
    priority = models.CharField(max_length=10, default="normal")
    whom = models.CharField(max_length=10, default=OWNER)
    user = WorkspaceForeignKey("identity.User", models.SET_NULL, null=True, blank=True)
    sequence = WorkspaceForeignKey(Sequence, models.SET_NULL, null=True, blank=True)
    field = models.CharField(max_length=100, blank=True, help_text="object.field")
    value = models.TextField(blank=True)

    class Meta(Record.Meta):
        db_table = "automation_step"
        indexes: ClassVar[list[Any]] = [
            index_here("automation", "position", "id", name="automation_step_order")
        ]

    def __str__(self) -> str:
        return str(self.id)


class AutomationRun(Activity):
    """That an automation came to a record: what it did, or that the record is one of those left alone; and the outcome."""

    automation = WorkspaceForeignKey(Automation, models.CASCADE)
    # The automation's name: what lists show.
    title = models.CharField(max_length=150, blank=True)
    event_id = models.BigIntegerField(null=True, help_text="empty where it was looked for by the hour")
    # What people read of the event: its reasons.
    reason = models.TextField(blank=True)
    # The words of the event, by which texts are filled in when it is run again.
    words = models.JSONField(default=dict)
    group = models.CharField(max_length=10, default=TREATED)
    state = models.CharField(max_length=10, default=DONE)
    at = models.DateTimeField()
    # What was done and what was refused, in the workspace's language.
    result = models.TextField(blank=True)
    problem = models.TextField(blank=True)
    # Ids of the steps that were taken: running again takes the others.
    taken = models.JSONField(default=list)
    # Whether the outcome came; empty where nobody knows yet, or none was asked for.
    came = models.BooleanField(null=True)
    came_at = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True, help_text="so long the outcome is waited for")

    class Meta(Activity.Meta):
        db_table = "automation_run"
        constraints: ClassVar[list[Any]] = [
            *Activity.Meta.constraints,
            unique_here("automation", "event_id", "about_id", name="automation_run_once"),
        ]
        indexes: ClassVar[list[Any]] = [
            *Activity.Meta.indexes,
            index_here("automation", "about_id", "id", name="automation_run_of_record"),
            index_here("event_id", "automation", name="automation_run_of_event"),
            index_here(
                "automation", "until", name="automation_run_awaited", condition=Q(came=None, until__isnull=False)
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title
