"""What commissions declare: plans, statements and their lines."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from peyvand.operational.commissions.fields import Rates, Seats, Why
from peyvand.operational.commissions.hooks import keep_plans, prepare_plans, seat_members
from peyvand.operational.commissions.models import CommissionLine, CommissionPlan, CommissionStatement
from peyvand.operational.commissions.policies import LineRows, PlanRows, StatementRows
from peyvand.operational.targets.public import UNITS
from peyvand.platform.fields.choices import Choices
from peyvand.platform.fields.types import (
    Choice,
    Day,
    Flag,
    Instant,
    Link,
    LongText,
    Money,
    Number,
    Option,
    Rate,
    Text,
    UserLink,
)
from peyvand.platform.objects import areas
from peyvand.platform.objects.conditions import ConditionText
from peyvand.platform.objects.spec import ObjectSpec, Related, Section, StandardView, register

BASES = (
    Option("won", _("Amount of deals won")),
    Option("invoiced", _("What was invoiced for them, net")),
    Option("received", _("Money received for them, without tax")),
    Option("margin", _("Margin of deals won")),
)
WAYS = (
    Option("flat", _("One percentage for all")),
    Option("marginal", _("Steps: each for what lies in it")),
    Option("whole", _("Steps: the one reached, for all")),
)
STATES = (
    Option("draft", _("Draft"), ""),
    Option("submitted", _("Submitted"), "info"),
    Option("approved", _("Approved"), "acc"),
    Option("paid", _("Paid"), "good"),
)
KINDS = (
    Option("earned", _("Earned")),
    Option("override", _("Of the team")),
    Option("cap", _("Above the most")),
    Option("least", _("Filled up")),
    Option("recover", _("Advance taken back")),
    Option("manual", _("By hand")),
    Option("correction", _("Correction"), "warn"),
)
DISPUTES = (
    Option("open", _("Objected to"), "warn"),
    Option("accepted", _("Objection accepted"), "good"),
    Option("declined", _("Objection declined"), ""),
)

PLAN = register(
    ObjectSpec(
        key="commission_plan",
        admin=True,
        plural="commission-plans",
        model=CommissionPlan,
        label=_("Commission plan"),
        label_plural=_("Commission plans"),
        icon="gift",
        area=areas.SALES,
        policy=PlanRows(),
        in_search=False,
        default_sort="-starts_on",
        lasts=("starts_on", "ends_on"),
        fields=(
            Text(key="name", label=_("Name"), required=True, max_length=200),
            Day(key="starts_on", label=_("From"), required=True),
            Day(key="ends_on", label=_("Until"), help=_("Empty: until it is ended.")),
            Seats(key="users", label=_("Users"), to="user"),
            Seats(key="teams", label=_("Teams"), to="team", help=_("With the teams beneath them. Who joins is in from that day on.")),
            Seats(key="roles", label=_("Roles"), to="role"),
            Choice(key="unit", label=_("Settled every"), options=UNITS, required=True, default="month"),
            Choice(key="basis", label=_("Calculated from"), options=BASES, required=True, default="won"),
            ConditionText(key="condition", label=_("Only deals for which"), about="deal", help=_("Nothing chosen: all of them.")),
            Choice(key="way", label=_("In which way"), options=WAYS, required=True, default="flat"),
            Flag(key="by_quota", label=_("Steps are shares of the person's quota"),
                 help=_("What the plan counts in the period, in percent of the quota for it.")),
            Rates(key="rates", label=_("Rates"),
                  help=_("A row with a product or series holds for that alone; a row without holds for all others.")),
            Money(key="most", label=_("At most in a period")),
            Money(key="least", label=_("At least in a period")),
            Flag(key="is_draw", label=_("What fills up to it is an advance, taken back from later periods")),
            Rate(key="override", label=_("The manager gets, percent of it"),
                 help=_("Of what each of their people earns by this plan, besides.")),
            Link(key="root", label=_("First version"), to="commission_plan", readonly=True, secondary=True),
        ),
        columns=("name", "unit", "basis", "way", "starts_on", "ends_on"),
        sections=(
            Section(_("Commission plan"), ("name", "starts_on", "ends_on", "unit", "basis", "condition")),
            Section(_("For whom"), ("users", "teams", "roles")),
            Section(_("How much"), ("way", "by_quota", "rates")),
            Section(_("Limits and managers"), ("most", "least", "is_draw", "override", "external_id")),
        ),
        related=(Related("commission_plan", "root", _("Versions")),),
        prepare=prepare_plans,
        after=seat_members,
        keep=keep_plans,
    )
)  # fmt: skip

STATEMENT = register(
    ObjectSpec(
        key="commission_statement",
        admin=True,
        plural="commission-statements",
        model=CommissionStatement,
        label=_("Commission statement"),
        label_plural=_("Commission statements"),
        icon="gift",
        area=areas.SALES,
        policy=StatementRows(),
        creatable=False,
        changeable=False,
        has_bin=False,
        in_search=False,
        default_sort="-starts_on",
        views=(
            StandardView("to_approve", _("To approve"), {"field": "status", "op": "is", "value": "submitted"}, "starts_on"),
            StandardView("to_pay", _("To pay"), {"field": "status", "op": "is", "value": "approved"}, "starts_on"),
            StandardView("disputed", _("With objections"), {"field": "open_disputes", "op": "gt", "value": 0}, "starts_on"),
        ),
        fields=(
            Text(key="name", label=_("Commission statement"), readonly=True, max_length=300),
            UserLink(key="owner", label=_("Person"), readonly=True),
            Choice(key="status", label=_("Status"), options=STATES, readonly=True, default="draft"),
            Money(key="amount", label=_("To be paid"), readonly=True),
            Money(key="earned", label=_("Earned in the period"), readonly=True),
            Money(key="corrections", label=_("Corrections of earlier periods"), readonly=True),
            Choice(key="unit", label=_("Period"), options=UNITS, readonly=True, secondary=True),
            Day(key="starts_on", label=_("From"), readonly=True),
            Day(key="ends_on", label=_("Until"), readonly=True),
            Number(key="open_disputes", label=_("Open objections"), readonly=True, secondary=True),
            Choices(key="bases", label=_("Calculated from"), options=BASES, readonly=True, secondary=True),
            UserLink(key="approved_by", label=_("Approved by"), readonly=True, secondary=True),
            Instant(key="approved_at", label=_("Approved at"), readonly=True, secondary=True),
            Day(key="paid_on", label=_("Paid on"), readonly=True, secondary=True),
            Text(key="note", label=_("Last remark"), readonly=True, secondary=True, max_length=500),
        ),
        columns=("name", "status", "earned", "corrections", "amount", "open_disputes"),
        sections=(
            Section(_("Commission statement"), ("owner", "status", "starts_on", "ends_on", "earned", "corrections", "amount")),
            Section(_("Approval and payment"), ("open_disputes", "approved_by", "approved_at", "paid_on", "note", "bases")),
        ),
    )
)  # fmt: skip

LINE = register(
    ObjectSpec(
        key="commission_line",
        admin=True,
        plural="commission-lines",
        model=CommissionLine,
        label=_("Line of a statement"),
        label_plural=_("Lines of statements"),
        icon="list",
        area=areas.SALES,
        policy=LineRows(),
        creatable=False,
        changeable=False,
        has_bin=False,
        in_search=False,
        default_sort="day",
        subtitle="statement",
        fields=(
            Text(key="name", label=_("For"), readonly=True, max_length=300),
            Link(key="statement", label=_("Commission statement"), to="commission_statement", readonly=True),
            Choice(key="kind", label=_("Kind"), options=KINDS, readonly=True),
            Day(key="day", label=_("Day"), readonly=True),
            Why(key="why", label=_("How it was calculated"), readonly=True),
            Money(key="amount", label=_("Amount"), readonly=True),
            Money(key="whole", label=_("Of the amount"), readonly=True, secondary=True),
            Rate(key="share", label=_("Share in percent"), readonly=True, secondary=True),
            Money(key="base", label=_("Counted"), readonly=True, secondary=True),
            Link(key="deal", label=_("Deal"), to="deal", readonly=True, secondary=True),
            Link(key="invoice", label=_("Invoice"), to="invoice", readonly=True, secondary=True),
            Link(key="payment", label=_("Payment"), to="payment", readonly=True, secondary=True),
            Link(key="plan", label=_("Commission plan"), to="commission_plan", readonly=True, secondary=True),
            Day(key="period", label=_("Earned in the period from"), readonly=True, secondary=True),
            Choice(key="dispute", label=_("Objection"), options=DISPUTES, readonly=True),
            LongText(key="objection", label=_("What is objected to"), readonly=True, secondary=True),
            LongText(key="answer", label=_("Answer"), readonly=True, secondary=True),
        ),
        columns=("name", "kind", "day", "why", "amount", "dispute"),
        sections=(
            Section(_("Details"), ("statement", "kind", "day", "amount", "why", "whole", "share", "base")),
            Section(_("Where it comes from"), ("deal", "invoice", "payment", "plan", "period")),
            Section(_("Objection"), ("dispute", "objection", "answer")),
        ),
    )
)  # fmt: skip
