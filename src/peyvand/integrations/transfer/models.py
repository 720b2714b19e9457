from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from peyvand.platform.workspaces.models import WorkspaceForeignKey, WorkspaceModel, index_here


class ImportRun(WorkspaceModel):
    """One import: its files and how they are understood, how far it is, and what became of the rows."""

    state = models.CharField(
        max_length=10, default="draft", help_text="draft, waiting, running, checked, done or failed"
    )
    dry_run = models.BooleanField(default=False)
    user = WorkspaceForeignKey("identity.User", models.SET_NULL, null=True)
    via = models.CharField(max_length=20, default="web")
    # Names of the files as they were called where they came from.
    names = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)
    rows = models.IntegerField(default=0)
    created = models.IntegerField(default=0)
    updated = models.IntegerField(default=0)
    unchanged = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    # The report's JSON once it is done; the reason where it failed.
    report = models.JSONField(default=dict)
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "import_run"
        base_manager_name = "everywhere"
        indexes: ClassVar[list[Any]] = [index_here("-id", name="import_run_newest")]
