"""Who sees a mailbox and its mails: its owner and whoever sees the owner's rows; what is shared, everybody who sees mails
at all; what is private, its owner alone, and nobody who looks through their eyes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import Q

from peyvand.platform.access.policies import OwnedRows
from peyvand.platform.identity.actor import Actor, ActorKind
from peyvand.platform.identity.grants import Scope


@dataclass(frozen=True)
class SharedOrOwned(OwnedRows):
    """Rows by their owner, and for the eye those that are shared."""

    def rows(self, actor: Actor, scope: Scope, verb: str = "view") -> Q | None:
        rule = super().rows(actor, scope, verb)
        if rule is None or scope is Scope.NONE or verb != "view":
            return rule
        return rule | Q(is_shared=True)

    def covers(self, actor: Actor, scope: Scope, record: Any, verb: str = "view") -> bool:
        is_shown = verb == "view" and scope is not Scope.NONE and record.is_shared
        return is_shown or super().covers(actor, scope, record, verb)


@dataclass(frozen=True)
class MessageRows(SharedOrOwned):
    """As mailboxes, whatever is done to them; but for what is private."""

    has_private: ClassVar[bool] = True

    def rows(self, actor: Actor, scope: Scope, verb: str = "view") -> Q | None:
        if scope is Scope.NONE:
            return Q(pk__in=[])
        rule = OwnedRows.rows(self, actor, scope, verb)
        rule = Q() if rule is None else rule | Q(is_shared=True)
        if actor.kind is ActorKind.SYSTEM:
            return rule or None
        return rule & (Q(is_private=False) | Q(owner_id=_self(actor)))

    def covers(self, actor: Actor, scope: Scope, record: Any, verb: str = "view") -> bool:
        if scope is Scope.NONE:
            return False
        is_open = not record.is_private or actor.kind is ActorKind.SYSTEM or record.owner_id == _self(actor)
        owns = OwnedRows.covers(self, actor, scope, record, verb)
        return is_open and (owns or bool(record.is_shared))


def _self(actor: Actor) -> int:
    return 0 if actor.is_preview else actor.user_id or 0


@dataclass(frozen=True)
class ForAllToRead(OwnedRows):
    """Everybody who sees such rows at all sees all of them; changing follows the owner."""

    def rows(self, actor: Actor, scope: Scope, verb: str = "view") -> Q | None:
        if verb == "view":
            return Q(pk__in=[]) if scope is Scope.NONE else None
        return super().rows(actor, scope, verb)

    def covers(self, actor: Actor, scope: Scope, record: Any, verb: str = "view") -> bool:
        if verb == "view":
            return scope is not Scope.NONE
        return super().covers(actor, scope, record, verb)
