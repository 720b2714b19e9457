"""What this slice declares: leads, the forms they come by, why they come to nothing, and the rules that score them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from peyvand.operational.contacts.public import SOURCES
from peyvand.operational.leads.fields import (
    ASKED,
    GRADES,
    LANGUAGES,
    SIDES,
    STATES,
    Page,
    Sites,
)  # fmt: skip
from peyvand.operational.leads.giving import after_leads
from peyvand.operational.leads.hooks import prepare_forms, prepare_rules
from peyvand.operational.leads.models import Lead, LeadForm, LeadReason, ScoreRule
from peyvand.operational.leads.scoring.happenings import HAPPENINGS
from peyvand.operational.leads.transitions import prepare_leads, told_by_facts
from peyvand.platform.access.policies import SharedRows
from peyvand.platform.fields.choices import Choices
from peyvand.platform.fields.types import (
    Choice,
    Day,
    Email,
    Flag,
    Instant,
    Link,
    LongText,
    Money,
    Number,
    Phone,
    Text,
    UserLink,
)  # fmt: skip
from peyvand.platform.objects import areas
from peyvand.platform.objects.conditions import ConditionText
from peyvand.platform.objects.spec import Board, ObjectSpec, Related, Section, StandardView, register

_OPEN = {"field": "state", "op": "in", "value": ["new", "working", "qualified"]}
_OLD = {"n": 3, "unit": "day"}
VIEWS = (
    StandardView(
        "mine",
        _("My open leads"),
        {"and": [_OPEN, {"field": "owner", "op": "is", "value": "me"}]},
        "-score",
    ),
    StandardView(
        "free",
        _("New, without an owner"),
        {"and": [{"field": "state", "op": "is", "value": "new"}, {"field": "owner", "op": "empty"}]},
        "created_at",
    ),
    StandardView(
        "hot", _("Hot"), {"and": [_OPEN, {"field": "grade", "op": "in", "value": ["A", "B"]}]}, "-score"
    ),
    StandardView(
        "untouched",
        _("Untouched for three days"),
        {"and": [
            {"field": "state", "op": "in", "value": ["new", "working"]},
            {"field": "created_at", "op": "older_than", "value": _OLD},
            {"or": [{"field": "touched_at", "op": "empty"}, {"field": "touched_at", "op": "older_than", "value": _OLD}]},
        ]},
        "touched_at",
    ),
    StandardView(
        "resting", _("Put off"), {"field": "state", "op": "is", "value": "nurturing"}, "nurture_until"
    ),
)  # fmt: skip

LEAD_REASON = register(
    ObjectSpec(
        key="lead_reason",
        admin=True,
        plural="lead_reasons",
        model=LeadReason,
        label=_("Reason of disqualification"),
        label_plural=_("Reasons of disqualification"),
        icon="list",
        policy=SharedRows(),
        in_search=False,
        default_sort="position",
        fields=(
            Text(key="name", label=_("Name"), required=True, max_length=100),
            Number(key="position", label=_("Order"), min=0, max=32000, default=0),
        ),
        columns=("name",),
    )
)

LEAD_FORM = register(
    ObjectSpec(
        key="lead_form",
        admin=True,
        plural="lead_forms",
        model=LeadForm,
        label=_("Lead form"),
        label_plural=_("Lead forms"),
        icon="file",
        policy=SharedRows(),
        in_search=False,
        default_sort="name",
        fields=(
            Text(key="name", label=_("Name"), required=True, max_length=100),
            Flag(key="is_active", label=_("Active"), default=True),
            Choice(key="language", label=_("Language"), options=LANGUAGES, required=True, default="visitor"),
            Text(key="heading", label=_("Heading"), max_length=200, help=_("What stands above the form.")),
            LongText(key="intro", label=_("Introduction"), max_length=2000),
            Choices(key="asked", label=_("Asks for"), options=ASKED, default=lambda: ["name", "phone", "email", "message"]),
            Choices(key="needed", label=_("Must be filled in"), options=ASKED, default=lambda: ["name"],
                    help=_("A phone or an e-mail is needed in any case.")),
            LongText(key="thanks", label=_("Words of thanks"), max_length=2000),
            Page(key="redirect_url", label=_("Page that follows"), help=_("Empty: the words of thanks are shown.")),
            Choice(key="source", label=_("Source"), options=SOURCES, default="website"),
            Text(key="campaign", label=_("Campaign")),
            UserLink(key="gives_to", label=_("Leads go to"), help=_("Empty: nobody in particular; rules of assignment decide.")),
            LongText(key="consent_text", label=_("Words of consent"), max_length=2000,
                     help=_("Stands beside a box to tick; a tick is recorded in the ledger of consents with these words.")),
            Link(key="purpose", label=_("Purpose of the consent"), to="purpose"),
            Sites(key="sites", label=_("Web sites"), help=_("Sites that may show the form or send to it, one a line: shop.example.com")),
        ),
        columns=("name", "is_active", "language", "source", "campaign", "gives_to"),
        sections=(
            Section(_("Form"), ("name", "is_active", "language", "heading", "intro", "asked", "needed")),
            Section(_("Afterwards"), ("thanks", "redirect_url")),
            Section(_("Its leads"), ("source", "campaign", "gives_to")),
            Section(_("Consent"), ("consent_text", "purpose")),
            Section(_("On other pages"), ("sites",)),
        ),
        related=(Related("lead", "form"),),
        prepare=prepare_forms,
    )
)  # fmt: skip

SCORE_RULE = register(
    ObjectSpec(
        key="score_rule",
        admin=True,
        plural="score_rules",
        model=ScoreRule,
        label=_("Rule of scoring"),
        label_plural=_("Rules of scoring"),
        icon="chart",
        policy=SharedRows(),
        in_search=False,
        default_sort="side,position",
        fields=(
            Text(key="name", label=_("Name"), required=True, max_length=150),
            Choice(key="side", label=_("Counts as"), options=SIDES, required=True, default="fit"),
            ConditionText(key="condition", label=_("What the lead is"), about="lead",
                          help=_("Points for leads that meet it, as long as they do.")),
            Choice(key="event", label=_("What somebody did"), options=HAPPENINGS,
                   help=_("Instead: points for each time the person did this.")),
            Number(key="points", label=_("Points"), required=True, min=-100, max=100),
            Number(key="half_life", label=_("Half-life (days)"), min=1, max=3650,
                   help=_("Empty: the points stay.")),
            Flag(key="is_active", label=_("Active"), default=True),
            Number(key="position", label=_("Order"), min=0, max=32000, default=0),
        ),
        columns=("name", "side", "points", "half_life", "is_active"),
        prepare=prepare_rules,
    )
)  # fmt: skip

LEAD = register(
    ObjectSpec(
        key="lead",
        plural="leads",
        model=Lead,
        label=_("Lead"),
        label_plural=_("Leads"),
        icon="inbox",
        area=areas.SALES,
        menu=25,
        shortcut="l",
        subtitle="company",
        board=Board(by="state", amount="budget"),
        views=VIEWS,
        fields=(
            Text(key="name", label=_("Title"), search=True, max_length=300, sorted_by="name_sort",
                 help=_("Empty: the person's name."), headers=("lead", "lead name", "subject", "topic", "عنوان سرنخ", "سرنخ", "موضوع")),
            Link(key="person", label=_("Person"), to="person", search=True, timeline=True,
                 help=_("Empty: found by phone or e-mail, or made from what stands below."), headers=("contact", "شخص", "مخاطب")),
            Link(key="company", label=_("Company"), to="company", search=True, timeline=True),
            Choice(key="state", label=_("State"), options=STATES, default="new", headers=("lead status", "status", "stage", "وضعیت")),
            UserLink(key="owner", label=_("Owner"), headers=("lead owner", "assigned to", "sales agent", "مسئول", "کارشناس فروش")),
            Number(key="score", label=_("Score"), readonly=True),
            Choice(key="grade", label=_("Grade"), options=GRADES, readonly=True, reads=("score",)),
            Number(key="fit", label=_("Fit"), readonly=True, secondary=True),
            Number(key="engagement", label=_("Engagement"), readonly=True, secondary=True),
            Text(key="given_name", label=_("Given name"), max_length=100, headers=("first name", "نام")),
            Text(key="family_name", label=_("Family name"), max_length=100, headers=("last name", "surname", "نام خانوادگی")),
            Phone(key="phone", label=_("Phone given"), search=True,
                  headers=("mobile", "mobile phone", "phone number", "phone", "تلفن همراه", "موبایل", "تلفن", "شماره تماس")),
            Email(key="email", label=_("E-mail given"), search=True, max_length=254,
                  headers=("e-mail", "email address", "email", "ایمیل", "رایانامه")),
            Text(key="company_name", label=_("Company given"), max_length=300, search=True,
                 headers=("company", "company name", "organization", "account name", "شرکت", "نام شرکت", "سازمان")),
            Text(key="job_title", label=_("Job title"), secondary=True, headers=("title", "position", "سمت")),
            Text(key="city", label=_("City"), max_length=100, secondary=True, headers=("town", "شهر")),
            LongText(key="message", label=_("Message"), headers=("description", "notes", "inquiry", "توضیحات", "پیام", "شرح")),
            Link(key="product", label=_("Product"), to="product", headers=("product interest", "محصول", "کالا")),
            Money(key="budget", label=_("Budget"), min=0, headers=("amount", "opportunity amount", "بودجه", "مبلغ")),
            Choice(key="source", label=_("Source"), options=SOURCES, headers=("lead source", "original source", "منبع", "نحوه آشنایی")),
            Text(key="campaign", label=_("Campaign"), headers=("campaign name", "کارزار", "کمپین")),
            Link(key="form", label=_("Form"), to="lead_form", readonly=True),
            Link(key="reason", label=_("Reason of disqualification"), to="lead_reason", secondary=True,
                 headers=("disqualification reason", "دلیل رد")),
            LongText(key="reason_note", label=_("More about the reason"), secondary=True),
            Day(key="nurture_until", label=_("Put off until"), secondary=True, headers=("follow up on", "پیگیری در")),
            Link(key="deal", label=_("Deal"), to="deal", timeline=True, readonly=True),
            Number(key="inquiries", label=_("Inquiries"), readonly=True, secondary=True),
            Number(key="recycled", label=_("Times taken up again"), readonly=True, secondary=True),
            Instant(key="state_since", label=_("In this state since"), readonly=True, secondary=True),
            Instant(key="touched_at", label=_("Last touched"), readonly=True),
            Instant(key="qualified_at", label=_("Qualified at"), readonly=True, secondary=True),
            Instant(key="converted_at", label=_("Converted at"), readonly=True, secondary=True),
            Text(key="utm_source", label=_("Campaign source (utm_source)"), secondary=True),
            Text(key="utm_medium", label=_("Campaign medium (utm_medium)"), secondary=True),
            Text(key="utm_campaign", label=_("Campaign name (utm_campaign)"), secondary=True),
            Text(key="utm_term", label=_("Campaign term (utm_term)"), secondary=True),
            Text(key="utm_content", label=_("Campaign content (utm_content)"), secondary=True),
            Text(key="referrer", label=_("Referring page"), max_length=500, secondary=True, headers=("referrer",)),
            Text(key="landing_page", label=_("Landing page"), max_length=500, secondary=True),
        ),
        columns=("name", "person", "company", "state", "score", "grade", "source", "owner", "created_at"),
        sections=(
            Section(_("Inquiry"), ("name", "person", "state", "owner", "message", "product", "budget")),
            Section(_("As it was given"), ("given_name", "family_name", "phone", "email", "company_name", "job_title", "city")),
            Section(_("Where it came from"), ("source", "campaign", "form", "utm_source", "utm_medium", "utm_campaign", "utm_term",
                                              "utm_content", "referrer", "landing_page")),
            Section(_("Outcome"), ("company", "deal", "reason", "reason_note", "nurture_until", "qualified_at", "converted_at",
                                             "recycled", "inquiries", "touched_at")),
            Section(_("More"), ("external_id",)),
        ),
        prepare=prepare_leads,
        after=after_leads,
        told=told_by_facts,
    )
)  # fmt: skip
