"""Whose quotas one sees: by their person as with any record, and those of the teams one is in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from peyvand.platform.access.policies import OwnedRows
from peyvand.platform.identity.actor import Actor
from peyvand.platform.identity.grants import Scope


@dataclass(frozen=True)
class QuotaRows(OwnedRows):
    """A person's quota goes with the person; a team's is also of those in the team or beneath it, and of who leads it."""

    def rows(self, actor: Actor, scope: Scope, verb: str = "view") -> Q | None:
        own = super().rows(actor, scope, verb)
        if own is None or not self._knows_teams(scope, verb):
            return own
        return own | Q(owner_id__isnull=True, team_id__in=sorted(actor.circle_ids))

    def covers(self, actor: Actor, scope: Scope, record: Any, verb: str = "view") -> bool:
        if super().covers(actor, scope, record, verb):
            return True
        return (
            self._knows_teams(scope, verb) and record.owner_id is None and record.team_id in actor.circle_ids
        )

    @staticmethod
    def _knows_teams(scope: Scope, verb: str) -> bool:
        return scope is Scope.TEAM or (verb == "view" and scope is not Scope.NONE)
