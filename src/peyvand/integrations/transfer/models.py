from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from peyvand.platform.workspaces.models import WorkspaceForeignKey, WorkspaceModel, index_here, unique_here


class ImportRun(WorkspaceModel):
    """One import: its files and how they are understood, how far it is, and what became of the rows."""

    state = models.CharField(
        max_length=10,
        default="draft",
        help_text="draft, waiting, running, stopping, stopped, checked, done, failed, undoing or undone",
    )
    dry_run = models.BooleanField(default=False)
    user = WorkspaceForeignKey("identity.User", models.SET_NULL, null=True)
    via = models.CharField(max_length=20, default="web")
    # Names of the files as they were called where they came from.
    names = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)
    # How many rows there are, or sets to undo, where that is known before the end; 0: not known.
    total = models.BigIntegerField(default=0)
    rows = models.BigIntegerField(default=0)
    created = models.IntegerField(default=0)
    updated = models.IntegerField(default=0)
    unchanged = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    # The report's JSON once it is done; the reason where it failed.
    report = models.JSONField(default=dict)
    # What became of it when it was undone: {"removed": n, "restored": n, "kept": n, "named": [{…}, …]}.
    undoing = models.JSONField(default=dict)
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "import_run"
        base_manager_name = "everywhere"
        indexes: ClassVar[list[Any]] = [index_here("-id", name="import_run_newest")]


class ImportChange(WorkspaceModel):
    """What one set of an import did to records of one kind, kept so that it can be undone."""

    run = WorkspaceForeignKey(ImportRun, models.CASCADE)
    object = models.CharField(max_length=40)
    kind = models.CharField(max_length=10, help_text="created or updated")
    ids = ArrayField(models.BigIntegerField())
    # Of each record the version that the import left behind: whoever changed it since raised it.
    versions = ArrayField(models.IntegerField(), default=list)
    # Rows as they were before, by table, as PostgreSQL writes them.
    images = models.JSONField(default=dict)
    at = models.DateTimeField(help_text="when its transaction began")

    class Meta:
        db_table = "import_change"
        base_manager_name = "everywhere"
        indexes: ClassVar[list[Any]] = [index_here("run", "id", name="import_change_of")]


class ImportMapping(WorkspaceModel):
    """What the columns of files with these heads mean, kept under a name and proposed when such a file comes again."""

    name = models.CharField(max_length=100)
    # A hash of the plain heads, whatever their order.
    heads = models.CharField(max_length=64)
    told = models.JSONField(default=dict)
    user = WorkspaceForeignKey("identity.User", models.SET_NULL, null=True)
    used_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "import_mapping"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [unique_here("name", name="import_mapping_name_here")]
        indexes: ClassVar[list[Any]] = [index_here("heads", name="import_mapping_heads")]


class ExportRun(WorkspaceModel):
    """A list being written into a file: which, how far it is, and where the file lies for some days."""

    object = models.CharField(max_length=40)
    # The list's address, which says filter, order and columns.
    query = models.TextField(blank=True)
    format = models.CharField(max_length=5, help_text="csv or xlsx")
    state = models.CharField(
        max_length=10, default="waiting", help_text="waiting, running, stopping, stopped, done or failed"
    )
    rows = models.IntegerField(default=0)
    total = models.IntegerField(default=0)
    user = WorkspaceForeignKey("identity.User", models.CASCADE, null=True)
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "export_run"
        base_manager_name = "everywhere"
        indexes: ClassVar[list[Any]] = [index_here("-id", name="export_run_newest")]
