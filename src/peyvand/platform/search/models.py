from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F

from peyvand.platform.workspaces.models import WorkspaceModel, index_here

LEAD = 60


class SearchEntry(WorkspaceModel):
    """What of one record is findable: its folded words in ``text``, and the beginning of its title in ``lead``."""

    pk = models.CompositePrimaryKey("workspace_id", "object", "object_id")
    object = models.CharField(max_length=40)
    object_id = models.BigIntegerField()
    title = models.CharField(max_length=300)
    subtitle = models.CharField(max_length=300, blank=True)
    lead = models.CharField(max_length=LEAD, db_collation="C")
    text = models.TextField(db_collation="C")
    owner_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "search_entry"
        base_manager_name = "everywhere"
        indexes: ClassVar[list[Any]] = [
            GinIndex(F("workspace_id"), OpClass(F("text"), name="gin_trgm_ops"), name="search_entry_text"),
            index_here("lead", name="search_entry_lead"),
        ]
