"""What billing declares: invoices, their instalments, payments, cheques and contracts; and a company's credit limit."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from peyvand.kernel.persian.identifiers import economic_code, postal_code, sayad
from peyvand.operational.billing.choices import (
    CHEQUE_STATES,
    CONTRACT_KINDS,
    CONTRACT_STATES,
    INSTALMENT_STATES,
    INVOICE_KINDS,
    INVOICE_STATES,
    METHODS,
    PAYMENT_KINDS,
    PAYMENT_STATES,
    RENEWALS,
)
from peyvand.operational.billing.codes import (
    BUYER_KINDS,
    SETTLEMENTS,
    TAX_PATTERNS,
    TAX_SUBJECTS,
    TAX_TYPES,
    buyer_id,
    tax_id,
)
from peyvand.operational.billing.drafting import prepare_invoices, tell_invoices, told_invoices
from peyvand.operational.billing.fields import Limit
from peyvand.operational.billing.hooks import (
    keep_companies,
    keep_deals,
    keep_people,
    keep_quotes,
    prepare_cheques,
    prepare_contracts,
    prepare_payments,
    settle_cheques,
    settle_payments,
    why_invoice_stays,
)
from peyvand.operational.billing.lines import LINES
from peyvand.operational.billing.models import Cheque, Contract, Instalment, Invoice, Payment
from peyvand.operational.billing.policies import InvoiceRows
from peyvand.operational.contacts.public import COMPANY, PERSON, Tags
from peyvand.operational.quotes.public import QUOTE
from peyvand.operational.sales.public import DEAL
from peyvand.platform.fields.types import (
    Choice,
    Day,
    Field,
    Identifier,
    Instant,
    Label,
    Link,
    LongText,
    Money,
    Number,
    PaperNumber,
    Rate,
    Text,
    UserLink,
)
from peyvand.platform.objects import areas
from peyvand.platform.objects.spec import Board, ObjectSpec, Related, Section, StandardView, extend, register


def _customer() -> tuple[Field, ...]:
    return (
        Link(key="company", label=_("Company"), to="company", search=True, timeline=True,
             headers=("account", "customer", "شرکت", "مشتری")),
        Link(key="person", label=_("Person"), to="person", search=True, timeline=True, headers=("contact", "شخص", "مخاطب")),
    )  # fmt: skip


def _kept(key: str, label: Label, help: Label = "") -> Money:
    """A sum that follows from lines and payments."""
    return Money(key=key, label=label, readonly=True, secondary=key != "total", help=help)


_OWED = {"field": "status", "op": "in", "value": ["issued", "part_paid", "overdue"]}
_IS_INVOICE = {"field": "kind", "op": "is", "value": "invoice"}
INVOICE_VIEWS: Final = (
    StandardView("unpaid", _("Unpaid invoices"), {"and": [_IS_INVOICE, _OWED]}, "due_on"),
    StandardView("overdue", _("Overdue"), {"field": "status", "op": "is", "value": "overdue"}, "due_on"),
    StandardView("drafts", _("Drafts"), {"field": "status", "op": "is", "value": "draft"}),
    StandardView("proforma", _("Pro-forma invoices"), {"field": "kind", "op": "is", "value": "proforma"}),
    StandardView("credit", _("Credit notes"), {"field": "kind", "op": "is", "value": "credit"}),
)

INVOICE = register(
    ObjectSpec(
        key="invoice",
        plural="invoices",
        model=Invoice,
        label=_("Invoice"),
        label_plural=_("Invoices"),
        icon="money",
        area=areas.FINANCE,
        menu=34,
        subtitle="company",
        views=INVOICE_VIEWS,
        stays=why_invoice_stays,
        fields=(
            PaperNumber(key="name", label=_("Invoice"), readonly=True, search=True, max_length=300),
            *_customer(),
            Choice(key="kind", label=_("Kind"), options=INVOICE_KINDS, default="invoice", required=True, headers=("type", "نوع")),
            Choice(key="status", label=_("Status"), options=INVOICE_STATES, readonly=True, default="draft", headers=("وضعیت",)),
            Money(key="total", label=_("Total with tax"), readonly=True, reads=("lines",)),
            Money(key="balance", label=_("Balance"), readonly=True, help=_("What is still to be paid; of a credit note, to be used.")),
            Day(key="issued_on", label=_("Issued on"), headers=("invoice date", "date", "تاریخ", "تاریخ صدور"),
                help=_("Left empty: the day on which it is issued.")),
            Day(key="due_on", label=_("Due on"), headers=("due date", "سررسید"),
                help=_("Left empty: so many days after the issue as the payment terms say.")),
            Link(key="deal", label=_("Deal"), to="deal", timeline=True, headers=("opportunity", "معامله")),
            Link(key="quote", label=_("Quote"), to="quote", secondary=True, timeline=True, headers=("پیش‌فاکتور",)),
            UserLink(key="owner", label=_("Owner"), headers=("مسئول",)),
            LINES,
            Rate(key="discount", label=_("Discount on all (%)"), secondary=True, headers=("تخفیف کلی",)),
            Money(key="discount_amount", label=_("Discount on all"), secondary=True, headers=("مبلغ تخفیف",)),
            Number(key="terms_days", label=_("Payment terms (days)"), min=0, max=3650, default=0, secondary=True,
                   headers=("net days", "مهلت پرداخت")),
            LongText(key="terms", label=_("Terms"), secondary=True, max_length=4000),
            LongText(key="note", label=_("Note"), secondary=True, max_length=4000, headers=("notes", "توضیحات")),
            Tags(key="tags", label=_("Tags"), of="invoice", headers=("labels", "برچسب")),
            PaperNumber(key="number", label=_("Number"), readonly=True, secondary=True, max_length=60, headers=("invoice number", "شماره")),
            Link(key="original", label=_("Belongs to"), to="invoice", readonly=True, secondary=True, timeline=True),
            Text(key="reason", label=_("Reason"), readonly=True, secondary=True, max_length=300),
            _kept("gross", _("Before discount")),
            _kept("reduction", _("Discounts")),
            _kept("net", _("Before tax")),
            _kept("tax", _("Tax")),
            _kept("paid", _("Paid")),
            _kept("credited", _("Credited")),
            _kept("covered", _("Covered by cheques"), _("What cheques promise that are not cleared yet.")),
            Money(key="approved_total", label=_("Approved beyond the credit limit"), readonly=True, secondary=True),
            Instant(key="sent_at", label=_("Sent"), readonly=True, secondary=True),
            Choice(key="tax_type", label=_("E-invoice type"), options=TAX_TYPES, secondary=True),
            Choice(key="tax_pattern", label=_("E-invoice pattern"), options=TAX_PATTERNS, secondary=True),
            Choice(key="tax_subject", label=_("E-invoice subject"), options=TAX_SUBJECTS, readonly=True, secondary=True),
            Identifier(key="tax_id", label=_("Tax number (22 characters)"), check=tax_id, search=True, secondary=True, max_length=22,
                       headers=("شماره مالیاتی",)),
            Choice(key="settlement", label=_("Settlement"), options=SETTLEMENTS, secondary=True),
            Choice(key="buyer_kind", label=_("Kind of buyer"), options=BUYER_KINDS, secondary=True),
            Text(key="buyer_name", label=_("Buyer's name"), secondary=True, max_length=300,
                 help=_("Left empty, the buyer's data are taken from the customer when the invoice is issued, and stay.")),
            Identifier(key="buyer_national_id", label=_("Buyer's national ID"), check=buyer_id, secondary=True, max_length=14,
                       gathers=("company.national_id", "person.national_id")),
            Identifier(key="buyer_economic_code", label=_("Buyer's economic code"), check=economic_code, secondary=True, max_length=14,
                       gathers=("company.economic_code",)),
            Identifier(key="buyer_postal_code", label=_("Buyer's postal code"), check=postal_code, secondary=True, max_length=10,
                       gathers=("company.addresses", "person.addresses")),
            Text(key="buyer_address", label=_("Buyer's address"), secondary=True, max_length=500,
                 gathers=("company.addresses", "person.addresses")),
        ),
        columns=("name", "company", "kind", "status", "total", "balance", "issued_on", "due_on", "owner"),
        sections=(
            Section(_("Details"), ("kind", "company", "person", "deal", "quote", "owner", "issued_on", "terms_days", "due_on", "tags")),
            Section(_("Lines"), ("lines", "gross", "reduction", "net", "tax", "total")),
            Section(_("Discount"), ("discount", "discount_amount")),
            Section(_("Words"), ("terms", "note")),
            Section(_("Buyer on the invoice"), ("buyer_kind", "buyer_name", "buyer_national_id", "buyer_economic_code", "buyer_postal_code",
                                                "buyer_address")),
            Section(_("National e-invoice"), ("tax_type", "tax_pattern", "settlement", "tax_id", "external_id")),
        ),
        related=(
            Related("payment", "invoice"),
            Related("cheque", "invoice"),
            Related("invoice", "original", _("Credit notes and invoices")),
        ),
        prepare=prepare_invoices,
        after=tell_invoices,
        told=told_invoices,
        fixed=told_invoices,
    )
)  # fmt: skip

INSTALMENT = register(
    ObjectSpec(
        key="instalment",
        plural="instalments",
        model=Instalment,
        label=_("Due date"),
        label_plural=_("Due dates"),
        icon="cal",
        area=areas.FINANCE,
        policy=InvoiceRows(),
        creatable=False,
        changeable=False,
        has_bin=False,
        in_search=False,
        default_sort="due_on",
        subtitle="invoice",
        fields=(
            PaperNumber(key="name", label=_("Due date"), readonly=True, max_length=100),
            Link(key="invoice", label=_("Invoice"), to="invoice", readonly=True),
            Link(key="company", label=_("Company"), to="company", readonly=True),
            Link(key="person", label=_("Person"), to="person", readonly=True),
            Day(key="due_on", label=_("Due on"), readonly=True),
            Money(key="amount", label=_("Amount"), readonly=True, gathers=("invoice.total",)),
            Money(key="paid", label=_("Paid"), readonly=True, secondary=True, gathers=("invoice.balance",)),
            Money(key="rest", label=_("Balance"), readonly=True, gathers=("invoice.balance",)),
            Choice(key="state", label=_("Status"), options=INSTALMENT_STATES, readonly=True, default="open"),
            Number(key="place", label=_("Order"), readonly=True, secondary=True),
        ),
        columns=("name", "company", "due_on", "amount", "rest", "state"),
    )
)  # fmt: skip

PAYMENT = register(
    ObjectSpec(
        key="payment",
        plural="payments",
        model=Payment,
        label=_("Payment"),
        label_plural=_("Payments"),
        icon="coins",
        area=areas.FINANCE,
        menu=35,
        subtitle="company",
        default_sort="-paid_on",
        has_bin=False,
        views=(
            StandardView("unused", _("With unused credit"), {"field": "unused", "op": "gt", "value": 0}, "paid_on"),
            StandardView("refunds", _("Refunds"), {"field": "kind", "op": "is", "value": "refund"}),
        ),
        fields=(
            PaperNumber(key="name", label=_("Payment"), readonly=True, search=True, max_length=300),
            *_customer(),
            Choice(key="kind", label=_("Kind"), options=PAYMENT_KINDS, default="receipt", required=True, headers=("نوع",)),
            Money(key="amount", label=_("Amount"), required=True, headers=("مبلغ",)),
            Day(key="paid_on", label=_("Paid on"), headers=("date", "payment date", "تاریخ", "تاریخ پرداخت"),
                help=_("Default: today.")),
            Choice(key="method", label=_("Method"), options=METHODS, default="transfer", required=True, headers=("روش پرداخت",)),
            Text(key="reference", label=_("Reference"), search=True, max_length=100, headers=("tracking", "کد پیگیری", "شماره پیگیری")),
            Link(key="invoice", label=_("For the invoice"), to="invoice", timeline=True, headers=("invoice", "فاکتور"),
                 help=_("Left empty: the oldest invoices are paid first.")),
            Money(key="unused", label=_("Unused"), readonly=True, help=_("Pays nothing yet: credit of the customer.")),
            Choice(key="status", label=_("Status"), options=PAYMENT_STATES, readonly=True, default="valid", secondary=True),
            Link(key="cheque", label=_("Cheque"), to="cheque", readonly=True, secondary=True),
            UserLink(key="owner", label=_("Owner"), headers=("مسئول",)),
            PaperNumber(key="number", label=_("Number"), readonly=True, secondary=True, max_length=60),
            Text(key="void_reason", label=_("Reason of voiding"), readonly=True, secondary=True, max_length=300),
            LongText(key="note", label=_("Note"), secondary=True, max_length=4000, headers=("توضیحات",)),
        ),
        columns=("name", "company", "kind", "amount", "paid_on", "method", "unused", "invoice", "owner"),
        sections=(
            Section(_("Details"), ("kind", "company", "person", "amount", "paid_on", "method", "reference", "invoice", "owner")),
            Section(_("More"), ("note", "external_id")),
        ),
        prepare=prepare_payments,
        after=settle_payments,
    )
)  # fmt: skip

CHEQUE = register(
    ObjectSpec(
        key="cheque",
        plural="cheques",
        model=Cheque,
        label=_("Cheque"),
        label_plural=_("Cheques"),
        icon="ticket",
        area=areas.FINANCE,
        menu=36,
        subtitle="company",
        default_sort="due_on",
        board=Board(by="state", amount="amount"),
        has_bin=False,
        views=(
            StandardView("waiting", _("Not cleared yet"),
                         {"field": "state", "op": "in", "value": ["received", "deposited", "handed_on"]}, "due_on"),
            StandardView("bounced", _("Bounced"), {"field": "state", "op": "is", "value": "bounced"}),
            StandardView("calendar", _("Calendar of due dates"), kind="calendar", look={"on": "due_on"}),
        ),
        fields=(
            PaperNumber(key="name", label=_("Cheque"), readonly=True, search=True, max_length=300),
            *_customer(),
            Choice(key="state", label=_("State"), options=CHEQUE_STATES, readonly=True, default="received", headers=("وضعیت",)),
            Money(key="amount", label=_("Amount"), required=True, headers=("مبلغ",)),
            Day(key="due_on", label=_("Due on"), required=True, headers=("due date", "سررسید", "تاریخ سررسید")),
            Identifier(key="sayad", label=_("Sayad number"), check=sayad, search=True, max_length=16, headers=("شناسه صیاد", "صیاد")),
            PaperNumber(key="number", label=_("Serial number"), search=True, max_length=60, headers=("cheque number", "شماره چک", "سریال")),
            Text(key="bank", label=_("Bank"), max_length=100, headers=("بانک",)),
            Text(key="branch", label=_("Branch"), max_length=100, secondary=True, headers=("شعبه",)),
            Text(key="drawer", label=_("Drawer"), max_length=200, secondary=True, headers=("صادرکننده", "صاحب حساب")),
            Day(key="received_on", label=_("Received on"), secondary=True, headers=("تاریخ دریافت",), help=_("Default: today.")),
            Link(key="invoice", label=_("For the invoice"), to="invoice", timeline=True, headers=("invoice", "فاکتور"),
                 help=_("Left empty: the oldest invoices are paid first.")),
            UserLink(key="owner", label=_("Owner"), headers=("مسئول",)),
            Instant(key="state_since", label=_("In this state since"), readonly=True, secondary=True),
            Text(key="handed_to", label=_("Handed to"), readonly=True, secondary=True, max_length=200),
            Text(key="bounce_reason", label=_("Why it bounced"), readonly=True, secondary=True, max_length=300),
            LongText(key="note", label=_("Note"), secondary=True, max_length=4000, headers=("توضیحات",)),
        ),
        columns=("name", "company", "state", "amount", "due_on", "bank", "sayad", "owner"),
        sections=(
            Section(_("Details"), ("company", "person", "amount", "due_on", "received_on", "invoice", "owner")),
            Section(_("On the cheque"), ("sayad", "number", "bank", "branch", "drawer")),
            Section(_("More"), ("note", "external_id")),
        ),
        prepare=prepare_cheques,
        after=settle_cheques,
    )
)  # fmt: skip

_IN_FORCE = {"field": "status", "op": "is", "value": "active"}
CONTRACT = register(
    ObjectSpec(
        key="contract",
        plural="contracts",
        model=Contract,
        label=_("Contract"),
        label_plural=_("Contracts"),
        icon="sign",
        area=areas.SALES,
        menu=38,
        title="title",
        subtitle="company",
        lasts=("starts_on", "ends_on"),
        views=(
            StandardView("ending", _("Ending soon"),
                         {"and": [_IN_FORCE, {"field": "ends_on", "op": "within", "value": {"next": 60, "unit": "day"}}]}, "ends_on"),
            StandardView("in_force", _("In force"), _IN_FORCE, "ends_on"),
        ),
        fields=(
            Text(key="title", label=_("Title"), required=True, search=True, max_length=300, headers=("name", "contract", "عنوان", "قرارداد")),
            *_customer(),
            Choice(key="kind", label=_("Kind"), options=CONTRACT_KINDS, default="supply", headers=("type", "نوع")),
            Choice(key="status", label=_("Status"), options=CONTRACT_STATES, readonly=True, default="active", headers=("وضعیت",)),
            Money(key="amount", label=_("Amount"), headers=("value", "مبلغ")),
            Day(key="starts_on", label=_("Starts on"), headers=("start date", "تاریخ شروع")),
            Day(key="ends_on", label=_("Ends on"), headers=("end date", "تاریخ پایان")),
            Choice(key="renewal", label=_("At the end"), options=RENEWALS, default="ask", headers=("تمدید",)),
            Number(key="notice_days", label=_("Remind so many days before"), min=0, max=730, default=30, secondary=True),
            Link(key="deal", label=_("Deal"), to="deal", timeline=True, headers=("معامله",)),
            UserLink(key="owner", label=_("Owner"), headers=("مسئول",)),
            PaperNumber(key="number", label=_("Number"), search=True, max_length=60, secondary=True, headers=("contract number", "شماره قرارداد"),
                 help=_("Left empty: the next number of the series.")),
            LongText(key="note", label=_("Note"), secondary=True, max_length=20000, headers=("توضیحات",)),
        ),
        columns=("title", "company", "kind", "status", "amount", "ends_on", "renewal", "owner"),
        sections=(
            Section(_("Details"), ("title", "company", "person", "deal", "kind", "amount", "owner", "number")),
            Section(_("Duration"), ("starts_on", "ends_on", "renewal", "notice_days")),
            Section(_("More"), ("note", "external_id")),
        ),
        prepare=prepare_contracts,
    )
)  # fmt: skip

extend(
    COMPANY,
    Limit(key="credit_limit", label=_("Credit limit"), readonly=True, secondary=True, gathers=("invoice.balance",)),
    related=(Related("invoice", "company"), Related("payment", "company"), Related("cheque", "company"), Related("contract", "company")),
    keep=keep_companies,
)  # fmt: skip
extend(PERSON, related=(Related("invoice", "person"),), keep=keep_people)
extend(QUOTE, related=(Related("invoice", "quote"),), keep=keep_quotes)
extend(DEAL, related=(Related("invoice", "deal"), Related("contract", "deal")), keep=keep_deals)
