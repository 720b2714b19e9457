from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from peyvand.platform.workspaces.models import WorkspaceForeignKey, WorkspaceModel, index_here, unique_here


class QualityScore(WorkspaceModel):
    """How good the records of one object were on one day. Shares are in tenths of a percent; null: not asked of it."""

    object = models.CharField(max_length=40)
    day = models.DateField()
    at = models.DateTimeField()
    records = models.IntegerField()
    score = models.IntegerField(null=True)
    complete = models.IntegerField(null=True)
    valid = models.IntegerField(null=True)
    fresh = models.IntegerField(null=True)
    unique = models.IntegerField(null=True)
    # From when on a record counted as fresh; null: not asked.
    since = models.DateTimeField(null=True)
    stale = models.IntegerField(default=0, help_text="records that nobody touched since then")
    alike = models.IntegerField(default=0, help_text="records that may be there twice")
    # {field key: {"of": n, "filled": n, "invalid": n, "shared": n}}
    fields = models.JSONField(default=dict)

    class Meta:
        db_table = "quality_score"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [unique_here("object", "day", name="quality_score_of_day")]


class QualityFinding(WorkspaceModel):
    """What is wrong with one record, as of the last reckoning of its object; all of an object's are written anew by it."""

    object = models.CharField(max_length=40)
    record = models.BigIntegerField()
    # Empty where the whole record is meant.
    field = models.CharField(max_length=40, blank=True)
    kind = models.CharField(max_length=10, help_text="invalid, shared or pair")

    class Meta:
        db_table = "quality_finding"
        base_manager_name = "everywhere"
        indexes: ClassVar[list[Any]] = [
            index_here("object", "kind", "field", "record", name="quality_finding_of")
        ]


class QualityRules(WorkspaceModel):
    """What a workspace asks of the records of one object."""

    object = models.CharField(max_length=40)
    months = models.IntegerField(
        null=True, help_text="fresh is what was touched within these; null: not asked"
    )
    # {field key: {"weight": 0–3 or null for left out, "is_key": bool}}; fields named nowhere have the usual.
    fields = models.JSONField(default=dict)

    class Meta:
        db_table = "quality_rules"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [unique_here("object", name="quality_rules_of")]


class QualityRun(WorkspaceModel):
    """One reckoning of all objects: how far it is."""

    state = models.CharField(max_length=10, default="waiting", help_text="waiting, running, done or failed")
    object = models.CharField(max_length=40, blank=True, help_text="the object it works on")
    percent = models.IntegerField(default=0)
    user = WorkspaceForeignKey("identity.User", models.SET_NULL, null=True)
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "quality_run"
        base_manager_name = "everywhere"
        indexes: ClassVar[list[Any]] = [index_here("-id", name="quality_run_newest")]
