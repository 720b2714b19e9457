from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from peyvand.operational.catalog.public import Product
from peyvand.operational.sales.public import Deal, Pipeline, Stage
from peyvand.platform.workspaces.models import WorkspaceForeignKey, WorkspaceModel, index_here, unique_here
from peyvand.platform.workspaces.records import OwnedRecord


class Quota(OwnedRecord):
    """What a person (its owner), a team, or without both everybody is to reach in a period: an amount, or a number.

    A product or a pipeline narrows what counts. What was reached is reckoned, and copied here for lists.
    """

    # Says all the rest in words; made when it is saved.
    name = models.CharField(max_length=300, blank=True)
    team = WorkspaceForeignKey("identity.Team", models.CASCADE, null=True, blank=True)
    product = WorkspaceForeignKey(Product, models.CASCADE, null=True, blank=True)
    pipeline = WorkspaceForeignKey(Pipeline, models.CASCADE, null=True, blank=True)
    measure = models.CharField(max_length=20, default="won_amount")
    unit = models.CharField(max_length=10, default="month")
    calendar = models.CharField(max_length=10, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(editable=False, help_text="its last day")
    amount = models.BigIntegerField(null=True, blank=True)
    number = models.IntegerField(null=True, blank=True)
    reached_amount = models.BigIntegerField(null=True, editable=False)
    reached_number = models.IntegerField(null=True, editable=False)
    attained = models.IntegerField(null=True, editable=False, help_text="percent")

    class Meta(OwnedRecord.Meta):
        db_table = "quota"
        indexes: ClassVar[list[Any]] = [
            *OwnedRecord.Meta.indexes,
            index_here("starts_on", "ends_on", name="quota_by_period", condition=Q(deleted_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.name


class DealState(WorkspaceModel):
    """What a deal was like from the evening of one day until that of another; None: it still is.

    Only changes are written, so a year of evenings costs what happened in it, not 365 times the deals.
    """

    deal = WorkspaceForeignKey(Deal, models.CASCADE)
    since = models.DateField()
    until = models.DateField(null=True)
    status = models.CharField(max_length=10)
    # Not Stage's to keep: what happened stays when a stage goes.
    stage = WorkspaceForeignKey(Stage, models.SET_NULL, null=True)
    pipeline = WorkspaceForeignKey(Pipeline, models.SET_NULL, null=True)
    owner = WorkspaceForeignKey("identity.User", models.SET_NULL, null=True)
    amount = models.BigIntegerField(null=True)
    probability = models.SmallIntegerField()
    forecast = models.CharField(max_length=10)
    expected_on = models.DateField(null=True)

    class Meta:
        db_table = "deal_state"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [
            unique_here("deal", name="deal_state_now", condition=Q(until__isnull=True))
        ]
        indexes: ClassVar[list[Any]] = [index_here("deal", "since", name="deal_state_of_deal")]


class StateDay(WorkspaceModel):
    """That the states of deals were taken on the evening of this day."""

    day = models.DateField()
    taken_at = models.DateTimeField()

    class Meta:
        db_table = "deal_state_day"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [unique_here("day", name="deal_state_day_once")]
