from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from peyvand.platform.workspaces.models import WorkspaceForeignKey, WorkspaceModel, index_here, unique_here


class Pair(WorkspaceModel):
    """Two records that may be one, what speaks for it, and what somebody decided."""

    names_records: ClassVar[tuple[str, ...]] = ("one", "other")

    object = models.CharField(max_length=40)
    # The smaller id first, so that a pair is one row.
    one = models.BigIntegerField()
    other = models.BigIntegerField()
    score = models.IntegerField(help_text="how likely they are the same, in tenths of a percent")
    # [[comparison, sentence in English, bits], …], the weightiest first.
    evidence = models.JSONField(default=list)
    state = models.CharField(max_length=10, default="open", help_text="open, later, different or merged")
    search = models.BigIntegerField(help_text="the search that found it last")
    found_at = models.DateTimeField()
    decided_by = WorkspaceForeignKey("identity.User", models.SET_NULL, null=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "duplicate_pair"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [unique_here("object", "one", "other", name="duplicate_pair_once")]
        indexes: ClassVar[list[Any]] = [
            index_here(
                "object",
                "state",
                "-score",
                "id",
                name="duplicate_pair_queue",
                condition=Q(state__in=("open", "later")),
            ),
            index_here("object", "other", name="duplicate_pair_other"),
        ]


class Search(WorkspaceModel):
    """One search for duplicates among all records of an object: how far it is, and what it found."""

    object = models.CharField(max_length=40)
    state = models.CharField(max_length=10, default="waiting", help_text="waiting, running, done or failed")
    step = models.CharField(max_length=20, blank=True)
    percent = models.IntegerField(default=0)
    records = models.IntegerField(default=0)
    pairs = models.IntegerField(default=0)
    user = WorkspaceForeignKey("identity.User", models.SET_NULL, null=True)
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "duplicate_search"
        base_manager_name = "everywhere"
        indexes: ClassVar[list[Any]] = [index_here("object", "-id", name="duplicate_search_of")]


class Rules(WorkspaceModel):
    """How a workspace looks for duplicates of one object. Scores are in percent."""

    object = models.CharField(max_length=40)
    least = models.IntegerField(default=80, help_text="pairs below this are not shown")
    sure = models.IntegerField(default=99, help_text="pairs from here on may be merged all at once")
    is_nightly = models.BooleanField(default=True)
    # Whether somebody who types a record that a colleague has may be told so, without seeing it.
    tells_hidden = models.BooleanField(default=False)

    class Meta:
        db_table = "duplicate_rules"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [unique_here("object", name="duplicate_rules_of")]
