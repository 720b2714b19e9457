from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from peyvand.kernel import clock
from peyvand.platform.workspaces.models import WorkspaceForeignKey, WorkspaceModel, index_here, unique_here
from peyvand.platform.workspaces.records import Record


class Topic(Record):
    """What a text may be about: the list that a workspace keeps, and that people label texts by."""

    name = models.CharField(max_length=100)
    position = models.SmallIntegerField(default=0)

    class Meta(Record.Meta):
        db_table = "text_topic"
        constraints: ClassVar[list[Any]] = [
            *Record.Meta.constraints,
            unique_here("name", name="text_topic_name_here", condition=Q(deleted_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.name


class TextLabel(WorkspaceModel):
    """What somebody said of the text of a record: its mood or its topic. Of each kind there is one, the last word.

    ``said`` is what had been suggested: a label that agrees with it confirms it. The text itself stays in its record.
    """

    MOOD, TOPIC = "mood", "topic"

    object = models.CharField(max_length=40)
    object_id = models.BigIntegerField()
    kind = models.CharField(max_length=5)
    mood = models.CharField(max_length=10, blank=True)
    topic = WorkspaceForeignKey(Topic, models.CASCADE, null=True)
    said = models.CharField(max_length=20, blank=True)
    by = WorkspaceForeignKey("identity.User", models.SET_NULL, null=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "text_label"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [
            unique_here("object", "object_id", "kind", name="text_label_once")
        ]
        indexes: ClassVar[list[Any]] = [index_here("kind", "-id", name="text_label_newest")]
