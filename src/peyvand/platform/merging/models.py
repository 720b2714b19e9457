from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from peyvand.platform.workspaces.models import WorkspaceForeignKey, WorkspaceModel, index_here, unique_here


class Merge(WorkspaceModel):
    """That one record became part of another, and all that is needed to take them apart again."""

    names_records: ClassVar[tuple[str, ...]] = ("winner", "loser")

    object = models.CharField(max_length=40)
    winner = models.BigIntegerField()
    loser = models.BigIntegerField()
    winner_title = models.CharField(max_length=300, blank=True)
    loser_title = models.CharField(max_length=300, blank=True)
    # Columns of the winner and the loser that changed: {"winner": {column: [before, after]}, "loser": {…}}.
    changed = models.JSONField(default=dict)
    # Rows of the winner's compound fields before and after, by table.
    rows = models.JSONField(default=dict)
    by = WorkspaceForeignKey("identity.User", models.SET_NULL, null=True)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "merge"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [
            unique_here("object", "loser", name="merge_once", condition=Q(undone_at__isnull=True))
        ]
        indexes: ClassVar[list[Any]] = [index_here("object", "winner", "id", name="merge_into")]


class Moved(WorkspaceModel):
    """The rows of one table that a merge moved by one of its columns."""

    merge = WorkspaceForeignKey(Merge, models.CASCADE)
    # Key of what moved them (hanging.py), and what it needs to know again.
    way = models.CharField(max_length=10)
    table = models.CharField(max_length=63)
    column = models.CharField(max_length=100)
    ids = ArrayField(models.BigIntegerField())

    class Meta:
        db_table = "merge_moved"
        base_manager_name = "everywhere"
