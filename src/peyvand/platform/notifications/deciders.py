"""Who may decide about a record: whom a question is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from peyvand.platform.access.rules import covered
from peyvand.platform.identity.actor import actors_of
from peyvand.platform.identity.grants import Scope
from peyvand.platform.identity.models import Role, User
from peyvand.platform.workspaces.scope import current_workspace_id


def deciders(operation: str, records: Sequence[Any]) -> list[set[int]]:
    """For each record with an owner, the users who may apply the operation to it: their manager alone where that is one of
    them, else everybody who may, but the owner."""
    roles = [r.id for r in Role.objects.all() if r.rights.scope(operation) is not Scope.NONE]
    users = User.objects.filter(role_id__in=roles, is_active=True, deleted_at__isnull=True)
    actors = actors_of(current_workspace_id(), set(users.values_list("id", flat=True)))
    may: dict[int, set[int]] = {record.pk: set() for record in records}
    for id, actor in actors.items():
        for pk in covered(actor, operation, records):
            may[pk].add(id)
    managers = dict(User.objects.filter(id__in={r.owner_id for r in records}).values_list("id", "manager_id"))
    out = []
    for record in records:
        manager = managers.get(record.owner_id)
        found = may[record.pk] - {record.owner_id}
        out.append({manager} if manager in found else found)
    return out
