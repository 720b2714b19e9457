from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from peyvand.operational.contacts.public import sorted_copy
from peyvand.platform.workspaces.models import WorkspaceForeignKey, index_here, unique_here
from peyvand.platform.workspaces.records import Record

PRESENT = models.Q(deleted_at__isnull=True)


class Tax(Record):
    """A tax that products carry; how much it is, its rates say."""

    name = models.CharField(max_length=100)

    class Meta(Record.Meta):
        db_table = "tax"
        constraints: ClassVar[list[Any]] = [
            *Record.Meta.constraints,
            unique_here("name", name="tax_name_here", condition=PRESENT),
        ]

    def __str__(self) -> str:
        return self.name


class TaxRate(Record):
    """How much a tax is from a day on, until its next rate. ``name`` says it in short, for lists and timelines."""

    tax = WorkspaceForeignKey(Tax, models.CASCADE)
    name = models.CharField(max_length=120, blank=True)
    from_on = models.DateField()
    percent = models.DecimalField(max_digits=5, decimal_places=2)

    class Meta(Record.Meta):
        db_table = "tax_rate"
        constraints: ClassVar[list[Any]] = [
            *Record.Meta.constraints,
            unique_here("tax", "from_on", name="tax_rate_once", condition=PRESENT),
            models.CheckConstraint(
                name="tax_rate_percent", condition=models.Q(percent__gte=0, percent__lte=100)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Product(Record):
    """Something we sell. Money is in minor units of the workspace's currency."""

    name = models.CharField(max_length=300)
    name_sort = sorted_copy("name")
    code = models.CharField(max_length=60, blank=True)
    kind = models.CharField(max_length=20, default="goods")
    series = models.CharField(max_length=100, blank=True)
    unit = models.CharField(max_length=30, blank=True)
    price = models.BigIntegerField(null=True, blank=True)
    cost = models.BigIntegerField(null=True, blank=True)
    # None: it is exempt.
    tax = WorkspaceForeignKey(Tax, models.SET_NULL, null=True, blank=True)
    is_active = models.BooleanField(default=True)
    description = models.TextField(blank=True)
    # By which the national e-invoice system knows it.
    stuff_id = models.CharField(max_length=13, blank=True, default="")

    class Meta(Record.Meta):
        db_table = "product"
        indexes: ClassVar[list[Any]] = [index_here("name_sort", "id", name="product_by_name")]

    def __str__(self) -> str:
        return self.name
