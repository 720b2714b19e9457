"""Which rows a scope means for each object. Every object names its policy; the answer is the same everywhere.

A policy answers for the scopes that follow from who owns a record. Territories, conditions and shares mean the same for
every object, and are added in access/rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from django.db.models import Q

from peyvand.platform.identity.actor import Actor
from peyvand.platform.identity.grants import Scope
from peyvand.platform.identity.operations import OWN_OBJECTS


class Policy(Protocol):
    """The rows of one object type that a scope covers, for a verb. ``rows`` None means all of the workspace's.

    ``rows`` and ``covers`` say the same, of a table and of a record that is loaded already.
    """

    def rows(self, actor: Actor, scope: Scope, verb: str = "view") -> Q | None: ...

    def covers(self, actor: Actor, scope: Scope, record: Any, verb: str = "view") -> bool: ...


@dataclass(frozen=True)
class OwnedRows:
    """Own: the actor's own. Below, team: also those of whoever reports to the actor, or is in the actor's teams. Rows
    nobody owns: all only."""

    owner: str = "owner_id"
    # Some rows are their owner's alone, so that nobody reaches all.
    has_private: ClassVar[bool] = False
    # Whatever else decides over others' rows, those of the owners that a scope covers may always be seen.
    opens_to_owners: ClassVar[bool] = False

    def owners(self, actor: Actor, scope: Scope) -> frozenset[int] | None:
        """Ids of the users whose rows are covered; None for everybody's."""
        if scope is Scope.ALL:
            return None
        if scope is Scope.NONE or actor.user_id is None:
            return frozenset()
        others = {Scope.TEAM: actor.team_user_ids, Scope.BELOW: actor.below_user_ids}.get(scope, frozenset())
        return others | {actor.user_id}

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


_OWN = OwnedRows()
_policies: dict[str, Policy] = {}


def register_policy(object_key: str, policy: Policy) -> None:
    _policies[object_key] = policy


def has_policy(object_key: str) -> bool:
    """Whether it is an object with rows, and not only a name that operations begin with ("file.attach")."""
    return object_key.startswith(OWN_OBJECTS) or object_key in _policies


def policy_of(object_key: str) -> Policy:
    """The object's policy; a workspace's own objects belong to their owners.

    Raises:
        KeyError: an object of a slice without a policy, which is a defect.
    """
    return _OWN if object_key.startswith(OWN_OBJECTS) else _policies[object_key]
