from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from peyvand.platform.workspaces.models import WorkspaceModel


class Change(WorkspaceModel):
    """That records of a kind changed by one statement and the warehouse does not know it yet. Written by triggers (watching.py)."""

    unit = models.CharField(max_length=40)
    ids = ArrayField(models.BigIntegerField())

    class Meta:
        db_table = "warehouse_change"
        base_manager_name = "everywhere"
