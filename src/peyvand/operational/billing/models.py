from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from peyvand.operational.contacts.public import Company, Person
from peyvand.operational.pricing.public import PricedLine
from peyvand.operational.quotes.public import Quote
from peyvand.operational.sales.public import Deal
from peyvand.platform.workspaces.models import WorkspaceForeignKey, WorkspaceModel, index_here, unique_here
from peyvand.platform.workspaces.records import OwnedRecord, Record

PRESENT = Q(deleted_at__isnull=True)


class OfCustomer(OwnedRecord):
    """A paper about a customer: a company, a person, or a person of a company. What names it is its own number."""

    # The number, once there is one; until then "Draft 12". Never the customer, whom not everybody sees who sees the paper.
    name = models.CharField(max_length=300, blank=True)
    number = models.CharField(max_length=60, blank=True)
    # Papers keep their customer: whoever has any cannot be removed.
    company = WorkspaceForeignKey(Company, models.PROTECT, null=True, blank=True)
    person = WorkspaceForeignKey(Person, models.PROTECT, null=True, blank=True)
    note = models.TextField(blank=True)

    class Meta(OwnedRecord.Meta):
        abstract = True

    def __str__(self) -> str:
        return self.name


class Invoice(OfCustomer):
    """A pro-forma invoice, an invoice, or a credit note. Sums are minor units and positive, whatever the kind.

    Of an invoice, ``paid`` is what payments brought, ``credited`` what credit notes took off, ``covered`` what cheques in
    hand promise; balance = total − paid − credited. Of a credit note, balance is what of it was not used yet.
    """

    kind = models.CharField(max_length=10, default="invoice")
    status = models.CharField(max_length=12, default="draft")
    deal = WorkspaceForeignKey(Deal, models.PROTECT, null=True, blank=True)
    quote = WorkspaceForeignKey(Quote, models.PROTECT, null=True, blank=True)
    # What a credit note takes back, or the pro-forma invoice that an invoice was made of.
    original = WorkspaceForeignKey("self", models.PROTECT, null=True, blank=True)
    issued_on = models.DateField(null=True, blank=True)
    terms_days = models.IntegerField(default=0)
    # Of an issued invoice, when the next part of it is due.
    due_on = models.DateField(null=True, blank=True)
    discount = models.DecimalField(
        max_digits=5, decimal_places=2, null=True, blank=True, help_text="percent, on all"
    )
    discount_amount = models.BigIntegerField(null=True, blank=True)
    gross = models.BigIntegerField(default=0)
    reduction = models.BigIntegerField(default=0)
    net = models.BigIntegerField(default=0)
    tax = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    paid = models.BigIntegerField(default=0)
    credited = models.BigIntegerField(default=0)
    covered = models.BigIntegerField(default=0)
    balance = models.BigIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    terms = models.TextField(blank=True)
    # The lines that a change of the day or the discount left other than they are stored, until they are written.
    settled_lines: tuple[dict[str, Any], ...] | None = None

    # Up to which total somebody approved that the customer goes beyond the credit limit.
    approved_total = models.BigIntegerField(null=True, blank=True)
    # The national e-invoice system: kept as printed, whatever becomes of the customer's record.
    tax_id = models.CharField(max_length=22, blank=True)
    tax_type = models.CharField(max_length=1, blank=True)
    tax_pattern = models.CharField(max_length=2, blank=True)
    tax_subject = models.CharField(max_length=1, blank=True)
    settlement = models.CharField(max_length=1, blank=True)
    buyer_kind = models.CharField(max_length=1, blank=True)
    buyer_name = models.CharField(max_length=300, blank=True)
    buyer_national_id = models.CharField(max_length=14, blank=True)
    buyer_economic_code = models.CharField(max_length=14, blank=True)
    buyer_postal_code = models.CharField(max_length=10, blank=True)
    buyer_address = models.CharField(max_length=500, blank=True)

    class Meta(OfCustomer.Meta):
        db_table = "invoice"
        constraints: ClassVar[list[Any]] = [
            *Record.Meta.constraints,
            unique_here("kind", "number", name="invoice_number_here", condition=~Q(number="")),
            models.CheckConstraint(
                name="invoice_sums", condition=Q(total=F("net") + F("tax"), balance__gte=0)
            ),
            models.CheckConstraint(
                name="invoice_shares", condition=Q(paid__gte=0, credited__gte=0, covered__gte=0)
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            *OwnedRecord.Meta.indexes,
            index_here("company", "status", name="invoice_of_company"),
            index_here("person", "status", name="invoice_of_person"),
            index_here("status", "due_on", name="invoice_by_due"),
            index_here("issued_on", "id", name="invoice_by_day"),
        ]

    @property
    def uncovered(self) -> int:
        """What is neither paid nor promised by a cheque in hand."""
        return self.balance - self.covered


class InvoiceLine(PricedLine):
    """A line of an invoice; of a credit note, the line of the invoice that it takes back."""

    invoice = WorkspaceForeignKey(Invoice, models.CASCADE)
    of_line = WorkspaceForeignKey("self", models.PROTECT, null=True)
    # The product's identifier in the national e-invoice system, as printed.
    stuff_id = models.CharField(max_length=13, blank=True, default="", db_default="")

    class Meta(PricedLine.Meta):
        db_table = "invoice_line"
        constraints: ClassVar[list[Any]] = [unique_here("invoice", "position", name="invoice_line_place")]
        indexes: ClassVar[list[Any]] = [index_here("of_line", name="invoice_line_returned")]


class Instalment(Record):
    """A part of an invoice and the day on which it is due. What is paid fills the parts in the order of their days."""

    # Parts are made anew with each schedule: they are what the invoice is, and no history of their own.
    invoice = WorkspaceForeignKey(Invoice, models.CASCADE)
    company = WorkspaceForeignKey(Company, models.PROTECT, null=True)
    person = WorkspaceForeignKey(Person, models.PROTECT, null=True)
    name = models.CharField(max_length=100)
    place = models.SmallIntegerField()
    due_on = models.DateField()
    amount = models.BigIntegerField()
    paid = models.BigIntegerField(default=0)
    rest = models.BigIntegerField(default=0)
    state = models.CharField(max_length=10, default="open")
    # That it is overdue was told once.
    is_told = models.BooleanField(default=False)

    class Meta(Record.Meta):
        db_table = "instalment"
        constraints: ClassVar[list[Any]] = [
            *Record.Meta.constraints,
            unique_here("invoice", "place", name="instalment_place"),
            models.CheckConstraint(name="instalment_sums", condition=Q(amount=F("paid") + F("rest"))),
        ]
        indexes: ClassVar[list[Any]] = [
            index_here("due_on", "id", name="instalment_due", condition=Q(rest__gt=0)),
            index_here("company", "due_on", name="instalment_of_company"),
        ]

    def __str__(self) -> str:
        return self.name


class Payment(OfCustomer):
    """Money that came (receipt) or went back (refund). ``unused`` is the part of a receipt that paid nothing yet."""

    kind = models.CharField(max_length=10, default="receipt")
    status = models.CharField(max_length=10, default="valid")
    paid_on = models.DateField()
    amount = models.BigIntegerField()
    unused = models.BigIntegerField(default=0)
    method = models.CharField(max_length=10, default="transfer")
    reference = models.CharField(max_length=100, blank=True)
    # For which invoice it came; without one it pays the oldest first.
    invoice = WorkspaceForeignKey(Invoice, models.PROTECT, null=True, blank=True)
    cheque = WorkspaceForeignKey("Cheque", models.PROTECT, null=True, blank=True)
    void_reason = models.CharField(max_length=300, blank=True)

    class Meta(OfCustomer.Meta):
        db_table = "payment"
        constraints: ClassVar[list[Any]] = [
            *Record.Meta.constraints,
            unique_here("number", name="payment_number_here", condition=~Q(number="")),
            models.CheckConstraint(
                name="payment_sums", condition=Q(amount__gt=0, unused__gte=0, unused__lte=F("amount"))
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            *OwnedRecord.Meta.indexes,
            index_here("company", "paid_on", name="payment_of_company"),
            index_here("person", "paid_on", name="payment_of_person"),
        ]


class Cheque(OfCustomer):
    """A cheque that a customer gave. It covers invoices while it is on its way, and pays them once it is cleared."""

    state = models.CharField(max_length=10, default="received")
    sayad = models.CharField(max_length=16, blank=True)
    bank = models.CharField(max_length=100, blank=True)
    branch = models.CharField(max_length=100, blank=True)
    drawer = models.CharField(max_length=200, blank=True)
    received_on = models.DateField()
    due_on = models.DateField()
    amount = models.BigIntegerField()
    invoice = WorkspaceForeignKey(Invoice, models.PROTECT, null=True, blank=True)
    state_since = models.DateTimeField(null=True)
    handed_to = models.CharField(max_length=200, blank=True)
    bounce_reason = models.CharField(max_length=300, blank=True)

    class Meta(OfCustomer.Meta):
        db_table = "cheque"
        constraints: ClassVar[list[Any]] = [
            *Record.Meta.constraints,
            unique_here("sayad", name="cheque_sayad_here", condition=~Q(sayad="") & PRESENT),
            models.CheckConstraint(name="cheque_amount", condition=Q(amount__gt=0)),
        ]
        indexes: ClassVar[list[Any]] = [
            *OwnedRecord.Meta.indexes,
            index_here("company", "state", name="cheque_of_company"),
            index_here("state", "due_on", name="cheque_by_due"),
        ]


class Allocation(WorkspaceModel):
    """What of a payment, a credit note or a cheque goes to an invoice, or back to the customer by a refund."""

    payment = WorkspaceForeignKey(Payment, models.CASCADE, null=True)
    credit = WorkspaceForeignKey(Invoice, models.CASCADE, null=True)
    cheque = WorkspaceForeignKey(Cheque, models.CASCADE, null=True)
    to_invoice = WorkspaceForeignKey(Invoice, models.CASCADE, null=True)
    to_refund = WorkspaceForeignKey(Payment, models.CASCADE, null=True)
    amount = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        db_table = "allocation"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(name="allocation_amount", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="allocation_from",
                condition=Q(payment__isnull=False, credit__isnull=True, cheque__isnull=True)
                | Q(payment__isnull=True, credit__isnull=False, cheque__isnull=True)
                | Q(payment__isnull=True, credit__isnull=True, cheque__isnull=False),
            ),
            models.CheckConstraint(
                name="allocation_to",
                condition=Q(to_invoice__isnull=False, to_refund__isnull=True)
                | Q(to_invoice__isnull=True, to_refund__isnull=False),
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            index_here("to_invoice", name="allocation_to_invoice"),
            index_here("payment", name="allocation_of_payment"),
            index_here("credit", name="allocation_of_credit"),
            index_here("cheque", name="allocation_of_cheque"),
        ]


class CreditLimit(WorkspaceModel):
    """Up to how much a company may owe us."""

    company = WorkspaceForeignKey(Company, models.CASCADE)
    amount = models.BigIntegerField()

    class Meta:
        db_table = "credit_limit"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [unique_here("company", name="credit_limit_of")]


class Contract(OfCustomer):
    """What a customer and we agreed on, from when until when it holds, and what happens then."""

    title = models.CharField(max_length=300)
    deal = WorkspaceForeignKey(Deal, models.PROTECT, null=True, blank=True)
    kind = models.CharField(max_length=12, default="supply")
    status = models.CharField(max_length=10, default="active")
    amount = models.BigIntegerField(null=True, blank=True)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    notice_days = models.IntegerField(default=30)
    renewal = models.CharField(max_length=5, default="ask")
    # The end of which somebody was reminded.
    reminded_of = models.DateField(null=True)

    class Meta(OfCustomer.Meta):
        db_table = "contract"
        constraints: ClassVar[list[Any]] = [
            *Record.Meta.constraints,
            unique_here("number", name="contract_number_here", condition=~Q(number="")),
        ]
        indexes: ClassVar[list[Any]] = [
            *OwnedRecord.Meta.indexes,
            index_here("status", "ends_on", name="contract_by_end"),
            index_here("company", name="contract_of_company"),
        ]
