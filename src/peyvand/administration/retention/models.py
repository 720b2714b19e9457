from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from peyvand.platform.workspaces.models import WorkspaceForeignKey, WorkspaceModel, index_here, unique_here


class RetentionRule(WorkspaceModel):
    """How long records of one object are kept, and what becomes of them then. Off until somebody saw what it does and switched it on."""

    name = models.CharField(max_length=120)
    object = models.CharField(max_length=40)
    # The JSON form of kernel.conditions; null: every record.
    condition = models.JSONField(null=True)
    since = models.CharField(max_length=60, help_text="untouched, spoken, or the key of a date")
    months = models.IntegerField()
    deed = models.CharField(max_length=10, help_text="bin, delete or erase")
    is_on = models.BooleanField(default=False)
    switched_by = WorkspaceForeignKey("identity.User", models.SET_NULL, null=True)
    switched_at = models.DateTimeField(null=True)
    seen = models.CharField(
        max_length=16, default="", help_text="the mark of the rule as its trial showed it (rules.mark_of)"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "retention_rule"
        base_manager_name = "everywhere"

    def __str__(self) -> str:
        return self.name


class RetentionRun(WorkspaceModel):
    """One night of a rule: how far it is, how many records went, and why some were left."""

    rule = WorkspaceForeignKey(RetentionRule, models.CASCADE)
    state = models.CharField(
        max_length=10, default="waiting", help_text="waiting, running, done, stopped or failed"
    )
    done = models.IntegerField(default=0)
    left = models.IntegerField(default=0)
    # Whether more records were due than one night may take.
    has_more = models.BooleanField(default=False)
    # [{"template": sentence in English, "params": …, "count": n}, …]
    reasons = models.JSONField(default=list)
    # The last id worked on: the next set begins behind it.
    position = models.BigIntegerField(default=0)
    audit_id = models.BigIntegerField(help_text="the one line of audit that stands for all of it")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "retention_run"
        base_manager_name = "everywhere"
        indexes: ClassVar[list[Any]] = [index_here("rule", "-id", name="retention_run_of")]


class RetentionHold(WorkspaceModel):
    """That no rule may touch a record, whatever it says, and why: a lawsuit, an audit, a promise."""

    object = models.CharField(max_length=40)
    object_id = models.BigIntegerField()
    reason = models.CharField(max_length=300)
    user = WorkspaceForeignKey("identity.User", models.SET_NULL, null=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "retention_hold"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [unique_here("object", "object_id", name="retention_hold_of")]
