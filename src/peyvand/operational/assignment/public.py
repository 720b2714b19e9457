"""What other slices may use of assignment."""

from peyvand.operational.assignment.assigning import give_out
from peyvand.operational.assignment.models import AssignmentEntry, AssignmentRule, AssignmentSeat, Skill
from peyvand.operational.assignment.objects import RULE, SEAT, SKILL

__all__ = [
    "RULE",
    "SEAT",
    "SKILL",
    "AssignmentEntry",
    "AssignmentRule",
    "AssignmentSeat",
    "Skill",
    "give_out",
]
