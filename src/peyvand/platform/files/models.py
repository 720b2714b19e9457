from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from peyvand.platform.workspaces.models import WorkspaceForeignKey, WorkspaceModel, index_here, unique_here


class File(WorkspaceModel):
    """A file that hangs on a record. The bytes are found by their hash."""

    object = models.CharField(max_length=40)
    object_id = models.BigIntegerField()
    name = models.CharField(max_length=200)
    size = models.BigIntegerField(help_text="bytes")
    media_type = models.CharField(max_length=60, help_text="by the content, never by the name")
    sha256 = models.CharField(max_length=64)
    uploaded_by = WorkspaceForeignKey("identity.User", models.SET_NULL, null=True)
    uploaded_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "file"
        base_manager_name = "everywhere"
        indexes: ClassVar[list[Any]] = [
            index_here("object", "object_id", "-id", name="file_of", condition=Q(removed_at__isnull=True))
        ]

    def __str__(self) -> str:
        return self.name


class FileText(WorkspaceModel):
    """What a file says, as far as it could be read: empty where it has no text, ``problem`` where it could not."""

    file = WorkspaceForeignKey(File, models.CASCADE)
    text = models.TextField(blank=True)
    problem = models.CharField(max_length=20, blank=True)
    read_at = models.DateTimeField()

    class Meta:
        db_table = "file_text"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [unique_here("file", name="file_text_once")]
