"""Entries of the ledger are their person's: whoever may not see the person sees none of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import Q

from peyvand.operational.contacts.public import PERSON
from peyvand.platform.access.decisions import decide, visible
from peyvand.platform.access.policies import policy_of
from peyvand.platform.identity.actor import Actor
from peyvand.platform.identity.grants import Scope


@dataclass(frozen=True)
class PersonRows:
    """A verb covers the entries of those people whom the actor may apply the same verb to; where its scope is narrower than
    all, only of those who are in that scope themselves."""

    follows: ClassVar[tuple[str, ...]] = (PERSON.key,)

    def rows(self, actor: Actor, scope: Scope, verb: str = "view") -> Q | None:
        if scope is Scope.NONE:
            return Q(pk__in=[])
        people = PERSON.rows
        covered = visible(actor, PERSON.key, people, verb)
        if (within := policy_of(PERSON.key).rows(actor, scope, verb)) is not None:
            covered = covered.filter(within)
        return None if covered is people else Q(person_id__in=covered.values("id"))

    def covers(self, actor: Actor, scope: Scope, record: Any, verb: str = "view") -> bool:
        if scope is Scope.NONE or not policy_of(PERSON.key).covers(actor, scope, record.person, verb):
            return False
        return bool(decide(actor, PERSON.permission(verb), record.person))
