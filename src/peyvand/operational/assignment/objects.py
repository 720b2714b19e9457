"""What this slice declares: rules of assignment, the seats of their pools, and what users can do."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from peyvand.operational.assignment.fields import (
    AT_WORK,
    OBJECTS,
    SKILL_FIELDS,
    WAYS,
    WHEN_AWAY,
)
from peyvand.operational.assignment.models import AssignmentRule, AssignmentSeat, Skill
from peyvand.operational.assignment.rules import prepare_rules, prepare_seats
from peyvand.platform.access.policies import SharedRows
from peyvand.platform.fields.types import Choice, Flag, Link, Number, Text, UserLink
from peyvand.platform.objects.conditions import ConditionText
from peyvand.platform.objects.spec import ObjectSpec, Related, Section, register

RULE = register(
    ObjectSpec(
        key="assignment_rule",
        admin=True,
        plural="assignment_rules",
        model=AssignmentRule,
        label=_("Rule of assignment"),
        label_plural=_("Rules of assignment"),
        icon="users",
        policy=SharedRows(),
        in_search=False,
        default_sort="position",
        fields=(
            Text(key="name", label=_("Name"), required=True, max_length=150),
            Choice(key="object", label=_("Gives out"), options=OBJECTS, required=True, default="lead"),
            ConditionText(key="condition", label=_("Only those for which"), chosen_by="object",
                          help=_("Nothing chosen: all of them. The first rule that fits decides.")),
            Number(key="position", label=_("Order"), min=0, max=32000, default=0),
            Flag(key="is_active", label=_("Active"), default=True),
            Link(key="team", label=_("Team"), to="team", help=_("Everybody in it takes part; others, and weights, are added on the rule's page.")),
            Choice(key="way", label=_("In which way"), options=WAYS, required=True, default="turns"),
            Choice(key="at_work", label=_("Takes part"), options=AT_WORK, required=True, default="now"),
            Number(key="most_open", label=_("At most open each"), min=1, max=100_000,
                   help=_("Whoever has so many open gets no more; empty: no limit.")),
            Flag(key="previous_first", label=_("First whoever looked after the customer before")),
            Flag(key="by_territory", label=_("Only who works in the record's territory")),
            Choice(key="skill_from", label=_("Needs the skill named by"), options=SKILL_FIELDS,
                   help=_("A language, a product, a city: whoever has a skill of that name takes part.")),
            Number(key="least_level", label=_("At least at level"), min=1, max=5),
            UserLink(key="fallback", label=_("If nobody can, to"), help=_("Empty: to whoever is at work soonest.")),
            Choice(key="when_away", label=_("What is open when somebody is away"), options=WHEN_AWAY, required=True, default="keep"),
            Flag(key="comes_back", label=_("Comes back to them afterwards if untouched"), default=True),
        ),
        columns=("name", "object", "way", "team", "is_active", "position"),
        sections=(
            Section(_("What is given out"), ("name", "object", "condition", "position", "is_active")),
            Section(_("To whom"), ("team", "way", "at_work", "most_open", "previous_first", "by_territory", "skill_from", "least_level", "fallback")),
            Section(_("During absences"), ("when_away", "comes_back")),
            Section(_("More"), ("external_id",)),
        ),
        related=(Related("assignment_seat", "rule"),),
        prepare=prepare_rules,
    )
)  # fmt: skip

SEAT = register(
    ObjectSpec(
        key="assignment_seat",
        admin=True,
        plural="assignment_seats",
        model=AssignmentSeat,
        label=_("Seat in a pool"),
        label_plural=_("Seats in pools"),
        icon="user",
        title="id",
        policy=SharedRows(),
        in_search=False,
        default_sort="id",
        fields=(
            Link(key="rule", label=_("Rule"), to="assignment_rule", required=True),
            UserLink(key="user", label=_("User")),
            Link(key="team", label=_("Team"), to="team", help=_("Instead of a user: everybody in it.")),
            Number(key="weight", label=_("Weight"), min=1, max=20, default=1, help=_("Who has 2 gets twice as many as who has 1.")),
            Number(key="most_open", label=_("At most open each"), min=1, max=100_000, help=_("Empty: what the rule says.")),
            Number(key="id", label=_("Number"), readonly=True, grouped=False),
        ),
        columns=("rule", "user", "team", "weight", "most_open"),
        sections=(Section(_("Details"), ("rule", "user", "team", "weight", "most_open")),),
        prepare=prepare_seats,
    )
)  # fmt: skip

SKILL = register(
    ObjectSpec(
        key="skill",
        admin=True,
        plural="skills",
        model=Skill,
        label=_("Skill"),
        label_plural=_("Skills"),
        icon="star",
        policy=SharedRows(),
        in_search=False,
        default_sort="name",
        fields=(
            Text(key="name", label=_("Skill or language"), required=True, max_length=100, headers=("skill", "language", "مهارت", "زبان")),
            UserLink(key="user", label=_("User"), required=True, headers=("agent", "کاربر")),
            Number(key="level", label=_("Level (1 to 5)"), min=1, max=5, default=3, headers=("level", "سطح")),
        ),
        columns=("name", "user", "level"),
    )
)  # fmt: skip
