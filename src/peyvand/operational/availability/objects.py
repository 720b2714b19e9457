"""What this slice declares: weeks of work, days that differ, and absences."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from peyvand.operational.availability.fields import COUNTRIES, KINDS, STATES, Spans
from peyvand.operational.availability.hooks import prepare_absences, prepare_hours, tell_asked
from peyvand.operational.availability.models import Absence, Holiday, WorkingHours
from peyvand.platform.access.policies import SharedRows
from peyvand.platform.fields.types import Choice, Day, Flag, Instant, LongText, Text, UserLink
from peyvand.platform.objects.spec import ObjectSpec, Section, StandardView, register

_HOURS = _("Hours like 8-12, 13-17:30; empty: nobody works.")
DAYS = (
    ("saturday", _("Saturday")), ("sunday", _("Sunday")), ("monday", _("Monday")), ("tuesday", _("Tuesday")),
    ("wednesday", _("Wednesday")), ("thursday", _("Thursday")), ("friday", _("Friday")),
)  # fmt: skip

WORKING_HOURS = register(
    ObjectSpec(
        key="working_hours",
        admin=True,
        plural="working_hours",
        model=WorkingHours,
        label=_("Working hours"),
        label_plural=_("Working hours"),
        icon="clock",
        policy=SharedRows(),
        in_search=False,
        default_sort="starts_on",
        fields=(
            Text(key="name", label=_("Name"), required=True, max_length=100),
            UserLink(key="user", label=_("User"), help=_("Empty: everybody without hours of their own.")),
            Day(key="starts_on", label=_("From"), help=_("Empty: always.")),
            Day(key="ends_on", label=_("Until")),
            Choice(key="country", label=_("Public holidays of"), options=COUNTRIES, help=_("Empty: no public holidays are free.")),
            *(Spans(key=key, label=label, help=_HOURS if n == 0 else "") for n, (key, label) in enumerate(DAYS)),
        ),
        columns=("name", "user", "starts_on", "ends_on", "country"),
        sections=(
            Section(_("Whose and when"), ("name", "user", "starts_on", "ends_on", "country")),
            Section(_("Week"), tuple(key for key, _label in DAYS)),
            Section(_("More"), ("external_id",)),
        ),
        prepare=prepare_hours,
    )
)  # fmt: skip

HOLIDAY = register(
    ObjectSpec(
        key="holiday",
        admin=True,
        plural="holidays",
        model=Holiday,
        label=_("Holiday"),
        label_plural=_("Holidays"),
        icon="sun",
        policy=SharedRows(),
        in_search=False,
        default_sort="day",
        fields=(
            Text(key="name", label=_("Name"), required=True, headers=("holiday", "مناسبت")),
            Day(key="day", label=_("Day"), required=True, headers=("date", "تاریخ")),
            Flag(key="is_working", label=_("We work all the same"), help=_("A public holiday that is a working day here.")),
        ),
        columns=("day", "name", "is_working"),
    )
)  # fmt: skip

_COUNTS = {"field": "state", "op": "is", "value": "approved"}
ABSENCE = register(
    ObjectSpec(
        key="absence",
        plural="absences",
        model=Absence,
        label=_("Absence"),
        label_plural=_("Absences"),
        icon="uminus",
        menu=44,
        title="title",
        in_search=False,
        default_sort="-starts_on",
        lasts=("starts_on", "ends_on"),
        views=(
            StandardView("away", _("Who is away"), _COUNTS, "starts_on", kind="timeline", look={"lane": "owner"}),
            StandardView("asked", _("Waiting for an answer"), {"field": "state", "op": "is", "value": "asked"}, "starts_on"),
        ),
        fields=(
            Text(key="title", label=_("Name"), readonly=True, max_length=300, secondary=True),
            UserLink(key="owner", label=_("Who"), headers=("user", "employee", "کاربر", "همکار")),
            Choice(key="kind", label=_("Kind"), options=KINDS, default="leave", headers=("type", "نوع")),
            Day(key="starts_on", label=_("From"), required=True, headers=("start", "از")),
            Day(key="ends_on", label=_("Until"), help=_("The last day, it included; empty: that one day."), headers=("end", "تا")),
            Spans(key="hours", label=_("Hours"), help=_("Only some hours of the day, like 10-12; empty: all of it."), headers=("ساعت",)),
            UserLink(key="deputy", label=_("Deputy"), headers=("substitute", "جانشین")),
            Choice(key="state", label=_("State"), options=STATES, readonly=True, default="asked"),
            LongText(key="note", label=_("Note"), max_length=2000, secondary=True, headers=("توضیحات",)),
            UserLink(key="decided_by", label=_("Decided by"), readonly=True, secondary=True),
            Instant(key="decided_at", label=_("Decided at"), readonly=True, secondary=True),
            Text(key="reason", label=_("Reason of refusal"), readonly=True, max_length=300, secondary=True),
        ),
        columns=("owner", "kind", "starts_on", "ends_on", "hours", "deputy", "state"),
        sections=(
            Section(_("Details"), ("owner", "kind", "starts_on", "ends_on", "hours", "deputy")),
            Section(_("More"), ("note", "external_id")),
        ),
        prepare=prepare_absences,
        after=tell_asked,
    )
)  # fmt: skip
