from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from peyvand.platform.workspaces.models import index_here
from peyvand.platform.workspaces.records import OwnedRecord


class Report(OwnedRecord):
    """A question to the warehouse that somebody keeps, and with whom it is shared."""

    name = models.CharField(max_length=100)
    question = models.JSONField(default=dict)
    audience = models.CharField(max_length=10, default="private")
    # On the dashboard of everybody who sees it.
    is_pinned = models.BooleanField(default=False)

    class Meta(OwnedRecord.Meta):
        db_table = "report"
        constraints: ClassVar[list[Any]] = [*OwnedRecord.Meta.constraints]
        indexes: ClassVar[list[Any]] = [
            *OwnedRecord.Meta.indexes,
            index_here("audience", "id", name="report_shared"),
        ]

    def __str__(self) -> str:
        return self.name
