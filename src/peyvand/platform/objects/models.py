from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from peyvand.platform.workspaces.models import WorkspaceForeignKey, WorkspaceModel, index_here, unique_here


class SavedView(WorkspaceModel):
    """A way of looking at one object's records that was worth a name: its filter, order and columns."""

    object = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, default="list", help_text="list, board, calendar or timeline")
    audience = models.CharField(max_length=10, default="private", help_text="private, team or everyone")
    owner = WorkspaceForeignKey("identity.User", models.CASCADE, null=True)
    # The JSON form of kernel.conditions; null shows everything.
    condition = models.JSONField(null=True)
    sort = models.CharField(max_length=200, blank=True)
    # [[field key, width in pixels or null], …]; empty: the object's own columns.
    columns = models.JSONField(default=list)
    # How it is laid out, as platform.objects.looks reads it: grouping, figures, pinned columns, density, dates.
    look = models.JSONField(default=dict)
    position = models.IntegerField(default=0)
    is_pinned = models.BooleanField(default=False, help_text="stands in the sidebar")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "saved_view"
        base_manager_name = "everywhere"
        indexes: ClassVar[list[Any]] = [index_here("object", "position", "id", name="saved_view_of")]

    # Key of the declaration that this view comes from; such a view is in no table and nobody's.
    standard = ""

    def __str__(self) -> str:
        return self.name

    @property
    def mark(self) -> str:
        """What names the view in an address."""
        return self.standard or str(self.id)


class ViewHabit(WorkspaceModel):
    """Which view of an object someone begins with: a person with the one they used last, a role with the one given to it."""

    object = models.CharField(max_length=40)
    user = WorkspaceForeignKey("identity.User", models.CASCADE, null=True)
    role = WorkspaceForeignKey("identity.Role", models.CASCADE, null=True)
    # The view's mark; empty for the list without a view.
    view = models.CharField(max_length=60, blank=True)
    # Marks of views in the order that this person wants them.
    order = models.JSONField(default=list)

    class Meta:
        db_table = "view_habit"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [
            unique_here("user", "object", name="view_habit_of_user"),
            unique_here("role", "object", name="view_habit_of_role"),
        ]


class BulkRun(WorkspaceModel):
    """One verb applied to many records: how far it is, and what was refused and why."""

    object = models.CharField(max_length=40)
    verb = models.CharField(max_length=60)
    # What the job needs to do it again: the verb's values, and the choice as ids or as a condition.
    order = models.JSONField(default=dict)
    state = models.CharField(max_length=10, default="waiting", help_text="waiting, running, done or stopped")
    total = models.IntegerField(default=0)
    done = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    # [{"reason": sentence in English, "params": …, "count": n}, …]
    reasons = models.JSONField(default=list)
    # The last id worked on: the next set begins behind it.
    position = models.BigIntegerField(default=0)
    user = WorkspaceForeignKey("identity.User", models.SET_NULL, null=True)
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "bulk_run"
        base_manager_name = "everywhere"
        indexes: ClassVar[list[Any]] = [index_here("user", "-id", name="bulk_run_of")]


class BulkRefusal(WorkspaceModel):
    """A record that a run left as it was, and why."""

    run = WorkspaceForeignKey("objects.BulkRun", models.CASCADE)
    record = models.BigIntegerField()
    # {"template": sentence in English, "params": …}
    reason = models.JSONField()

    class Meta:
        db_table = "bulk_refusal"
        base_manager_name = "everywhere"
        indexes: ClassVar[list[Any]] = [index_here("run", "id", name="bulk_refusal_of")]
