from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from peyvand.operational.contacts.public import Company, Person
from peyvand.operational.pricing.public import PricedLine, PriceList
from peyvand.operational.sales.public import Deal
from peyvand.platform.workspaces.models import WorkspaceForeignKey, WorkspaceModel, index_here, unique_here
from peyvand.platform.workspaces.records import OwnedRecord

OPEN = ("draft", "waiting", "approved")
# Whose answer is still open, and whose paper may still be taken up in a new edition.
REVISABLE = ("sent", "rejected", "expired")
# The step by which a customer asks for a new edition.
WANTED = "wanted"


class Quote(OwnedRecord):
    """An offer. Once sent it stays as it is; a change is a new edition under the same number. Money is in minor units."""

    name = models.CharField(max_length=300)
    # Given when it goes to the customer: a draft has none, and may be deleted without a gap.
    number = models.CharField(max_length=60, blank=True)
    edition = models.SmallIntegerField(default=1)
    status = models.CharField(max_length=10, default="draft")
    deal = WorkspaceForeignKey(Deal, models.SET_NULL, null=True, blank=True)
    company = WorkspaceForeignKey(Company, models.SET_NULL, null=True, blank=True)
    person = WorkspaceForeignKey(Person, models.SET_NULL, null=True, blank=True)
    price_list = WorkspaceForeignKey(PriceList, models.SET_NULL, null=True, blank=True)
    # The edition before this one.
    replaces = WorkspaceForeignKey("self", models.SET_NULL, null=True, blank=True)
    issued_on = models.DateField()
    valid_until = models.DateField()
    language = models.CharField(max_length=5, blank=True)
    currency = models.CharField(max_length=3)
    # Percent off the whole, after the discounts of the lines.
    discount = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    gross = models.BigIntegerField(default=0)
    reduced = models.BigIntegerField(default=0, help_text="all discounts together")
    # In percent of what the price lists ask: discounts, and prices typed below them. What approval is asked for.
    reduction = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    net = models.BigIntegerField(default=0)
    tax = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    margin = models.BigIntegerField(null=True, blank=True)
    notes = models.TextField(blank=True)
    terms = models.TextField(blank=True)
    approved_by = WorkspaceForeignKey("identity.User", models.SET_NULL, null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    viewed_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    signer = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    # The secret of the public page.
    secret = models.CharField(max_length=64, editable=False)
    # What seller and buyer were called when it was sent, and the fingerprint of all that it says.
    sides = models.JSONField(default=dict, editable=False)
    digest = models.CharField(max_length=64, blank=True, editable=False)

    # The lines as they are now, where settle_lines left them.
    lines_now: tuple[dict[str, Any], ...] = ()
    settled_lines: tuple[dict[str, Any], ...] | None = None

    class Meta(OwnedRecord.Meta):
        db_table = "quote"
        constraints: ClassVar[list[Any]] = [
            *OwnedRecord.Meta.constraints,
            unique_here("number", "edition", name="quote_number_here", condition=~Q(number="")),
            unique_here("secret", name="quote_secret_here"),
            models.CheckConstraint(name="quote_discount", condition=Q(discount__gte=0, discount__lte=100)),
        ]
        indexes: ClassVar[list[Any]] = [
            *OwnedRecord.Meta.indexes,
            index_here("status", "valid_until", name="quote_by_status"),
            index_here("deal", "id", name="quote_of_deal"),
            index_here("company", "id", name="quote_of_company"),
        ]

    def __str__(self) -> str:
        return self.name


class QuoteLine(PricedLine):
    quote = WorkspaceForeignKey(Quote, models.CASCADE)

    class Meta(PricedLine.Meta):
        db_table = "quote_line"
        constraints: ClassVar[list[Any]] = [unique_here("quote", "position", name="quote_line_place")]


class QuoteTrace(WorkspaceModel):
    """One step of a quote's way to its answer: who did what, when, from where, and which fingerprint they saw."""

    # Two quotes never become one.
    history_of: ClassVar[str] = "quote"

    quote = WorkspaceForeignKey(Quote, models.CASCADE)
    at = models.DateTimeField()
    what = models.CharField(max_length=20)
    by = WorkspaceForeignKey("identity.User", models.SET_NULL, null=True)
    name = models.CharField(max_length=200, blank=True)
    signature = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    ip = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=300, blank=True)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        db_table = "quote_trace"
        base_manager_name = "everywhere"
        indexes: ClassVar[list[Any]] = [index_here("quote", "at", name="quote_trace_of")]


class DiscountLimit(WorkspaceModel):
    """How much, in percent of the gross, a role may take off without being asked; a role without one is free."""

    role = models.CharField(max_length=50)
    percent = models.DecimalField(max_digits=5, decimal_places=2)

    class Meta:
        db_table = "discount_limit"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [unique_here("role", name="discount_limit_of")]
