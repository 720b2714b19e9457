from __future__ import annotations

from django.db import models

from peyvand.platform.workspaces.models import WorkspaceModel, index_here


class DeadLetter(WorkspaceModel):
    """A job that failed for good, with what is needed to understand it and to run it again."""

    job_id = models.BigIntegerField()
    task = models.CharField(max_length=200)
    args = models.JSONField(default=dict)
    error = models.TextField()
    attempts = models.IntegerField(default=1)
    failed_at = models.DateTimeField()
    run_again_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "dead_letter"
        base_manager_name = "everywhere"
        indexes = [index_here("-failed_at", name="dead_letter_recent")]
