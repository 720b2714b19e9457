"""What targets declare: quotas."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from peyvand.operational.targets.hooks import copy_reached, prepare_quotas
from peyvand.operational.targets.models import Quota
from peyvand.operational.targets.policies import QuotaRows
from peyvand.platform.fields.types import Choice, Day, Link, Money, Number, Option, Percent, Text, UserLink
from peyvand.platform.objects import areas
from peyvand.platform.objects.spec import ObjectSpec, Section, StandardView, register

MEASURES = (
    Option("won_amount", _("Amount won")),
    Option("won_count", _("Deals won")),
    Option("new_deals", _("New deals")),
    Option("activities", _("Activities held")),
)
UNITS = (Option("month", _("Month")), Option("quarter", _("Quarter")), Option("year", _("Fiscal year")))
CALENDARS = (Option("jalali", _("Jalali")), Option("gregorian", _("Gregorian")))
_NOW = {"field": "ends_on", "op": "newer_than", "value": {"n": 1, "unit": "day"}}

QUOTA = register(
    ObjectSpec(
        key="quota",
        plural="quotas",
        model=Quota,
        label=_("Quota"),
        label_plural=_("Quotas"),
        icon="flag",
        area=areas.SALES,
        policy=QuotaRows(),
        default_sort="-starts_on",
        lasts=("starts_on", "ends_on"),
        in_search=False,
        views=(StandardView("now", _("Not over yet"), _NOW, "ends_on"),),
        fields=(
            Text(key="name", label=_("Name"), readonly=True, max_length=300),
            UserLink(key="owner", label=_("Person"), headers=("owner", "sales agent", "مسئول", "کارشناس فروش")),
            Link(key="team", label=_("Team"), to="team", headers=("تیم",), help=_("With the teams beneath it.")),
            Choice(key="measure", label=_("Measure"), options=MEASURES, default="won_amount", headers=("measure", "سنجه")),
            Choice(key="unit", label=_("Period"), options=UNITS, default="month", headers=("period", "دوره")),
            Choice(key="calendar", label=_("Calendar"), options=CALENDARS, secondary=True, headers=("تقویم",)),
            Day(key="starts_on", label=_("From"), required=True, headers=("start", "from", "از"),
                help=_("Any day of the period; its first one is kept.")),
            Day(key="ends_on", label=_("Until"), readonly=True),
            Money(key="amount", label=_("Amount to reach"), headers=("target", "quota", "هدف", "مبلغ هدف")),
            Number(key="number", label=_("Number to reach"), min=1, headers=("target number", "تعداد هدف")),
            Link(key="product", label=_("Product"), to="product", secondary=True, headers=("محصول",)),
            Link(key="pipeline", label=_("Pipeline"), to="pipeline", secondary=True, headers=("کاریز",)),
            Money(key="reached_amount", label=_("Amount reached"), readonly=True, gathers=("deal.amount",)),
            Number(key="reached_number", label=_("Number reached"), readonly=True, gathers=("deal.status",)),
            Percent(key="attained", label=_("Attainment"), readonly=True, max=None, gathers=("deal.amount",)),
        ),
        columns=("name", "measure", "amount", "number", "reached_amount", "reached_number", "attained"),
        sections=(
            Section(_("For whom"), ("owner", "team", "product", "pipeline")),
            Section(_("When"), ("unit", "starts_on", "calendar")),
            Section(_("What is to be reached"), ("measure", "amount", "number")),
        ),
        prepare=prepare_quotas,
        after=copy_reached,
    )
)  # fmt: skip
