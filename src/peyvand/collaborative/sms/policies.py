"""Who sees messages: whoever sees their owner's rows or the record that they are about; what a colleague was told by the
product, that colleague alone, and nobody who looks through their eyes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import Q

from peyvand.platform.identity.actor import Actor, ActorKind
from peyvand.platform.identity.grants import Scope
from peyvand.platform.objects.policies import AboutRows


@dataclass(frozen=True)
class MessageRows(AboutRows):
    """As activities, but for notices to colleagues."""

    has_private: ClassVar[bool] = True
    opens_to_owners: ClassVar[bool] = False

    def rows(self, actor: Actor, scope: Scope, verb: str = "view") -> Q | None:
        rule = super().rows(actor, scope, verb)
        if actor.kind is ActorKind.SYSTEM:
            return rule
        return (rule or Q()) & (Q(is_notice=False) | Q(owner_id=_self(actor)))

    def covers(self, actor: Actor, scope: Scope, record: Any, verb: str = "view") -> bool:
        is_open = not record.is_notice or actor.kind is ActorKind.SYSTEM or record.owner_id == _self(actor)
        return is_open and super().covers(actor, scope, record, verb)


def _self(actor: Actor) -> int:
    return 0 if actor.is_preview else actor.user_id or 0
