from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from peyvand.platform.workspaces.models import WorkspaceForeignKey, WorkspaceModel, index_here, unique_here


class Notification(WorkspaceModel):
    """That somebody is told of a fact. What it says is read from the fact, in their language and by their rights."""

    user = WorkspaceForeignKey("identity.User", models.CASCADE)
    event_id = models.BigIntegerField()
    wire = models.CharField(max_length=100)
    object = models.CharField(max_length=40)
    object_id = models.BigIntegerField()
    made_at = models.DateTimeField(help_text="when it happened")
    # When their list showed it, and when they had done with it.
    seen_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "notification"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [unique_here("user", "event_id", name="notification_once")]
        indexes: ClassVar[list[Any]] = [
            index_here("user", "id", name="notification_of"),
            index_here("user", "id", name="notification_unread", condition=Q(read_at__isnull=True)),
            index_here("made_at", name="notification_old"),
        ]


class Posting(WorkspaceModel):
    """That a notification waits to leave by a channel; gone once it left."""

    notification = WorkspaceForeignKey(Notification, models.CASCADE)
    user = WorkspaceForeignKey("identity.User", models.CASCADE)
    channel = models.CharField(max_length=20)
    due_at = models.DateTimeField(help_text="not before: quiet hours end, or the next attempt")
    attempts = models.SmallIntegerField(default=0)

    class Meta:
        db_table = "notification_posting"
        base_manager_name = "everywhere"
        indexes: ClassVar[list[Any]] = [index_here("due_at", "id", name="notification_posting_due")]


class Preference(WorkspaceModel):
    """How somebody wants to be told; without a row, as kinds and this table say by default."""

    user = WorkspaceForeignKey("identity.User", models.CASCADE)
    # Channels by kind, where they differ from the kind's own.
    choices = models.JSONField(default=dict)
    quiet_from = models.TimeField(null=True)
    quiet_until = models.TimeField(null=True)
    phone = models.CharField(max_length=20, blank=True)
    # Whoever gave the phone has it in their hands: a code that came there was typed in. Nothing goes there before.
    phone_confirmed_at = models.DateTimeField(null=True)
    # Minutes before a task or meeting for which nothing else is said.
    reminders = ArrayField(models.IntegerField(), default=list)

    class Meta:
        db_table = "notification_preference"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [unique_here("user", name="notification_preference_of")]


class PhoneCode(WorkspaceModel):
    """That somebody asked for a code to a phone; it confirms that the phone is theirs."""

    user = WorkspaceForeignKey("identity.User", models.CASCADE)
    phone = models.CharField(max_length=20)
    # Sealed; empty before it leaves, and once it served.
    code = models.TextField(blank=True)
    asked_at = models.DateTimeField()
    tries = models.SmallIntegerField(default=0)
    # The gateway did not take it.
    is_lost = models.BooleanField(default=False)

    class Meta:
        db_table = "notification_phone_code"
        base_manager_name = "everywhere"
        indexes: ClassVar[list[Any]] = [index_here("asked_at", name="notification_phone_code_asked")]
