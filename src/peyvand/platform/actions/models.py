from __future__ import annotations

from django.db import models

from peyvand.platform.workspaces.models import WorkspaceModel, unique_here


class IdempotencyKey(WorkspaceModel):
    """An answer that was given to a request carrying a key: the same request again gets it again, and changes nothing."""

    key = models.CharField(max_length=200)
    user_id = models.BigIntegerField()
    digest = models.CharField(
        max_length=64, help_text="of the request, so that a key is not used for two things"
    )
    status = models.SmallIntegerField()
    answer = models.JSONField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "idempotency_key"
        base_manager_name = "everywhere"
        constraints = [unique_here("user_id", "key", name="idempotency_key_once")]
