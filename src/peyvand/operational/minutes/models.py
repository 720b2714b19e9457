from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from peyvand.operational.activities.public import Meeting, Task
from peyvand.operational.contacts.public import Person
from peyvand.platform.workspaces.models import WorkspaceForeignKey, WorkspaceModel, index_here, unique_here


class Minutes(WorkspaceModel):
    """That minutes of a meeting were written, and what was decided. Its text is the meeting's ``outcome``."""

    meeting = WorkspaceForeignKey(Meeting, models.CASCADE)
    decisions = models.JSONField(default=list, help_text="texts, in their order")
    written_by = WorkspaceForeignKey("identity.User", models.SET_NULL, null=True)
    written_at = models.DateTimeField()

    class Meta:
        db_table = "minutes"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [unique_here("meeting", name="minutes_of_meeting")]


class Attendance(WorkspaceModel):
    """Whether somebody who was to take part in a meeting came."""

    meeting = WorkspaceForeignKey(Meeting, models.CASCADE)
    person = WorkspaceForeignKey(Person, models.CASCADE)
    is_present = models.BooleanField()

    class Meta:
        db_table = "meeting_attendance"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [unique_here("meeting", "person", name="attendance_once")]


class ActionItem(WorkspaceModel):
    """What is to be done after a meeting, and the task that stands for it."""

    meeting = WorkspaceForeignKey(Meeting, models.CASCADE)
    position = models.IntegerField()
    title = models.CharField(max_length=300)
    owner = WorkspaceForeignKey("identity.User", models.SET_NULL, null=True)
    due_on = models.DateField(null=True)
    task = WorkspaceForeignKey(Task, models.SET_NULL, null=True)

    class Meta:
        db_table = "action_item"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [unique_here("task", name="action_item_of_task")]
        indexes: ClassVar[list[Any]] = [index_here("meeting", "position", name="action_items_of_meeting")]
