"""What this slice declares: automations, their steps, and every record that one came to."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from peyvand.kernel.errors import msg
from peyvand.operational.activities.public import TASK
from peyvand.platform.access.policies import SharedRows
from peyvand.platform.fields.about import About
from peyvand.platform.fields.types import (
    Choice,
    Flag,
    Instant,
    Link,
    LongText,
    Number,
    Percent,
    Text,
    UserLink,
)
from peyvand.platform.objects import areas
from peyvand.platform.objects.conditions import ConditionText
from peyvand.platform.objects.policies import AboutRows
from peyvand.platform.objects.spec import ObjectSpec, Related, Section, register
from peyvand.processes.automations import models as m
from peyvand.processes.automations.fields import (
    CHANGEABLE,
    DIRECTIONS,
    EVENTS,
    GROUPS,
    INSIGHTS,
    KINDS,
    OBJECTS,
    ON_CHANGE,
    ON_INSIGHT,
    OUTCOMES,
    RUN_STATES,
    SETTABLE,
    STATES,
    WHOM,
    Measured,
)
from peyvand.processes.automations.hooks import after_automations, prepare_automations, prepare_steps

_WHOM = ("kind", (m.TASK, m.NOTIFY, m.GIVE))
_TASK = ("kind", (m.TASK,))
_SET = ("kind", (m.SET,))

AUTOMATION = register(
    ObjectSpec(
        key="automation",
        admin=True,
        plural="automations",
        model=m.Automation,
        label=_("Automation"),
        label_plural=_("Automations"),
        icon="gear",
        menu=65,
        area=areas.PROCESSES,
        policy=SharedRows(),
        in_search=False,
        default_sort="name",
        fields=(
            Text(key="name", label=_("Name"), required=True, max_length=150),
            Choice(key="state", label=_("State"), options=STATES, readonly=True, default=m.DRAFT),
            Choice(key="event", label=_("When this happens"), options=EVENTS, required=True),
            Choice(key="object", label=_("About"), options=OBJECTS, required=True,
                   help=_("The records for which something is done: the event's own, or the one it belongs to.")),
            Choice(key="changed", label=_("Only if this field changed"), options=CHANGEABLE, asked_with=("event", ON_CHANGE)),
            Choice(key="insight", label=_("Which insight"), options=INSIGHTS, asked_with=("event", ON_INSIGHT), help=_("None chosen: any.")),
            Choice(key="direction", label=_("In which direction"), options=DIRECTIONS, asked_with=("event", ON_INSIGHT),
                   help=_("None chosen: any change.")),
            ConditionText(key="condition", label=_("Only those for which"), chosen_by="object", help=_("Without a condition: all of them.")),
            Number(key="quiet_days", label=_("At most once per record in so many days"), min=0, max=3650, default=30),
            Percent(key="held_out", label=_("Share in the control group"), min=0, max=50, default=0,
                    help=_("Chosen at random, the same records every time. Without it nobody can tell what the automation changes.")),
            ConditionText(key="outcome", label=_("It has helped when"), chosen_by="object",
                          help=_("A condition that comes to hold, or the event below.")),
            Choice(key="outcome_event", label=_("or when this happens"), options=OUTCOMES),
            Number(key="outcome_days", label=_("Within so many days"), min=1, max=730, default=30),
            Number(key="least_effect", label=_("Smallest difference worth knowing, in points of a hundred"), min=1, max=99, default=10,
                   help=_("The smaller it is, the more records it takes before anything can be said.")),
            Measured(key="effect", label=_("Effect"), readonly=True, secondary=True, gathers=("automation_run.came", "automation_run.group")),
        ),
        columns=("name", "state", "event", "object", "held_out", "effect"),
        sections=(
            Section(_("When and about what"), ("name", "event", "object", "changed", "insight", "direction", "condition", "quiet_days")),
            Section(_("What it is for"), ("outcome", "outcome_event", "outcome_days", "held_out", "least_effect")),
        ),
        related=(Related("automation_step", "automation"), Related("automation_run", "automation")),
        stays=lambda one: msg("Pause it before you delete it.") if one.state == m.ACTIVE else None,
        prepare=prepare_automations,
        after=after_automations,
    )
)  # fmt: skip

STEP = register(
    ObjectSpec(
        key="automation_step",
        admin=True,
        plural="automation_steps",
        model=m.AutomationStep,
        label=_("Step of an automation"),
        label_plural=_("Steps of automations"),
        icon="list",
        title="kind",
        policy=SharedRows(),
        in_search=False,
        default_sort="position",
        fields=(
            Choice(key="kind", label=_("What is done"), options=KINDS, required=True, default=m.TASK),
            Link(key="automation", label=_("Automation"), to="automation", required=True),
            Text(key="title", label=_("Title"), max_length=300, asked_with=_TASK),
            LongText(key="text", label=_("Text"), max_length=5000, asked_with=("kind", (m.TASK, m.NOTIFY)),
                     help=_("Places are filled in: {{reason}}, {{offer|nothing yet}}, {{person.name|the customer}}, {{user.name}}.")),
            Choice(key="whom", label=_("For whom"), options=WHOM, required=True, default=m.OWNER, asked_with=_WHOM),
            UserLink(key="user", label=_("User"), asked_with=("whom", (m.USER,))),
            Number(key="days", label=_("Due in so many working days"), min=0, max=365, default=1, asked_with=_TASK),
            Number(key="hours", label=_("and working hours"), min=0, max=500, default=0, asked_with=_TASK),
            Choice(key="priority", label=_("Priority"), options=TASK.field("priority", Choice).options, default="normal", asked_with=_TASK),
            Link(key="sequence", label=_("Sequence"), to="sequence", asked_with=("kind", (m.ENROL,))),
            Choice(key="field", label=_("Field"), options=SETTABLE, asked_with=_SET),
            LongText(key="value", label=_("To what"), max_length=2000, asked_with=_SET, help=_("As it is typed in a form; empty: nothing.")),
            Number(key="position", label=_("Order"), readonly=True),
            Number(key="id", label=_("Number"), readonly=True, grouped=False),
        ),
        columns=("kind", "title", "whom", "user", "automation", "position"),
        sections=(
            Section(_("Step"), ("kind", "automation", "title", "text", "field", "value", "sequence")),
            Section(_("For whom and by when"), ("whom", "user", "days", "hours", "priority")),
        ),
        prepare=prepare_steps,
    )
)  # fmt: skip

RUN = register(
    ObjectSpec(
        key="automation_run",
        admin=True,
        plural="automation_runs",
        model=m.AutomationRun,
        label=_("Record of an automation"),
        label_plural=_("Records of automations"),
        icon="check",
        title="title",
        policy=AboutRows(),
        in_search=False,
        creatable=False,
        changeable=False,
        has_bin=False,
        fields=(
            Text(key="title", label=_("Automation"), readonly=True),
            About(key="about", label=_("About"), readonly=True),
            Choice(key="group", label=_("Group"), options=GROUPS, readonly=True),
            Choice(key="state", label=_("State"), options=RUN_STATES, readonly=True),
            Instant(key="at", label=_("At"), readonly=True),
            LongText(key="reason", label=_("Because"), readonly=True),
            LongText(key="result", label=_("What was done"), readonly=True),
            LongText(key="problem", label=_("Problem"), readonly=True),
            Flag(key="came", label=_("Outcome reached"), readonly=True, default=None),
            Instant(key="came_at", label=_("Came at"), readonly=True),
            Instant(key="until", label=_("Waiting until"), readonly=True, secondary=True),
            Link(key="automation", label=_("The automation"), to="automation", readonly=True, secondary=True),
            UserLink(key="owner", label=_("Owner"), readonly=True),
            Link(key="person", label=_("Person"), to="person", readonly=True, secondary=True),
            Link(key="company", label=_("Company"), to="company", readonly=True, secondary=True),
        ),
        columns=("about", "group", "state", "at", "result", "problem", "came"),
        sections=(
            Section(_("What happened"), ("about", "reason", "result", "problem", "state", "group", "at")),
            Section(_("What came of it"), ("came", "came_at", "until")),
            Section(_("Concerns"), ("automation", "owner", "person", "company")),
        ),
    )
)  # fmt: skip
