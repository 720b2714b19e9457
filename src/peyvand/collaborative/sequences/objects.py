"""What this slice declares: sequences, their steps, who goes through them, and what every step came to."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from peyvand.collaborative.sequences import models as m
from peyvand.collaborative.sequences.hooks import prepare_sequences, prepare_steps
from peyvand.collaborative.sequences.reasons import REASONS
from peyvand.collaborative.sequences.tallies import Tally
from peyvand.platform.access.policies import SharedRows
from peyvand.platform.fields.about import About
from peyvand.platform.fields.types import (
    Choice,
    Flag,
    Instant,
    Link,
    LongText,
    Number,
    Option,
    Percent,
    Text,
    UserLink,
)
from peyvand.platform.objects import areas
from peyvand.platform.objects.policies import AboutRows
from peyvand.platform.objects.spec import ObjectSpec, Related, Section, register

KINDS = (
    Option(m.MAIL, _("E-mail"), "info", icon="mail"),
    Option(m.SMS, _("SMS"), "info", icon="sms"),
    Option(m.CALL, _("Call"), "acc", icon="phone"),
    Option(m.TASK, _("Task"), "acc", icon="task"),
    Option(m.WAIT, _("Wait only"), icon="clock"),
)
STATES = (
    Option(m.ACTIVE, _("Under way"), "acc"),
    Option(m.PAUSED, _("Paused"), "warn"),
    Option(m.FINISHED, _("Finished"), "good"),
    Option(m.STOPPED, _("Stopped")),
    Option(m.FAILED, _("Failed"), "bad"),
)
RUN_STATES = (
    Option(m.SENT, _("Sent"), "info"),
    Option(m.DELIVERED, _("Delivered"), "good"),
    Option(m.NOT_SENT, _("Not delivered"), "bad"),
    Option(m.DONE, _("Done"), "good"),
    Option(m.SKIPPED, _("Skipped")),
)
VARIANTS = (Option("a", _("First text")), Option("b", _("Second text")))

_PEOPLE = ("enrolment.state", "enrolment.reason")

SEQUENCE = register(
    ObjectSpec(
        key="sequence",
        plural="sequences",
        model=m.Sequence,
        label=_("Sequence"),
        label_plural=_("Sequences"),
        icon="flow",
        area=areas.PROCESSES,
        menu=64,
        policy=SharedRows(),
        default_sort="name",
        fields=(
            Text(key="name", label=_("Name"), required=True, search=True, max_length=150),
            Flag(key="is_active", label=_("Active"), help=_("Only an active sequence takes people in and goes on.")),
            Link(key="purpose", label=_("Purpose"), to="purpose",
                 help=_("If the purpose needs consent, only people who gave it are taken in.")),
            Number(key="most_a_day", label=_("Messages a day at most"), min=1, max=10_000, default=200,
                   help=_("Of each sender and kind; what is more goes on the next working day.")),
            LongText(key="description", label=_("Description"), secondary=True),
            Tally(key="under_way", label=_("Under way"), of="under_way", readonly=True, secondary=True, gathers=_PEOPLE),
            Tally(key="finished", label=_("Finished"), of="finished", readonly=True, secondary=True, gathers=_PEOPLE),
            Tally(key="answered", label=_("Answered"), of="answered", readonly=True, secondary=True, gathers=_PEOPLE),
            Tally(key="rate", label=_("Reply rate"), of="rate", readonly=True, secondary=True, gathers=_PEOPLE,
                  help=_("Of all who were ever in it: also of those who left it on the way.")),
        ),
        columns=("name", "is_active", "under_way", "finished", "answered", "rate", "purpose"),
        sections=(Section(_("Sequence"), ("name", "is_active", "purpose", "most_a_day", "description")),),
        related=(Related("enrolment", "sequence"),),
        prepare=prepare_sequences,
    )
)  # fmt: skip

STEP = register(
    ObjectSpec(
        key="sequence_step",
        plural="sequence_steps",
        model=m.Step,
        label=_("Step of a sequence"),
        label_plural=_("Steps of sequences"),
        icon="list",
        policy=SharedRows(),
        in_search=False,
        default_sort="position",
        fields=(
            Choice(key="kind", label=_("Kind"), options=KINDS, required=True, default=m.MAIL),
            Text(key="name", label=_("Title"), required=True, max_length=150, help=_("Of a call or task: what is to be done.")),
            Number(key="days", label=_("Working days later"), min=0, max=365, default=0),
            Number(key="hours", label=_("and working hours"), min=0, max=500, default=0),
            Link(key="sequence", label=_("Sequence"), to="sequence", required=True),
            Text(key="subject", label=_("Subject"), max_length=300, help=_("Of an e-mail.")),
            LongText(key="text", label=_("Text"), max_length=20_000,
                     help=_("Places are filled in: {{person.given_name|dear customer}}, {{company.name}}, {{deal.name}}, {{user.name}}.")),
            Text(key="subject_b", label=_("Second subject"), max_length=300),
            LongText(key="text_b", label=_("Second text"), max_length=20_000,
                     help=_("To try which is answered more often; left empty, there is one text.")),
            Percent(key="share_b", label=_("Part that gets the second text"), default=50),
            Number(key="position", label=_("Order"), readonly=True),
        ),
        columns=("name", "sequence", "kind", "days", "hours", "position"),
        sections=(
            Section(_("Step"), ("kind", "name", "days", "hours", "sequence")),
            Section(_("Text"), ("subject", "text")),
            Section(_("Second text"), ("subject_b", "text_b", "share_b")),
        ),
        prepare=prepare_steps,
    )
)  # fmt: skip

ENROLMENT = register(
    ObjectSpec(
        key="enrolment",
        plural="enrolments",
        policy=AboutRows(),
        model=m.Enrolment,
        label=_("Person in a sequence"),
        label_plural=_("People in sequences"),
        icon="flow",
        title="title",
        in_search=False,
        # Verbs of people, leads and deals put them in; verbs of their own and the worker move them on.
        creatable=False,
        changeable=False,
        has_bin=False,
        fields=(
            Text(key="title", label=_("Sequence"), readonly=True),
            Link(key="person", label=_("Person"), to="person", timeline=True, readonly=True),
            Choice(key="state", label=_("State"), options=STATES, readonly=True, default=m.ACTIVE),
            Choice(key="reason", label=_("Reason"), options=REASONS, readonly=True),
            Link(key="step", label=_("Next step"), to="sequence_step", readonly=True),
            Instant(key="next_at", label=_("Next on"), readonly=True),
            Instant(key="ended_at", label=_("Ended on"), readonly=True),
            Text(key="problem", label=_("Problem"), readonly=True, max_length=300, secondary=True),
            Link(key="sequence", label=_("The sequence"), to="sequence", readonly=True, secondary=True),
            UserLink(key="owner", label=_("Owner"), readonly=True),
            About(key="about", label=_("About"), readonly=True),
            Link(key="company", label=_("Company"), to="company", timeline=True, readonly=True, secondary=True),
        ),
        columns=("person", "title", "state", "reason", "step", "next_at", "about", "owner"),
        sections=(
            Section(_("Sequence"), ("sequence", "person", "state", "reason", "problem", "step", "next_at", "ended_at")),
            Section(_("Concerns"), ("about", "company", "owner")),
        ),
        related=(Related("sequence_run", "enrolment"),),
    )
)  # fmt: skip

RUN = register(
    ObjectSpec(
        key="sequence_run",
        plural="sequence_runs",
        model=m.StepRun,
        label=_("Step taken"),
        label_plural=_("Steps taken"),
        icon="check",
        title="title",
        in_search=False,
        creatable=False,
        changeable=False,
        has_bin=False,
        fields=(
            Text(key="title", label=_("Step"), readonly=True),
            Link(key="person", label=_("Person"), to="person", readonly=True),
            Choice(key="kind", label=_("Kind"), options=KINDS, readonly=True),
            Choice(key="variant", label=_("Which text"), options=VARIANTS, readonly=True),
            Choice(key="state", label=_("State"), options=RUN_STATES, readonly=True),
            Instant(key="at", label=_("Taken at"), readonly=True),
            Flag(key="is_replied", label=_("Answered"), readonly=True),
            Flag(key="is_booked", label=_("Meeting booked"), readonly=True),
            Flag(key="is_stopped", label=_("Stopped after it"), readonly=True),
            Link(key="enrolment", label=_("Person in a sequence"), to="enrolment", title="title", readonly=True, secondary=True),
            Link(key="sequence", label=_("Sequence"), to="sequence", readonly=True, secondary=True),
            Link(key="step", label=_("The step"), to="sequence_step", readonly=True, secondary=True),
            UserLink(key="owner", label=_("Owner"), readonly=True),
        ),
        columns=("person", "title", "kind", "variant", "state", "at", "is_replied", "is_booked"),
    )
)  # fmt: skip
