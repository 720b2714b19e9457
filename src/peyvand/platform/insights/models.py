from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from peyvand.platform.workspaces.models import WorkspaceModel, index_here, unique_here

NUMBERS = tuple(f"number{n}" for n in range(1, 9))
TEXTS = ("text1", "text2", "text3")
DAYS = ("day1", "day2")
SLOTS = (*NUMBERS, *TEXTS, *DAYS)


class InsightRow(WorkspaceModel):
    """What one analysis concluded about one record: up to thirteen values, each in the slot that its field names.

    A row is written only when something in it changes, so that a nightly run over a million customers writes what is
    new. Of which day and model all of an analysis' rows are, its InsightRun says.
    """

    analysis = models.CharField(max_length=40)
    object = models.CharField(max_length=40)
    object_id = models.BigIntegerField()
    number1 = models.BigIntegerField(null=True)
    number2 = models.BigIntegerField(null=True)
    number3 = models.BigIntegerField(null=True)
    number4 = models.BigIntegerField(null=True)
    number5 = models.BigIntegerField(null=True)
    number6 = models.BigIntegerField(null=True)
    number7 = models.BigIntegerField(null=True)
    number8 = models.BigIntegerField(null=True)
    text1 = models.CharField(max_length=100, null=True)
    text2 = models.CharField(max_length=100, null=True)
    text3 = models.CharField(max_length=100, null=True)
    day1 = models.DateField(null=True)
    day2 = models.DateField(null=True)
    # By key of the insight: {"low": …, "high": …, "reasons": [[text, params, effect], …]} (telling.py).
    told = models.JSONField(default=dict)
    # Since when the row says this.
    since = models.DateTimeField()

    class Meta:
        db_table = "insight"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [
            unique_here("analysis", "object", "object_id", name="insight_once")
        ]
        indexes: ClassVar[list[Any]] = [
            index_here("object", "object_id", name="insight_of"),
            index_here("analysis", "object", "number1", name="insight_number1"),
            index_here("analysis", "object", "text1", name="insight_text1", condition=Q(text1__isnull=False)),
        ]


class InsightRun(WorkspaceModel):
    """Of which day and by which model the rows of an analysis are (fields.run_of); after ``expires_on`` they say nothing any more."""

    analysis = models.CharField(max_length=40)
    version = models.IntegerField()
    as_of = models.DateField()
    expires_on = models.DateField()
    # The model card that tells more; none of what came from outside.
    card_id = models.BigIntegerField(null=True)
    ahead = models.IntegerField(
        null=True, help_text="days ahead of which its values are; none where they are of the day itself"
    )
    # Why its values are not to be taken at their word, as telling.kept has it; empty where they may be.
    caution = models.JSONField(default=list)

    class Meta:
        db_table = "insight_run"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [unique_here("analysis", name="insight_run_once")]
