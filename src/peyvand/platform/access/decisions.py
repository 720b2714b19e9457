"""The one permission decision. Deny by default; what may not be seen looks absent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise

from peyvand.kernel.errors import Message, NotAllowed, NotFound, msg
from peyvand.platform.access.rules import covered, reaches_all, rule
from peyvand.platform.identity.actor import Actor, ActorKind
from peyvand.platform.identity.grants import Scope
from peyvand.platform.identity.roles import BUILTIN_ROLES


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
        return Decision(False, msg("Your role (%(role)s) does not allow this.", role=_role(actor)))
    if target is None or reaches_all(actor, operation):
        return Decision(True, msg("Your role (%(role)s) allows this.", role=_role(actor)))
    if covered(actor, operation, [target]):
        return Decision(True, msg("Your role allows this for these records."))
    return Decision(False, msg("Your role does not allow this for this record."))


def _role(actor: Actor) -> str | Promise:
    """What the actor's role is called: a built-in one in the reader's language, another as the workspace named it."""
    builtin = BUILTIN_ROLES.get(actor.role)
    return builtin[0] if builtin else actor.role_name or actor.role


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


def demand_lasting(actor: Actor) -> None:
    """Refuse what would outlive a loan of rights: a lent role ends with nothing left behind.

    Raises:
        NotAllowed: the actor's rights are lent for a while.
    """
    if actor.raised is not None:
        raise NotAllowed(msg("What was lent to you for a while cannot be handed on."))


def demand_named(actor: Actor, operation: str) -> None:
    """Refuse what cannot be taken back to a key for programs that does not name it: "everything" is not said of it.

    Raises:
        NotAllowed: the actor is such a key.
    """
    if actor.kind is ActorKind.TOKEN and operation not in (actor.grants.only or ()):
        raise NotAllowed(msg("A key does this only where its scopes name “%(name)s”.", name=operation))


def demand_each(actor: Actor, operation: str, targets: Sequence[Any]) -> None:
    """As demand, for many records by one question.

    Raises:
        NotAllowed, NotFound: as demand, for the first record that the operation is denied of.
    """
    demand(actor, operation)
    if not targets or reaches_all(actor, operation):
        return
    allowed = covered(actor, operation, targets)
    refused = next((target for target in targets if target.pk not in allowed), None)
    if refused is not None:
        demand(actor, operation, refused)


def visible(actor: Actor, object_key: str, rows: QuerySet[Any], operation: str = "view") -> QuerySet[Any]:
    """Those of ``rows`` that the actor may apply the operation to; none where it is denied."""
    if actor.grants.scope(f"{object_key}.{operation}") is Scope.NONE:
        return rows.none()
    asked = rule(actor, object_key, operation)
    return rows if asked is None else rows.filter(asked)
