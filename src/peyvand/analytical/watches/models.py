from __future__ import annotations

from typing import Any, ClassVar, Final

from django.db import models

from peyvand.operational.catalog.public import Product
from peyvand.platform.workspaces.models import WorkspaceForeignKey, WorkspaceModel, index_here, unique_here
from peyvand.platform.workspaces.records import OwnedRecord

UP, DOWN = "up", "down"
EVER, LAST, FROM = "ever", "last", "from"
PERSON, COMPANY, PRODUCT, USER = "person", "company", "product", "user"
DIMENSIONS: Final = {PERSON: "customer", COMPANY: "customer", PRODUCT: "product", USER: "member"}
"""By what the measure is shown for each kind of subject."""


class Watch(OwnedRecord):
    """Who comes to a mark of a measure, or falls below it: of what, whose, how much, counted from when."""

    name = models.CharField(max_length=100)
    measure = models.CharField(max_length=40)
    whose = models.CharField(max_length=10)
    way = models.CharField(max_length=5, default=UP)
    amount = models.BigIntegerField(null=True, blank=True, help_text="the mark, where money is measured")
    number = models.IntegerField(null=True, blank=True, help_text="the mark of anything else")
    within = models.CharField(max_length=5, default=EVER)
    days = models.IntegerField(null=True, blank=True)
    since = models.DateField(null=True, blank=True)
    product = WorkspaceForeignKey(Product, models.CASCADE, null=True, blank=True)
    condition = models.TextField(blank=True)
    is_on = models.BooleanField(default=False)
    # The last day whose facts it has seen; NULL: it has not looked since it was made what it is.
    seen_on = models.DateField(null=True, editable=False)
    looked_at = models.DateTimeField(null=True, editable=False)
    # Why it could not look: [template, params].
    refusal = models.JSONField(default=list, editable=False)

    class Meta(OwnedRecord.Meta):
        db_table = "watch"

    def __str__(self) -> str:
        return self.name

    @property
    def mark(self) -> int:
        """What is to be reached, in the measure's unit."""
        return (self.amount if self.amount is not None else self.number) or 0

    @property
    def dimension(self) -> str:
        """The dimension that the measure is asked by."""
        return DIMENSIONS[self.whose]


class Standing(WorkspaceModel):
    """Who is at the mark or above it, as of the last look: whoever comes in between has crossed it."""

    watch = WorkspaceForeignKey(Watch, models.CASCADE)
    object = models.CharField(max_length=40)
    object_id = models.BigIntegerField()

    class Meta:
        db_table = "watch_standing"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [
            unique_here("watch", "object", "object_id", name="watch_standing_once")
        ]
        indexes: ClassVar[list[Any]] = [index_here("object", "object_id", name="watch_standing_of")]


class Crossing(WorkspaceModel):
    """That a record came to a mark, or fell below it: on which day it was seen, and what the measure said before and then."""

    watch = WorkspaceForeignKey(Watch, models.CASCADE)
    object = models.CharField(max_length=40)
    object_id = models.BigIntegerField()
    day = models.DateField()
    was = models.DecimalField(max_digits=24, decimal_places=2, null=True, help_text="NULL: nothing was known")
    now = models.DecimalField(max_digits=24, decimal_places=2, null=True)

    class Meta:
        db_table = "watch_crossing"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [
            unique_here("watch", "object", "object_id", "day", name="watch_crossing_once")
        ]
        indexes: ClassVar[list[Any]] = [
            index_here("object", "object_id", name="watch_crossing_of"),
            index_here("watch", "-day", "-id", name="watch_crossing_newest"),
        ]
