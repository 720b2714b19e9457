from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from peyvand.platform.workspaces.models import index_here, unique_here
from peyvand.platform.workspaces.records import Record


class AnalysisChoice(Record):
    """What a workspace chose for one analysis: whether it runs, and by which figures. Its history says who changed what."""

    key = models.CharField(max_length=40)
    is_on = models.BooleanField(default=True)
    horizon_days = models.IntegerField(null=True, blank=True)
    margin = models.IntegerField(null=True, blank=True, help_text="percent of the revenue that is left")
    by_margin = models.BooleanField(
        default=False, help_text="whether offers are ranked by what they may leave too"
    )
    own_contacts = models.BooleanField(
        default=False, help_text="whether the workspace's own calls and meetings count as touches"
    )

    class Meta(Record.Meta):
        db_table = "analysis"
        constraints: ClassVar[list[Any]] = [
            *Record.Meta.constraints,
            unique_here("key", name="analysis_once", condition=Q(deleted_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.key


class ModelCard(Record):
    """One run of an analysis: of which day, on how many rows, how good it was, or why it gave no answer."""

    name = models.CharField(max_length=100, blank=True)
    analysis = models.CharField(max_length=40)
    number = models.IntegerField(help_text="its version, from 1 up")
    state = models.CharField(max_length=10, default="running")
    as_of = models.DateField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    rows = models.BigIntegerField(default=0)
    scored = models.BigIntegerField(default=0)
    written = models.BigIntegerField(default=0)
    changed = models.BigIntegerField(default=0)
    percent = models.SmallIntegerField(default=0)
    is_better = models.BooleanField(null=True, help_text="than its simple rule")
    # Why there is no answer: [template, params].
    refusal = models.JSONField(default=list)
    card = models.JSONField(default=dict)
    more = models.JSONField(default=dict)

    class Meta(Record.Meta):
        db_table = "model_card"
        constraints: ClassVar[list[Any]] = [
            *Record.Meta.constraints,
            unique_here("analysis", "number", name="model_card_once"),
        ]
        indexes: ClassVar[list[Any]] = [index_here("analysis", "state", "number", name="model_card_newest")]

    def __str__(self) -> str:
        return self.name
