"""Who sees what people earn: themselves and who leads them; and nobody who may not know what it is reckoned from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from peyvand.operational.commissions.facts import READS
from peyvand.operational.commissions.models import CommissionMember
from peyvand.platform.access.policies import OwnedRows
from peyvand.platform.identity.actor import Actor
from peyvand.platform.identity.grants import Scope


def secret_bases(actor: Actor) -> frozenset[str]:
    """The bases whose fields the actor may not know."""
    return frozenset(
        basis for basis, (object_key, field) in READS.items() if field in actor.grants.hides(object_key)
    )


@dataclass(frozen=True)
class StatementRows(OwnedRows):
    """A person's statements go with the person."""

    bases: str = "bases"

    def rows(self, actor: Actor, scope: Scope, verb: str = "view") -> Q | None:
        found = super().rows(actor, scope, verb)
        for basis in sorted(secret_bases(actor)):
            known = ~Q(**{f"{self.bases}__contains": [basis]})
            found = known if found is None else found & known
        return found

    def covers(self, actor: Actor, scope: Scope, record: Any, verb: str = "view") -> bool:
        return super().covers(actor, scope, record, verb) and not secret_bases(actor) & set(record.bases)


@dataclass(frozen=True)
class LineRows(StatementRows):
    """A line goes with its statement."""

    owner: str = "statement__owner_id"
    bases: str = "statement__bases"

    def covers(self, actor: Actor, scope: Scope, record: Any, verb: str = "view") -> bool:
        return StatementRows().covers(actor, scope, record.statement, verb)


@dataclass(frozen=True)
class PlanRows:
    """With less than everybody's: the plans that are, or were, for oneself and those one stands for."""

    def rows(self, actor: Actor, scope: Scope, verb: str = "view") -> Q | None:
        owners = OwnedRows().owners(actor, scope)
        if owners is None:
            return None
        return Q(id__in=CommissionMember.objects.filter(user_id__in=sorted(owners)).values("plan_id"))

    def covers(self, actor: Actor, scope: Scope, record: Any, verb: str = "view") -> bool:
        owners = OwnedRows().owners(actor, scope)
        return (
            owners is None
            or CommissionMember.objects.filter(plan_id=record.id, user_id__in=sorted(owners)).exists()
        )
