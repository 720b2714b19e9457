"""Whose reports one sees: one's own, and those that are shared with everybody or with one's team; private is private."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from peyvand.platform.access.policies import OwnedRows
from peyvand.platform.identity.actor import Actor
from peyvand.platform.identity.grants import Scope
from peyvand.platform.objects.views import EVERYONE, TEAM


@dataclass(frozen=True)
class ReportRows(OwnedRows):
    """Changing goes by the owner, as with any record, among those that one sees."""

    def rows(self, actor: Actor, scope: Scope, verb: str = "view") -> Q | None:
        own = super().rows(actor, scope, verb)
        if actor.user_id is None or scope is Scope.NONE:
            return own
        seen = Q(owner_id=actor.user_id) | Q(audience=EVERYONE)
        seen |= Q(audience=TEAM, owner_id__in=sorted(self._team(actor)))
        return seen if verb == "view" or own is None else own & seen

    def covers(self, actor: Actor, scope: Scope, record: Any, verb: str = "view") -> bool:
        own = super().covers(actor, scope, record, verb)
        if actor.user_id is None or scope is Scope.NONE:
            return own
        seen = (
            record.owner_id == actor.user_id
            or record.audience == EVERYONE
            or (record.audience == TEAM and record.owner_id in self._team(actor))
        )
        return seen and (verb == "view" or own)

    @staticmethod
    def _team(actor: Actor) -> frozenset[int]:
        return actor.team_user_ids | ({actor.user_id} if actor.user_id is not None else frozenset())
