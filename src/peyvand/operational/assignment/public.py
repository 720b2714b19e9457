"""What other slices may use of assignment."""

from peyvand.operational.assignment.assigning import give_out
from peyvand.operational.assignment.fields import KINDS as ASSIGNED
from peyvand.operational.assignment.models import AssignmentEntry, AssignmentRule, AssignmentSeat, Skill
from peyvand.operational.assignment.objects import RULE, SEAT, SKILL

__all__ = [
    "ASSIGNED",
    "RULE",
    "SEAT",
    "SKILL",
    "AssignmentEntry",
    "AssignmentRule",
    "AssignmentSeat",
    "Skill",
    "give_out",
]
