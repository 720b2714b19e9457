from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from peyvand.platform.workspaces.models import WorkspaceForeignKey, WorkspaceModel, index_here, unique_here


class CalendarPassword(WorkspaceModel):
    """A password that a user made for one device, for the calendar alone. Only its SHA-256 is kept."""

    user = WorkspaceForeignKey("identity.User", models.CASCADE)
    name = models.CharField(max_length=100)
    secret_hash = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    last_used_by = models.CharField(max_length=120, blank=True, help_text="how the program called itself")
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "calendar_password"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [unique_here("secret_hash", name="calendar_password_secret")]
        indexes: ClassVar[list[Any]] = [index_here("user", "id", name="calendar_password_of")]


class Entry(WorkspaceModel):
    """A task or meeting as it stands in a user's calendar elsewhere: under which name and UID, and in which state it was
    last seen there. One that left the calendar stays a while as gone, so that every device hears of it."""

    user = WorkspaceForeignKey("identity.User", models.CASCADE)
    object = models.CharField(max_length=20, help_text="task or meeting")
    object_id = models.BigIntegerField()
    name = models.CharField(max_length=255, help_text="the last part of its address")
    uid = models.CharField(max_length=255)
    # What programs wrote that the product does not know, as an iCalendar component; it is given back to them.
    extra = models.TextField(blank=True)
    mark = models.CharField(max_length=40, blank=True, help_text="of the state at this position: its ETag")
    position = models.BigIntegerField(default=0, help_text="in the order in which this calendar changed")
    gone_at = models.DateTimeField(null=True, help_text="when it was first seen to have left the calendar")

    class Meta:
        db_table = "calendar_entry"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [
            unique_here("user", "object", "object_id", name="calendar_entry_of_record"),
            unique_here("user", "object", "name", name="calendar_entry_name"),
            unique_here("user", "object", "uid", name="calendar_entry_uid"),
        ]
        indexes: ClassVar[list[Any]] = [
            index_here("gone_at", name="calendar_entry_gone", condition=Q(gone_at__isnull=False))
        ]


class Subscription(WorkspaceModel):
    """A calendar elsewhere whose times count as taken for a user: its address is read again and again."""

    user = WorkspaceForeignKey("identity.User", models.CASCADE)
    name = models.CharField(max_length=100)
    address = models.TextField(help_text="sealed: who has it reads the calendar")
    made_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, help_text="when it was last read well")
    tried_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=300, blank=True, help_text="why the last try failed")

    class Meta:
        db_table = "calendar_subscription"
        base_manager_name = "everywhere"
        indexes: ClassVar[list[Any]] = [index_here("user", "id", name="calendar_subscription_of")]


class BusyTime(WorkspaceModel):
    """A time that is taken in a calendar elsewhere."""

    subscription = WorkspaceForeignKey(Subscription, models.CASCADE)
    title = models.CharField(max_length=200, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        db_table = "calendar_busy_time"
        base_manager_name = "everywhere"
        indexes: ClassVar[list[Any]] = [
            index_here("subscription", "starts_at", name="calendar_busy_time_by_start")
        ]


class CalendarImport(WorkspaceModel):
    """A calendar file that a user has taken over: how far it is, what became of its parts, what undoing it came to."""

    user = WorkspaceForeignKey("identity.User", models.CASCADE)
    name = models.CharField(max_length=200, help_text="of the file")
    body = models.TextField(blank=True, help_text="the file itself, until it is taken over")
    state = models.CharField(
        max_length=10, default="waiting", help_text="waiting, running, done, failed, undoing or undone"
    )
    # Parts of the file, or changes to undo: how many there are, and how many of them are done.
    total = models.IntegerField(default=0)
    done = models.IntegerField(default=0)
    # By word: new, changed, same, refused; removed, restored, kept.
    counts = models.JSONField(default=dict)
    # What was refused, or stays as it is: [{"line": n, "title": "…", "reason": "…"}, …].
    told = models.JSONField(default=list)
    audit_id = models.BigIntegerField(null=True, help_text="of the one line for all that is under way")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "calendar_import"
        base_manager_name = "everywhere"
        indexes: ClassVar[list[Any]] = [index_here("user", "-id", name="calendar_import_of")]


class CalendarImportChange(WorkspaceModel):
    """What taking a file over did to one task or meeting, kept so that it can be undone."""

    run = WorkspaceForeignKey(CalendarImport, models.CASCADE)
    object = models.CharField(max_length=20, help_text="task or meeting")
    object_id = models.BigIntegerField()
    version = models.IntegerField(help_text="as it was left: whoever changed it since raised it")
    before = models.TextField(blank=True, help_text="how it stood before, as iCalendar; empty: it is new")

    class Meta:
        db_table = "calendar_import_change"
        base_manager_name = "everywhere"
        indexes: ClassVar[list[Any]] = [index_here("run", "id", name="calendar_import_change_of")]
