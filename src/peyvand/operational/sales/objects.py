"""What sales declares: deals, the pipelines and stages they go through, reasons of loss and competitors."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from peyvand.operational.activities.public import TASK_KINDS
from peyvand.operational.contacts.public import SOURCES, Tags
from peyvand.operational.sales.fields import Lines
from peyvand.operational.sales.figures import summed
from peyvand.operational.sales.health import WEAK
from peyvand.operational.sales.models import Competitor, Deal, LostReason, Pipeline, PlaybookItem, Stage
from peyvand.operational.sales.parts import Contacts, Members, Rivals
from peyvand.operational.sales.structure import (
    begin_deal,
    keep_one_default,
    keep_used_pipelines,
    keep_used_stages,
    prepare_pipelines,
    prepare_stages,
)
from peyvand.operational.sales.transitions import prepare_deals, tell_deals, told_by_facts
from peyvand.platform.access.policies import SharedRows
from peyvand.platform.fields.choices import Choices
from peyvand.platform.fields.types import (
    Choice,
    Day,
    Flag,
    Instant,
    Link,
    LongText,
    Mark,
    Money,
    Number,
    Option,
    Percent,
    Rate,
    Text,
    Url,
    UserLink,
)  # fmt: skip
from peyvand.platform.objects import areas
from peyvand.platform.objects.spec import Board, ObjectSpec, Related, Section, StandardView, register

STATES = (
    Option("open", _("Open"), "acc"),
    Option("won", _("Won"), "good"),
    Option("lost", _("Lost"), "bad"),
)
FORECASTS = (
    Option("omitted", _("Omitted")),
    Option("pipeline", _("In the pipeline"), "info"),
    Option("best", _("Best case"), "acc"),
    Option("commit", _("Commit"), "good"),
    Option("closed", _("Closed"), "good"),
)
BUYING_ROLES = (
    Option("decides", _("Decision maker")),
    Option("buys", _("Buyer")),
    Option("champion", _("Champion")),
    Option("influences", _("Influencer")),
    Option("uses", _("End user")),
    Option("checks", _("Technical examiner")),
    Option("blocks", _("Blocker")),
)
ATTITUDES = (
    Option("for", _("In favour"), "good"),
    Option("neutral", _("Neutral")),
    Option("against", _("Against"), "bad"),
)
STANDINGS = (
    Option("behind", _("Behind us"), "good"),
    Option("even", _("Level with us"), "warn"),
    Option("ahead", _("Ahead of us"), "bad"),
    Option("out", _("Out")),
)
STEP_KINDS = (*TASK_KINDS, Option("meeting", _("Meeting"), "acc", icon="users"))


def _stage_mark(kind: str, probability: int) -> str:
    """Open stages are shades of the accent that grow with the chance of winning; the two ends speak for themselves."""
    return {"won": "good", "lost": "bad"}.get(kind) or f"v-{probability}"


STAGE_MARK = Mark(("kind", "probability"), _stage_mark)

# What a stage may ask for.
REQUIRABLE = (
    Option("company", _("Company")),
    Option("person", _("Person")),
    Option("amount", _("Amount")),
    Option("lines", _("Products")),
    Option("expected_on", _("Expected close")),
    Option("source", _("Source")),
    Option("competitor", _("Competitor")),
    Option("description", _("Description")),
)

_OPEN = {"field": "status", "op": "is", "value": "open"}
VIEWS = (
    StandardView(
        "mine",
        _("My open deals"),
        {"and": [_OPEN, {"field": "owner", "op": "is", "value": "me"}]},
        "expected_on",
    ),
    StandardView(
        "closing",
        _("Closing this month"),
        {"and": [_OPEN, {"field": "expected_on", "op": "within", "value": "this_month"}]},
        "expected_on",
    ),
    StandardView(
        "late",
        _("Past their date"),
        {"and": [_OPEN, {"field": "expected_on", "op": "older_than", "value": {"n": 1, "unit": "day"}}]},
        "expected_on",
    ),
    StandardView(
        "stalled",
        _("Stalled deals"),
        {"and": [_OPEN, {"field": "health", "op": "lt", "value": WEAK}]},
        "health",
        columns=(
            "name",
            "owner",
            "stage",
            "amount",
            "health",
            "stage_since",
            "expected_on",
            "pushes",
            "next_activity_at",
        ),
    ),
    StandardView(
        "stepless",
        _("Without a next step"),
        {"and": [_OPEN, {"field": "next_activity_at", "op": "empty"}]},
        "expected_on",
    ),
    StandardView(
        "won",
        _("Won, by month"),
        {"field": "status", "op": "is", "value": "won"},
        look={"group": "-closed_on:month"},
    ),
)

PIPELINE = register(
    ObjectSpec(
        key="pipeline",
        admin=True,
        plural="pipelines",
        keep=keep_used_pipelines,
        model=Pipeline,
        label=_("Pipeline"),
        label_plural=_("Pipelines"),
        icon="flow",
        policy=SharedRows(),
        default_sort="position",
        fields=(
            Text(key="name", label=_("Name"), required=True, max_length=100, headers=("pipeline", "کاریز", "کاریز فروش")),
            Flag(key="is_default", label=_("Default")),
            Number(key="position", label=_("Order"), min=0, max=32000, default=0),
            Number(key="rots_after", label=_("Stale after (days)"), min=1, max=3650,
                   help=_("Days without movement after which a deal goes stale, unless its stage says otherwise.")),
            Flag(key="wants_step", label=_("A deal must have a next step"),
                 help=_("Whoever moves a deal on is asked what comes next; deals without it stand on Today.")),
            Money(key="big_deal", label=_("Big from"),
                  help=_("The manager of its owner gets a task when a deal reaches this amount.")),
            Flag(key="team_sees", label=_("The team sees the deal"), default=True,
                 help=_("Whoever is in a deal's team sees it, also where their role shows only their own.")),
            Number(key="usual_pause", label=_("Usual pause (days)"), readonly=True, secondary=True,
                   help=_("Between two activities about its deals that were won, at the median.")),
        ),
        columns=("name", "is_default", "rots_after", "wants_step", "big_deal"),
        related=(Related("stage", "pipeline"),),
        prepare=prepare_pipelines,
        after=keep_one_default,
    )
)  # fmt: skip

STAGE = register(
    ObjectSpec(
        key="stage",
        admin=True,
        plural="stages",
        keep=keep_used_stages,
        model=Stage,
        label=_("Stage"),
        label_plural=_("Stages"),
        icon="flag",
        policy=SharedRows(),
        default_sort="pipeline,position",
        subtitle="pipeline",
        mark=STAGE_MARK,
        related=(Related("playbook_item", "stage", _("Playbook")),),
        fields=(
            Text(key="name", label=_("Name"), required=True, max_length=100, headers=("stage", "مرحله")),
            Link(key="pipeline", label=_("Pipeline"), to="pipeline", required=True, headers=("کاریز",)),
            Choice(key="kind", label=_("Kind"), options=STATES, default="open"),
            Number(key="position", label=_("Order"), min=0, max=32000, default=0),
            Percent(key="probability", label=_("Probability"), default=0, headers=("احتمال",),
                    help=_("Given to deals that enter this stage from now on.")),
            Number(key="rots_after", label=_("Stale after (days)"), min=1, max=3650),
            Choice(key="forecast", label=_("Forecast"), options=FORECASTS[:4], headers=("forecast category",),
                   help=_("Category of deals that enter this stage.")),
            Number(key="usual_days", label=_("Usual days"), readonly=True, secondary=True,
                   help=_("That deals which were won spent here, at the median.")),
            Choices(key="required", label=_("Asks for"), options=REQUIRABLE,
                    help=_("A deal enters this stage only when these are filled.")),
        ),
        columns=("name", "pipeline", "kind", "probability", "rots_after", "required"),
        prepare=prepare_stages,
    )
)  # fmt: skip

PLAYBOOK_ITEM = register(
    ObjectSpec(
        key="playbook_item",
        admin=True,
        plural="playbook-items",
        model=PlaybookItem,
        label=_("Item of the playbook"),
        label_plural=_("Playbook"),
        icon="check",
        policy=SharedRows(),
        default_sort="stage,position",
        subtitle="stage",
        in_search=False,
        fields=(
            Text(key="name", label=_("What is to be done"), required=True, max_length=300, headers=("item", "کار")),
            Link(key="stage", label=_("Stage"), to="stage", mark=STAGE_MARK, required=True, headers=("مرحله",)),
            Url(key="link", label=_("Link"), max_length=500, headers=("url", "پیوند")),
            Flag(key="is_required", label=_("Required to leave the stage"), headers=("required", "اجباری")),
            Number(key="position", label=_("Order"), min=0, max=32000, default=0),
        ),
        columns=("name", "stage", "is_required", "position"),
    )
)  # fmt: skip

LOST_REASON = register(
    ObjectSpec(
        key="lost_reason",
        admin=True,
        plural="lost-reasons",
        model=LostReason,
        label=_("Reason of loss"),
        label_plural=_("Reasons of loss"),
        icon="xc",
        policy=SharedRows(),
        default_sort="position",
        fields=(
            Text(
                key="name",
                label=_("Name"),
                required=True,
                max_length=100,
                headers=("reason", "lost reason", "دلیل", "دلیل از دست رفتن"),
            ),
            Number(key="position", label=_("Order"), min=0, max=32000, default=0),
        ),
    )
)

COMPETITOR = register(
    ObjectSpec(
        key="competitor",
        plural="competitors",
        model=Competitor,
        label=_("Competitor"),
        label_plural=_("Competitors"),
        icon="flag",
        policy=SharedRows(),
        default_sort="name",
        fields=(
            Text(key="name", label=_("Name"), required=True, search=True, headers=("competitor", "رقیب")),
            Url(key="website", label=_("Website"), max_length=300, headers=("web", "url", "وب‌سایت")),
            LongText(key="strengths", label=_("Strengths"), headers=("نقاط قوت",)),
            LongText(key="weaknesses", label=_("Weaknesses"), headers=("نقاط ضعف",)),
        ),
        columns=("name", "website"),
        related=(Related("deal", "competitor"),),
    )
)

DEAL = register(
    ObjectSpec(
        key="deal",
        plural="deals",
        model=Deal,
        label=_("Deal"),
        label_plural=_("Deals"),
        icon="deals",
        area=areas.SALES,
        menu=30,
        shortcut="d",
        subtitle="company",
        views=VIEWS,
        board=Board(by="stage", amount="amount", first=True),
        ended="closed_on",
        fields=(
            Text(key="name", label=_("Name"), required=True, search=True, max_length=300, sorted_by="name_sort",
                 headers=("deal", "deal name", "opportunity", "opportunity name", "نام معامله", "معامله", "عنوان")),
            Link(key="company", label=_("Company"), to="company", search=True, timeline=True,
                 headers=("account", "account name", "company name", "شرکت", "سازمان")),
            Link(key="person", label=_("Person"), to="person", search=True, timeline=True,
                 headers=("contact", "contact name", "شخص", "مخاطب")),
            Money(key="amount", label=_("Amount"), min=0, headers=("value", "deal value", "close value", "مبلغ", "ارزش")),
            Link(key="stage", label=_("Stage"), to="stage", mark=STAGE_MARK, within="pipeline", headers=("deal stage", "مرحله")),
            Link(key="pipeline", label=_("Pipeline"), to="pipeline", headers=("کاریز", "کاریز فروش")),
            Choice(key="status", label=_("Status"), options=STATES, readonly=True, default="open", headers=("وضعیت",)),
            Percent(key="probability", label=_("Probability"), secondary=True, headers=("احتمال",)),
            Choice(key="forecast", label=_("Forecast"), options=FORECASTS, secondary=True,
                   headers=("forecast category", "پیش‌بینی"), help=_("Empty: that of the stage.")),
            Money(key="weighted", label=_("Weighted amount"), readonly=True, secondary=True, reads=("amount", "probability")),
            Day(key="expected_on", label=_("Expected close"),
                headers=("expected close date", "expected close", "موعد بستن", "تاریخ بستن", "تاریخ بستن پیش‌بینی‌شده")),
            UserLink(key="owner", label=_("Owner"), headers=("sales agent", "deal owner", "مسئول", "کارشناس فروش")),
            Instant(key="next_activity_at", label=_("Next activity"), readonly=True),
            Text(key="next_activity_title", label=_("Next step"), readonly=True, max_length=300, secondary=True),
            Choice(key="next_activity_kind", label=_("Kind of next step"), options=STEP_KINDS, readonly=True, secondary=True),
            Percent(key="health", label=_("Health"), readonly=True, secondary=True,
                    reads=("amount", "probability", "expected_on", "next_activity_at")),
            Number(key="pushes", label=_("Times put off"), readonly=True, secondary=True, reads=("expected_on",)),
            Instant(key="stage_since", label=_("In stage since"), readonly=True, secondary=True),
            Day(key="engaged_on", label=_("Engaged on"), secondary=True, headers=("engage date", "تاریخ آغاز")),
            Day(key="closed_on", label=_("Closed on"), secondary=True, headers=("close date", "تاریخ پایان")),
            Lines(key="lines", label=_("Products"), headers=("product", "products", "محصول", "محصولات", "کالا")),
            Money(key="margin", label=_("Margin"), readonly=True, secondary=True, reads=("amount",), gathers=("product.cost",)),
            Money(key="recurring", label=_("Recurring per month"), readonly=True, secondary=True, reads=("amount",)),
            Money(key="total_value", label=_("Total value"), readonly=True, secondary=True, reads=("amount",)),
            Contacts(key="contacts", label=_("Further people in it"),
                     headers=("contacts", "people in it", "buying roles", "افراد", "افراد معامله"), parts=(
                Link(key="person", label=_("Person"), to="person"),
                Choice(key="role", label=_("Role"), options=BUYING_ROLES),
                Choice(key="attitude", label=_("Attitude"), options=ATTITUDES),
                Text(key="note", label=_("Note"), max_length=300),
            )),
            Members(key="team", label=_("Deal team"), headers=("deal team", "تیم معامله"),
                    help=_("What is not given to anybody is the owner's share."), parts=(
                UserLink(key="user", label=_("User")),
                Rate(key="share", label=_("Share in percent")),
                Text(key="part", label=_("Part in the deal"), max_length=100),
            )),
            Rivals(key="rivals", label=_("Competitors"), headers=("competitors", "رقبا", "رقیبان"), parts=(
                Link(key="competitor", label=_("Competitor"), to="competitor"),
                Choice(key="standing", label=_("Standing"), options=STANDINGS),
                Text(key="note", label=_("Note"), max_length=300),
            )),
            Link(key="lost_reason", label=_("Reason of loss"), to="lost_reason", secondary=True,
                 headers=("lost reason", "دلیل از دست رفتن")),
            Link(key="competitor", label=_("Competitor"), to="competitor", secondary=True, headers=("رقیب",)),
            LongText(key="lost_note", label=_("Note on the loss"), secondary=True),
            Choice(key="source", label=_("Source"), options=SOURCES, secondary=True, headers=("lead source", "منبع")),
            Tags(key="tags", label=_("Tags"), of="deal", headers=("labels", "برچسب", "برچسب‌ها")),
            LongText(key="description", label=_("Description"), secondary=True, headers=("notes", "توضیحات", "شرح")),
        ),
        columns=("name", "company", "amount", "stage", "expected_on", "owner", "next_activity_at", "created_at"),
        sections=(
            Section(_("Details"), ("name", "company", "person", "amount", "owner", "tags")),
            Section(_("Pipeline"), ("pipeline", "stage", "probability", "forecast", "expected_on", "engaged_on", "closed_on", "source")),
            Section(_("Products"), ("lines", "margin", "recurring", "total_value")),
            Section(_("People and competitors"), ("contacts", "team", "rivals")),
            Section(_("Loss"), ("lost_reason", "competitor", "lost_note")),
            Section(_("More"), ("description", "external_id")),
        ),
        together=("pipeline", "stage", "probability", "engaged_on", "closed_on", "lost_reason", "competitor", "lost_note"),
        begin=begin_deal,
        prepare=prepare_deals,
        after=tell_deals,
        told=told_by_facts,
        settled=summed,
    )
)  # fmt: skip
