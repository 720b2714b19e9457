"""Rules of scoring as they are read: what each asks, and whether it makes sense."""

from __future__ import annotations

from typing import Final

from peyvand.kernel.conditions import Condition, fields_of
from peyvand.kernel.errors import Invalid, msg
from peyvand.operational.leads.models import ScoreRule
from peyvand.operational.leads.scoring.happenings import happening
from peyvand.platform.objects.conditions import condition_in
from peyvand.platform.objects.spec import object_named

FIT, ENGAGEMENT = "fit", "engagement"
# What follows from scores cannot decide about them.
_REACHED: Final = frozenset({"fit", "engagement", "score", "grade", "scored_at", "updated_at"})


def check_rule(rule: ScoreRule) -> None:
    """Hold a rule about to be saved to what can be reckoned.

    Raises:
        Invalid: the field at fault, with its reason.
    """
    if bool(rule.condition) == bool(rule.event):
        raise Invalid.of(msg("Say what a lead must be, or what somebody did: one of both."), "condition")
    if not rule.points:
        raise Invalid.of(msg("A rule gives or takes at least one point."), "points")
    if rule.event:
        if happening(rule.event) is None:
            raise Invalid.of(msg("Choose one from the list."), "event")
        if rule.side == FIT:
            raise Invalid.of(msg("What somebody did counts as engagement."), "side")
        return
    if rule.half_life is not None:
        raise Invalid.of(
            msg("Only what somebody did wears off; what a lead is holds as long as it is so."), "half_life"
        )
    condition_of(rule)


def condition_of(rule: ScoreRule) -> Condition:
    """The rule's condition.

    Raises:
        Invalid: it means nothing for leads.
    """
    condition = condition_in(rule.condition, object_named("lead"))
    if condition is None:
        raise Invalid.of(msg("Say what a lead must be, or what somebody did: one of both."), "condition")
    if _REACHED & set(fields_of(condition)):
        raise Invalid.of(msg("A score cannot depend on itself."), "condition")
    return condition


def active_rules() -> list[ScoreRule]:
    """The rules that count, in their order."""
    return list(ScoreRule.objects.filter(is_active=True, deleted_at__isnull=True).order_by("position", "id"))
