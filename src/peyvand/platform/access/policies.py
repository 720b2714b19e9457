"""Which rows a scope means for each object. Every object names its policy; the answer is the same everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from django.db.models import Q

from peyvand.platform.identity.actor import Actor
from peyvand.platform.identity.grants import Scope


class Policy(Protocol):
    """The rows of one object type that a scope covers, for a verb. ``rows`` None means all of the workspace's."""

    def rows(self, actor: Actor, scope: Scope, verb: str = "view") -> Q | None: ...

    def covers(self, actor: Actor, scope: Scope, record: Any, verb: str = "view") -> bool: ...


@dataclass(frozen=True)
class OwnedRows:
    """Own: the actor's own. Team: those of anyone in the actor's teams or beneath them. Rows nobody owns: all only."""

    owner: str = "owner_id"

    def owners(self, actor: Actor, scope: Scope) -> frozenset[int] | None:
        """Ids of the users whose rows are covered; None for everybody's."""
        if scope is Scope.ALL:
            return None
        if scope is Scope.NONE or actor.user_id is None:
            return frozenset()
        return actor.team_user_ids | {actor.user_id} if scope is Scope.TEAM else frozenset({actor.user_id})

    def rows(self, actor: Actor, scope: Scope, verb: str = "view") -> Q | None:
        owners = self.owners(actor, scope)
        return None if owners is None else Q(**{f"{self.owner}__in": sorted(owners)})

    def covers(self, actor: Actor, scope: Scope, record: Any, verb: str = "view") -> bool:
        owners = self.owners(actor, scope)
        return owners is None or getattr(record, self.owner) in owners


@dataclass(frozen=True)
class SharedRows:
    """Rows of the whole workspace: whoever may do it to one may do it to all."""

    def rows(self, actor: Actor, scope: Scope, verb: str = "view") -> Q | None:
        return Q(pk__in=[]) if scope is Scope.NONE else None

    def covers(self, actor: Actor, scope: Scope, record: Any, verb: str = "view") -> bool:
        return scope is not Scope.NONE


_policies: dict[str, Policy] = {}


def register_policy(object_key: str, policy: Policy) -> None:
    _policies[object_key] = policy


def policy_of(object_key: str) -> Policy:
    """The object's policy; an object without one is a defect, so this raises KeyError."""
    return _policies[object_key]
