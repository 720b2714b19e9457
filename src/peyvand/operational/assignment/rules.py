"""Rules as they are read: what each asks, and whether it makes sense."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from peyvand.kernel.conditions import Condition
from peyvand.kernel.errors import Invalid, NotFound, Refusals, msg
from peyvand.operational.assignment.fields import KINDS
from peyvand.operational.assignment.models import AssignmentRule, AssignmentSeat
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.conditions import condition_in
from peyvand.platform.objects.spec import ObjectSpec, find_object

Values = Mapping[str, Any]


def prepare_rules(ctx: Context, rules: Sequence[AssignmentRule], values: Sequence[Values]) -> None:
    """A rule is about records that somebody owns, and what it asks is there.

    Raises:
        Invalid: it does not, by field.
    """
    refusals = Refusals()
    for rule in rules:
        with refusals.of(rule.id):
            spec = spec_of(rule)
            condition_of(rule)
            key = rule.skill_from.partition(".")
            if rule.skill_from and (key[0] != spec.key or key[2] not in spec.all_fields):
                raise Invalid.of(msg("Choose a field of the same records."), "skill_from")
    refusals.settle()


def prepare_seats(ctx: Context, seats: Sequence[AssignmentSeat], values: Sequence[Values]) -> None:
    """A seat is one user's or one team's.

    Raises:
        Invalid: it is nobody's, or both.
    """
    refusals = Refusals()
    for seat in seats:
        with refusals.of(seat.id):
            if (seat.user_id is None) == (seat.team_id is None):
                raise Invalid.of(msg("Choose a user or a team: one of both."), "user")
            seat.weight = seat.weight or 1
    refusals.settle()


def spec_of(rule: AssignmentRule) -> ObjectSpec:
    """The object that a rule is about.

    Raises:
        Invalid: it is not there, or nobody owns its records.
    """
    try:
        return kind_named(rule.object)
    except NotFound:
        raise Invalid.of(msg("Choose one from the list."), "object") from None


def kind_named(key: str) -> ObjectSpec:
    """The object of this key, whose records are given to somebody.

    Raises:
        NotFound: there is none.
    """
    spec = find_object(key) if key in KINDS else None
    if spec is None:
        raise NotFound
    return spec


def condition_of(rule: AssignmentRule) -> Condition | None:
    """The rule's condition; None where it is about every record.

    Raises:
        Invalid: it means nothing for records of its object.
    """
    return condition_in(rule.condition, spec_of(rule)) if rule.condition else None


def active_rules(object_key: str) -> list[AssignmentRule]:
    """The rules about an object that are switched on, in their order."""
    rows = AssignmentRule.objects.filter(object=object_key, is_active=True, deleted_at__isnull=True)
    return list(rows.order_by("position", "id"))
