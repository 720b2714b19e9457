"""What sales declares: deals, the pipelines and stages they go through, reasons of loss and competitors."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from peyvand.operational.activities.public import TASK_KINDS
from peyvand.operational.contacts.public import SOURCES, Tags
from peyvand.operational.sales.fields import Lines
from peyvand.operational.sales.models import Competitor, Deal, LostReason, Pipeline, Stage
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
    Text,
    Url,
    UserLink,
)  # fmt: skip
from peyvand.platform.objects.spec import Board, ObjectSpec, Related, Section, StandardView, register

STATES = (
    Option("open", _("Open"), "acc"),
    Option("won", _("Won"), "good"),
    Option("lost", _("Lost"), "bad"),
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
            Number(key="rots_after", label=_("Rots after (days)"), min=1, max=3650,
                   help=_("Days without movement after which a deal is rotting, where its stage says nothing else.")),
        ),
        columns=("name", "is_default", "rots_after"),
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
        fields=(
            Text(key="name", label=_("Name"), required=True, max_length=100, headers=("stage", "مرحله")),
            Link(key="pipeline", label=_("Pipeline"), to="pipeline", required=True, headers=("کاریز",)),
            Choice(key="kind", label=_("Kind"), options=STATES, default="open"),
            Number(key="position", label=_("Order"), min=0, max=32000, default=0),
            Percent(key="probability", label=_("Probability"), default=0, headers=("احتمال",),
                    help=_("Given to deals that enter this stage from now on.")),
            Number(key="rots_after", label=_("Rots after (days)"), min=1, max=3650),
            Choices(key="required", label=_("Asks for"), options=REQUIRABLE,
                    help=_("A deal enters this stage only when these are filled.")),
        ),
        columns=("name", "pipeline", "kind", "probability", "rots_after", "required"),
        prepare=prepare_stages,
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
        group=_("Sales"),
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
            Money(key="amount", label=_("Amount"), headers=("value", "deal value", "close value", "مبلغ", "ارزش")),
            Link(key="stage", label=_("Stage"), to="stage", mark=STAGE_MARK, within="pipeline", headers=("deal stage", "مرحله")),
            Link(key="pipeline", label=_("Pipeline"), to="pipeline", headers=("کاریز", "کاریز فروش")),
            Choice(key="status", label=_("Status"), options=STATES, readonly=True, default="open", headers=("وضعیت",)),
            Percent(key="probability", label=_("Probability"), secondary=True, headers=("احتمال",)),
            Money(key="weighted", label=_("Weighted amount"), readonly=True, secondary=True, reads=("amount", "probability")),
            Day(key="expected_on", label=_("Expected close"),
                headers=("expected close date", "expected close", "موعد بستن", "تاریخ بستن", "تاریخ بستن پیش‌بینی‌شده")),
            UserLink(key="owner", label=_("Owner"), headers=("sales agent", "deal owner", "مسئول", "کارشناس فروش")),
            Instant(key="next_activity_at", label=_("Next activity"), readonly=True),
            Text(key="next_activity_title", label=_("Next step"), readonly=True, max_length=300, secondary=True),
            Choice(key="next_activity_kind", label=_("Kind of next step"), options=STEP_KINDS, readonly=True, secondary=True),
            Instant(key="stage_since", label=_("In stage since"), readonly=True, secondary=True),
            Day(key="engaged_on", label=_("Engaged on"), secondary=True, headers=("engage date", "تاریخ آغاز")),
            Day(key="closed_on", label=_("Closed on"), secondary=True, headers=("close date", "تاریخ پایان")),
            Lines(key="lines", label=_("Products"), headers=("product", "products", "محصول", "محصولات", "کالا")),
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
            Section(_("Pipeline"), ("pipeline", "stage", "probability", "expected_on", "engaged_on", "closed_on", "source")),
            Section(_("Products"), ("lines",)),
            Section(_("Loss"), ("lost_reason", "competitor", "lost_note")),
            Section(_("More"), ("description", "external_id")),
        ),
        together=("pipeline", "stage", "probability", "engaged_on", "closed_on", "lost_reason", "competitor", "lost_note"),
        begin=begin_deal,
        prepare=prepare_deals,
        after=tell_deals,
        told=told_by_facts,
    )
)  # fmt: skip
