from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from peyvand.operational.catalog.public import Product
from peyvand.operational.contacts.public import Company
from peyvand.platform.workspaces.models import WorkspaceForeignKey, WorkspaceModel, index_here, unique_here
from peyvand.platform.workspaces.records import Record

PRESENT = Q(deleted_at__isnull=True)


class PriceList(Record):
    """Prices for some customers in some days. For whom: everybody, unless it names kinds, a tag or a company."""

    name = models.CharField(max_length=200)
    currency = models.CharField(max_length=3, editable=False)
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    kinds = models.JSONField(default=list, blank=True, help_text="keys of company.kind")
    tag = WorkspaceForeignKey("contacts.Tag", models.CASCADE, null=True, blank=True)
    company = WorkspaceForeignKey(Company, models.CASCADE, null=True, blank=True)
    # The list with the highest one that has a price for the product gives it.
    priority = models.IntegerField(default=0)
    # Percent over the product's own price, below zero under it, for products without a row of their own.
    adjustment = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta(Record.Meta):
        db_table = "price_list"
        constraints: ClassVar[list[Any]] = [
            *Record.Meta.constraints,
            unique_here("name", name="price_list_name_here", condition=PRESENT),
        ]

    def __str__(self) -> str:
        return self.name


class Price(Record):
    """What a product costs by a list, for so many of it and more. ``name`` is the product's, for lists and timelines."""

    price_list = WorkspaceForeignKey(PriceList, models.CASCADE)
    product = WorkspaceForeignKey(Product, models.CASCADE)
    name = models.CharField(max_length=300, blank=True)
    price = models.BigIntegerField()
    minimum = models.IntegerField(default=1)

    class Meta(Record.Meta):
        db_table = "price"
        constraints: ClassVar[list[Any]] = [
            *Record.Meta.constraints,
            unique_here("price_list", "product", "minimum", name="price_once", condition=PRESENT),
            models.CheckConstraint(name="price_range", condition=Q(price__gte=0, minimum__gte=1)),
        ]
        indexes: ClassVar[list[Any]] = [index_here("product", "price_list", name="price_of_product")]

    def __str__(self) -> str:
        return self.name


class PricedLine(WorkspaceModel):
    """A line of a paper, as reckoned. Money is in minor units; the names of kernel.invoicing.Reckoned hold.

    What it says stays when the product goes: ``description`` and ``unit`` are copies. ``cost`` is the product's for one unit.
    """

    product = WorkspaceForeignKey(Product, models.SET_NULL, null=True, blank=True)
    description = models.CharField(max_length=500)
    unit = models.CharField(max_length=30, blank=True)
    quantity = models.DecimalField(max_digits=14, decimal_places=3)
    price = models.BigIntegerField()
    discount = models.DecimalField(max_digits=5, decimal_places=2, help_text="percent")
    tax = models.DecimalField(max_digits=5, decimal_places=2, help_text="percent")
    # The percentage was typed; otherwise it follows from the product's tax and the paper's day.
    tax_by_hand = models.BooleanField(default=False)
    gross = models.BigIntegerField()
    discount_amount = models.BigIntegerField()
    share = models.BigIntegerField(help_text="of the discount on the whole paper")
    net = models.BigIntegerField()
    tax_amount = models.BigIntegerField()
    total = models.BigIntegerField()
    cost = models.BigIntegerField(null=True)
    # Which price list gave the price, in the words of that day; empty where it is the product's own or was typed.
    priced_by = models.CharField(max_length=200, blank=True)
    position = models.SmallIntegerField(default=0)

    class Meta:
        abstract = True
        base_manager_name = "everywhere"
