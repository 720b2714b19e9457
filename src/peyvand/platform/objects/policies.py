"""Policies that need to know other objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import Exists, OuterRef, Q

from peyvand.platform.access.decisions import visible
from peyvand.platform.access.policies import OwnedRows
from peyvand.platform.identity.actor import Actor
from peyvand.platform.identity.grants import Scope
from peyvand.platform.objects.spec import ObjectSpec, all_objects, find_object


@dataclass(frozen=True)
class AboutRows(OwnedRows):
    """Rows by their owner; but whoever may see a record may also see what lies about it, a colleague's note on their own
    deal for one. Changing follows the owner alone."""

    opens_to_owners: ClassVar[bool] = True

    def rows(self, actor: Actor, scope: Scope, verb: str = "view") -> Q | None:
        rule = super().rows(actor, scope, verb)
        if rule is None or scope is Scope.NONE or verb != "view":
            return rule
        for spec in _abouts():
            there = visible(actor, spec.key, spec.rows.filter(id=OuterRef("about_id")))
            # The kind first: PostgreSQL asks in this order, and may read all of an actor's records to answer the second.
            rule |= Q(about_object=spec.key) & Q(Exists(there))
        return rule

    def covers(self, actor: Actor, scope: Scope, record: Any, verb: str = "view") -> bool:
        if super().covers(actor, scope, record, verb):
            return True
        spec = find_object(record.about_object)
        if scope is Scope.NONE or verb != "view" or spec is None or spec not in _abouts():
            return False
        return visible(actor, spec.key, spec.rows.filter(id=record.about_id)).exists()


def _abouts() -> list[ObjectSpec]:
    """Objects that have owners and are not themselves about others: what activities are commonly about."""
    return [spec for spec in all_objects() if spec.can_own and not isinstance(spec.policy, AboutRows)]
