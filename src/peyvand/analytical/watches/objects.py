"""What this slice declares: watches."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from peyvand.analytical.watches import models as m
from peyvand.analytical.watches.fields import MONEY, OPTIONS, OTHERS, WAYS, WHOSE, WITHIN
from peyvand.analytical.watches.hooks import begin_anew, prepare_watches
from peyvand.platform.access.policies import SharedRows
from peyvand.platform.fields.types import Choice, Day, Flag, Instant, Link, Money, Number, Text, UserLink
from peyvand.platform.objects import areas
from peyvand.platform.objects.conditions import ConditionText
from peyvand.platform.objects.spec import ObjectSpec, Section, register

WATCH = register(
    ObjectSpec(
        key="watch",
        plural="watches",
        model=m.Watch,
        label=_("Watch"),
        label_plural=_("Watches"),
        icon="flag",
        area=areas.INSIGHTS,
        policy=SharedRows(),
        in_search=False,
        default_sort="name",
        fields=(
            Text(key="name", label=_("Name"), required=True, max_length=100,
                 help=_("It appears on the timeline of whoever crosses the threshold; nothing else is told there.")),
            Choice(key="measure", label=_("What is measured"), options=OPTIONS, required=True, default="revenue"),
            Choice(key="whose", label=_("Measured per"), options=WHOSE, required=True, default=m.COMPANY),
            Choice(key="way", label=_("It reports whoever"), options=WAYS, required=True, default=m.UP),
            Money(key="amount", label=_("Threshold"), min=0, asked_with=("measure", MONEY)),
            Number(key="number", label=_("Threshold, as a number"), min=1, asked_with=("measure", OTHERS)),
            Choice(key="within", label=_("Counting from"), options=WITHIN, required=True, default=m.EVER),
            Number(key="days", label=_("How many days"), min=1, max=3650, asked_with=("within", (m.LAST,))),
            Day(key="since", label=_("Starting on"), asked_with=("within", (m.FROM,))),
            Link(key="product", label=_("Only of this product"), to="product"),
            ConditionText(key="condition", label=_("Only those for which"), chosen_by="whose", help=_("Without a condition: all of them.")),
            Flag(key="is_on", label=_("Checks every night"), default=True,
                 help=_("The first check finds who is already at the threshold.")),
            Instant(key="looked_at", label=_("Last checked"), readonly=True),
            UserLink(key="owner", label=_("Owner")),
        ),
        columns=("name", "measure", "whose", "way", "is_on", "looked_at"),
        sections=(
            Section(_("What is watched"), ("name", "measure", "whose", "way", "amount", "number", "is_on")),
            Section(_("What is counted"), ("within", "days", "since", "product", "condition", "owner")),
        ),
        prepare=prepare_watches,
        after=begin_anew,
    )
)  # fmt: skip
