from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from peyvand.platform.workspaces.models import index_here
from peyvand.platform.workspaces.records import OwnedRecord


class Report(OwnedRecord):
    """A question to the warehouse that somebody keeps, with whom it is shared and where it stands on their dashboards."""

    name = models.CharField(max_length=100)
    question = models.JSONField(default=dict)
    audience = models.CharField(max_length=10, default="private")
    # On the dashboard of everybody who sees it.
    is_pinned = models.BooleanField(default=False)
    # How often it is sent, and to whom: addresses of colleagues who see it.
    sent_every = models.CharField(max_length=10, blank=True, default="")
    last_sent_at = models.DateTimeField(null=True, editable=False)

    class Meta(OwnedRecord.Meta):
        db_table = "report"
        constraints: ClassVar[list[Any]] = [*OwnedRecord.Meta.constraints]
        indexes: ClassVar[list[Any]] = [
            *OwnedRecord.Meta.indexes,
            index_here("audience", "id", name="report_shared"),
        ]

    def __str__(self) -> str:
        return self.name
