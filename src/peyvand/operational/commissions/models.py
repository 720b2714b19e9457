from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from peyvand.operational.billing.public import Invoice, Payment
from peyvand.operational.catalog.public import Product
from peyvand.operational.sales.public import Deal
from peyvand.platform.workspaces.models import WorkspaceForeignKey, WorkspaceModel, index_here, unique_here
from peyvand.platform.workspaces.records import OwnedRecord, Record


class CommissionPlan(Record):
    """What people earn by what they sell, from one day to another. Versions of a plan follow each other and have one root."""

    name = models.CharField(max_length=200)
    # The first version; its own where there is but one.
    root = WorkspaceForeignKey("self", models.PROTECT, null=True, editable=False)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    unit = models.CharField(max_length=10, default="month")
    basis = models.CharField(max_length=10, default="won")
    # The JSON text of kernel.conditions, about deals; empty: every deal.
    condition = models.TextField(blank=True)
    way = models.CharField(max_length=10, default="flat")
    by_quota = models.BooleanField(default=False, help_text="steps are shares of the person's quota")
    most = models.BigIntegerField(null=True, blank=True)
    least = models.BigIntegerField(null=True, blank=True)
    is_draw = models.BooleanField(default=False, help_text="what fills up to the least is taken back later")
    override = models.DecimalField(
        max_digits=5, decimal_places=2, null=True, blank=True, help_text="percent of it, for the manager"
    )

    class Meta(Record.Meta):
        db_table = "commission_plan"
        indexes: ClassVar[list[Any]] = [index_here("unit", "starts_on", name="commission_plan_when")]

    def __str__(self) -> str:
        return self.name

    @property
    def chain(self) -> int:
        """The id that all versions of the plan share."""
        return self.root_id or self.id


class CommissionSeat(WorkspaceModel):
    """For whom a plan is: a user, everybody in a team, or everybody with a role."""

    plan = WorkspaceForeignKey(CommissionPlan, models.CASCADE)
    user = WorkspaceForeignKey("identity.User", models.CASCADE, null=True)
    team = WorkspaceForeignKey("identity.Team", models.CASCADE, null=True)
    role = WorkspaceForeignKey("identity.Role", models.CASCADE, null=True)

    class Meta:
        db_table = "commission_seat"
        base_manager_name = "everywhere"
        indexes: ClassVar[list[Any]] = [index_here("plan", name="commission_seat_of")]


class CommissionRate(WorkspaceModel):
    """A row of a plan's table: from which sum, or which share of the quota, on how many percent, and how much for a deal."""

    plan = WorkspaceForeignKey(CommissionPlan, models.CASCADE)
    product = WorkspaceForeignKey(Product, models.CASCADE, null=True)
    series = models.CharField(max_length=100, blank=True)
    start = models.BigIntegerField(default=0)
    reach = models.DecimalField(max_digits=7, decimal_places=2, default=0, help_text="percent of the quota")
    percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    fixed = models.BigIntegerField(default=0)
    position = models.SmallIntegerField(default=0)

    class Meta:
        db_table = "commission_rate"
        base_manager_name = "everywhere"
        indexes: ClassVar[list[Any]] = [index_here("plan", "position", name="commission_rate_of")]


class CommissionMember(WorkspaceModel):
    """That a plan was for somebody, from one day to another: people change teams, what they sold before stays theirs."""

    plan = WorkspaceForeignKey(CommissionPlan, models.CASCADE)
    user = WorkspaceForeignKey("identity.User", models.CASCADE)
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        db_table = "commission_member"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [
            unique_here("plan", "user", name="commission_member_now", condition=Q(until__isnull=True))
        ]
        indexes: ClassVar[list[Any]] = [index_here("user", "plan", name="commission_member_of")]


class CommissionStatement(OwnedRecord):
    """What a person (its owner) earned in a period. ``amount`` = earned + corrections of earlier periods; minor units."""

    name = models.CharField(max_length=300)
    unit = models.CharField(max_length=10)
    starts_on = models.DateField()
    ends_on = models.DateField()
    status = models.CharField(max_length=10, default="draft")
    earned = models.BigIntegerField(default=0)
    corrections = models.BigIntegerField(default=0)
    amount = models.BigIntegerField(default=0)
    open_disputes = models.IntegerField(default=0)
    # What it is reckoned from: whoever may not know one of these does not see it.
    bases = models.JSONField(default=list)
    approved_by = WorkspaceForeignKey("identity.User", models.SET_NULL, null=True)
    approved_at = models.DateTimeField(null=True)
    paid_on = models.DateField(null=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta(OwnedRecord.Meta):
        db_table = "commission_statement"
        constraints: ClassVar[list[Any]] = [
            *Record.Meta.constraints,
            unique_here("owner", "unit", "starts_on", name="commission_statement_once"),
            models.CheckConstraint(
                name="commission_statement_sum",
                condition=Q(amount=models.F("earned") + models.F("corrections")),
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            *OwnedRecord.Meta.indexes,
            index_here("starts_on", "unit", name="commission_statement_when"),
        ]

    def __str__(self) -> str:
        return self.name


class CommissionLine(Record):
    """One amount of a statement and how it came. A later change of what it came from makes a line in a later statement."""

    statement = WorkspaceForeignKey(CommissionStatement, models.CASCADE)
    kind = models.CharField(max_length=10)
    # What it is about, the same in every reckoning; together with the period, what corrections are compared by.
    key = models.CharField(max_length=200)
    period = models.DateField(help_text="first day of the period in which it was earned")
    plan = WorkspaceForeignKey(CommissionPlan, models.SET_NULL, null=True)
    name = models.CharField(max_length=300)
    day = models.DateField(null=True)
    deal = WorkspaceForeignKey(Deal, models.SET_NULL, null=True)
    invoice = WorkspaceForeignKey(Invoice, models.SET_NULL, null=True)
    payment = WorkspaceForeignKey(Payment, models.SET_NULL, null=True)
    whole = models.BigIntegerField(null=True)
    share = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    base = models.BigIntegerField(null=True)
    amount = models.BigIntegerField()
    # How it came, as JSON text (words.py says it).
    why = models.TextField(blank=True)
    dispute = models.CharField(max_length=10, blank=True)
    objection = models.CharField(max_length=1000, blank=True)
    answer = models.CharField(max_length=1000, blank=True)

    class Meta(Record.Meta):
        db_table = "commission_line"
        constraints: ClassVar[list[Any]] = [
            *Record.Meta.constraints,
            unique_here("statement", "period", "key", name="commission_line_once"),
        ]
        indexes: ClassVar[list[Any]] = [index_here("deal", name="commission_line_of_deal")]

    def __str__(self) -> str:
        return self.name


class CommissionCredit(WorkspaceModel):
    """Whose a deal was when a statement with it was submitted: whoever gets the deal later gets no commission on it."""

    deal = WorkspaceForeignKey(Deal, models.CASCADE)
    user = WorkspaceForeignKey("identity.User", models.CASCADE)
    share = models.DecimalField(max_digits=5, decimal_places=2)

    class Meta:
        db_table = "commission_credit"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [unique_here("deal", "user", name="commission_credit_once")]
