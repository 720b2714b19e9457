"""The one permission decision. Deny by default; what may not be seen looks absent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from peyvand.kernel.errors import Message, NotAllowed, NotFound, msg
from peyvand.platform.access.policies import policy_of
from peyvand.platform.identity.actor import Actor
from peyvand.platform.identity.grants import Scope


@dataclass(frozen=True)
class Decision:
    allowed: bool
    reason: Message

    def __bool__(self) -> bool:
        return self.allowed


def decide(actor: Actor, operation: str, target: Any = None) -> Decision:
    """May the actor apply ``operation`` ("deal.win"), and to this record if one is given?"""
    scope = actor.grants.scope(operation)
    if scope is Scope.NONE:
        return Decision(False, msg("Your role (%(role)s) does not allow this.", role=actor.role))
    if target is None or scope is Scope.ALL:
        return Decision(True, msg("Your role (%(role)s) allows this.", role=actor.role))
    object_key, _, verb = operation.partition(".")
    if policy_of(object_key).covers(actor, scope, target, verb):
        return Decision(True, msg("Your role allows this for these records."))
    return Decision(False, msg("Your role allows this only for your own or your team's records."))


def demand(actor: Actor, operation: str, target: Any = None) -> None:
    """Raises:
    NotFound: the target is not even visible to the actor.
    NotAllowed: it is, but the operation is denied.
    """
    decision = decide(actor, operation, target)
    if decision:
        return
    object_key = operation.partition(".")[0]
    if target is not None and not decide(actor, f"{object_key}.view", target):
        raise NotFound
    raise NotAllowed(decision.reason)


def visible(actor: Actor, object_key: str, rows: QuerySet[Any], operation: str = "view") -> QuerySet[Any]:
    """Those of ``rows`` that the actor may apply the operation to; none where it is denied."""
    scope = actor.grants.scope(f"{object_key}.{operation}")
    if scope is Scope.NONE:
        return rows.none()
    rule = policy_of(object_key).rows(actor, scope, operation)
    return rows if rule is None else rows.filter(rule)
