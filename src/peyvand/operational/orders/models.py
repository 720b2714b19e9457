from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from peyvand.operational.billing.public import Invoice
from peyvand.operational.catalog.public import Product
from peyvand.operational.contacts.public import Company, Person
from peyvand.operational.sales.public import Deal
from peyvand.platform.workspaces.models import WorkspaceForeignKey, WorkspaceModel, index_here, unique_here
from peyvand.platform.workspaces.records import OwnedRecord, Record


class Order(OwnedRecord):
    """What a customer bought at a moment, or brought back: a return has quantities and amounts below zero.

    Money is in minor units of the workspace's currency, whatever the order was written in: net = gross − discount,
    total = net + tax, each the sum of the lines. An order stays when its customer is erased, and names nobody then.
    """

    number = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, default="sale")
    status = models.CharField(max_length=12, default="draft")
    company = WorkspaceForeignKey(Company, models.SET_NULL, null=True, blank=True)
    person = WorkspaceForeignKey(Person, models.SET_NULL, null=True, blank=True)
    deal = WorkspaceForeignKey(Deal, models.SET_NULL, null=True, blank=True)
    # The invoice that it became: both are one sale.
    invoice = WorkspaceForeignKey(Invoice, models.SET_NULL, null=True, blank=True)
    # Of a return, what it takes back.
    original = WorkspaceForeignKey("self", models.SET_NULL, null=True, blank=True)
    ordered_at = models.DateTimeField()
    channel = models.CharField(max_length=60, blank=True)
    # What it was written in, and how much of the workspace's money one unit of that is.
    currency = models.CharField(max_length=3)
    rate = models.DecimalField(max_digits=24, decimal_places=12, default=1)
    gross = models.BigIntegerField(default=0)
    discount = models.BigIntegerField(default=0)
    net = models.BigIntegerField(default=0)
    tax = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    # Null as long as the cost of any line is unknown.
    cost = models.BigIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    note = models.TextField(blank=True)
    # Its state before it was changed, and whether that changes because of what came back (hooks.py).
    was = ""
    is_settling = False

    class Meta(OwnedRecord.Meta):
        db_table = "customer_order"
        constraints: ClassVar[list[Any]] = [
            *Record.Meta.constraints,
            models.CheckConstraint(
                name="order_sums", condition=Q(net=F("gross") - F("discount"), total=F("net") + F("tax"))
            ),
            models.CheckConstraint(name="order_rate", condition=Q(rate__gt=0)),
        ]
        indexes: ClassVar[list[Any]] = [
            *OwnedRecord.Meta.indexes,
            index_here("number", name="order_by_number"),
            index_here("ordered_at", "id", name="order_by_moment"),
            index_here("company", "ordered_at", name="order_of_company"),
            index_here("person", "ordered_at", name="order_of_person"),
            index_here("original", name="order_by_original", condition=Q(original__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.number


class OrderLine(WorkspaceModel):
    """A line of an order, as reckoned: gross = quantity × price, or what the source says that it comes to.

    ``price`` and ``cost`` are of one unit. What it says stays when the product goes.
    """

    order = WorkspaceForeignKey(Order, models.CASCADE)
    position = models.IntegerField(default=0)
    product = WorkspaceForeignKey(Product, models.SET_NULL, null=True, blank=True)
    description = models.CharField(max_length=500)
    unit = models.CharField(max_length=30, blank=True)
    quantity = models.DecimalField(max_digits=14, decimal_places=3)
    price = models.BigIntegerField()
    discount = models.DecimalField(max_digits=5, decimal_places=2, help_text="percent")
    tax = models.DecimalField(max_digits=5, decimal_places=2, help_text="percent")
    gross = models.BigIntegerField()
    discount_amount = models.BigIntegerField()
    net = models.BigIntegerField()
    tax_amount = models.BigIntegerField()
    total = models.BigIntegerField()
    cost = models.BigIntegerField(null=True)
    cost_from = models.CharField(max_length=10, blank=True, help_text="line, product, or empty: unknown")

    class Meta:
        db_table = "order_line"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [
            unique_here("order", "position", name="order_line_place"),
            models.CheckConstraint(
                name="order_line_sums",
                condition=Q(net=F("gross") - F("discount_amount"), total=F("net") + F("tax_amount")),
            ),
        ]
        indexes: ClassVar[list[Any]] = [index_here("product", "order", name="order_line_of_product")]


class Subscription(OwnedRecord):
    """What a customer pays for again and again: ``amount`` in minor units every month, quarter or year, until it ends."""

    name = models.CharField(max_length=300)
    company = WorkspaceForeignKey(Company, models.SET_NULL, null=True, blank=True)
    person = WorkspaceForeignKey(Person, models.SET_NULL, null=True, blank=True)
    product = WorkspaceForeignKey(Product, models.SET_NULL, null=True, blank=True)
    amount = models.BigIntegerField()
    every = models.CharField(max_length=10, default="month")
    started_on = models.DateField()
    # The first day without it.
    ended_on = models.DateField(null=True, blank=True)
    ended_reason = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=10, default="active")
    note = models.TextField(blank=True)
    # Its state before it was changed (hooks.py).
    was = ""

    class Meta(OwnedRecord.Meta):
        db_table = "subscription"
        constraints: ClassVar[list[Any]] = [
            *Record.Meta.constraints,
            models.CheckConstraint(
                name="subscription_days",
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            *OwnedRecord.Meta.indexes,
            index_here("company", "state", name="subscription_of_company"),
            index_here("person", "state", name="subscription_of_person"),
            index_here("started_on", "id", name="subscription_by_start"),
        ]

    def __str__(self) -> str:
        return self.name
