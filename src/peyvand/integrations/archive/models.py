from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from peyvand.platform.workspaces.models import WorkspaceForeignKey, WorkspaceModel, index_here

AT_WORK = ("waiting", "running")


class ArchiveRun(WorkspaceModel):
    """The whole workspace being written into a file: how far it is, and where the file lies for some days."""

    state = models.CharField(max_length=10, default="waiting", help_text="waiting, running, done or failed")
    rows = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    size = models.BigIntegerField(default=0, help_text="bytes")
    user = WorkspaceForeignKey("identity.User", models.SET_NULL, null=True)
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "archive_run"
        base_manager_name = "everywhere"
        indexes: ClassVar[list[Any]] = [index_here("-id", name="archive_run_newest")]
