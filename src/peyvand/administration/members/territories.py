"""Territories: parts of the market, what lies in each, and who works there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from peyvand.administration.members.events import TerritoryChanged, TerritoryDeleted
from peyvand.kernel.conditions import parse, to_json
from peyvand.kernel.errors import Conflict, Invalid, RuleViolation, msg
from peyvand.kernel.persian.text import tidy
from peyvand.platform.access.decisions import demand_lasting
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.database.bulk import insert_rows, next_ids
from peyvand.platform.identity.models import Territory, TerritoryMember, User
from peyvand.platform.objects.sharing import can_share
from peyvand.platform.objects.spec import find_object


@action("territory.create", label=_("Add a territory"), on="none", icon="pin", button=False, admin=True)
def create_territory(ctx: Context, *, name: str, parent: Territory | None = None) -> Territory:
    """Add a territory, in another or beside all."""
    name = tidy(name)
    if not name:
        raise Invalid.of(msg("This is required."), "name", "required")
    if Territory.objects.filter(name=name, deleted_at=None).exists():
        raise Conflict(msg("There is a territory “%(name)s” already.", name=name))
    made: Territory = Territory.objects.create(
        name=name[:200], parent=parent, created_by_id=ctx.actor.user_id
    )
    ctx.record(TerritoryChanged(object="territory", object_id=made.id, title=made.name))
    ctx.touch("territory", made.id)
    return made


@action("territory.draw", label=_("Change a territory"), icon="pin", button=False, admin=True)
def draw_territory(
    ctx: Context, territory: Territory, *, conditions: Mapping[str, Any], members: Sequence[int]
) -> None:
    """Say what lies in a territory, by object, and who works there. Of an object without a condition, the records of
    those who work there lie in it.

    Raises:
        Invalid: an object that belongs to nobody, a condition that cannot be read, a user who is not there.
    """
    demand_lasting(ctx.actor)
    kept = {}
    for key, said in conditions.items():
        spec = find_object(key)
        if spec is None or not can_share(spec):
            raise Invalid.of(msg("There are no records of “%(object)s” to divide.", object=key), "conditions")
        kept[key] = to_json(parse(said, spec.condition_schema))
    asked = set(members)
    there = set(User.objects.filter(id__in=asked, deleted_at=None).values_list("id", flat=True))
    if asked - there:
        raise Invalid.of(msg("This record does not exist or you may not see it."), "members", "missing")
    territory.conditions = kept
    territory.version += 1
    territory.save(update_fields=["conditions", "version", "updated_at"])
    TerritoryMember.objects.filter(territory=territory).delete()
    ids = next_ids(TerritoryMember, len(asked)) if asked else []
    rows = ((id, ctx.tenant.id, territory.id, user) for id, user in zip(ids, sorted(asked), strict=True))
    insert_rows(TerritoryMember, ("id", "workspace_id", "territory_id", "user_id"), rows)
    ctx.record(TerritoryChanged(object="territory", object_id=territory.id, title=territory.name))
    ctx.touch("territory", territory.id)


@action(
    "territory.remove", label=_("Delete a territory"), icon="trash", tone="danger", button=False, admin=True
)
def remove_territory(ctx: Context, territory: Territory) -> None:
    """Delete a territory in which no other lies.

    Raises:
        RuleViolation: one does.
    """
    if Territory.objects.filter(parent=territory, deleted_at=None).exists():
        raise RuleViolation(msg("Other territories lie in this one; move or delete them first."))
    ctx.record(TerritoryDeleted(object="territory", object_id=territory.id, title=territory.name))
    ctx.touch("territory", territory.id)
    territory.delete()
