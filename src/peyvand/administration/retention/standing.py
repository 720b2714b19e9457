"""What a rule that is on stands on: a user who might do by hand what it does, and the fields as its trial knew them."""

from __future__ import annotations

from typing import Final

from peyvand.administration.retention.models import RetentionRule
from peyvand.administration.retention.rules import knows_all, mark_of, needed_for
from peyvand.kernel.errors import Message, NotAllowed, msg
from peyvand.platform.access.decisions import decide
from peyvand.platform.access.rules import reaches_all
from peyvand.platform.identity.actor import Actor, ActorKind, Tenant, user_actor
from peyvand.platform.identity.grants import Scope
from peyvand.platform.identity.models import Role, User
from peyvand.platform.objects.spec import ObjectSpec, find_object

SWITCH_ON: Final = "retention.switch_on"
MOST_NAMED: Final = 5


def demand_known(actor: Actor, spec: ObjectSpec, rule: RetentionRule) -> None:
    """Refuse a rule whose condition, and whose records, would tell the actor of what is hidden from them.

    Raises:
        NotAllowed: it asks for that.
    """
    if not knows_all(actor, spec, rule):
        raise NotAllowed(msg("This rule asks for what is hidden from your role."))


def obstacle(tenant: Tenant, rule: RetentionRule) -> Message | None:
    """Why a rule that is on must not go on; None where nothing is in its way."""
    spec, actor = find_object(rule.object), _lasting(tenant, rule.switched_by_id)
    if actor is None:
        return msg("Whoever switched this rule on does not work here any more.")
    if spec is None or not _might_switch(actor, spec, rule):
        return msg("Whoever switched this rule on has no longer the right to.")
    if rule.seen != mark_of(rule):
        return msg("A field that this rule asks about was changed since it was looked at.")
    return None


def takers(tenant: Tenant, rule: RetentionRule) -> list[str]:
    """Names of users who may look at a rule and switch it on, the first few."""
    spec = find_object(rule.object)
    roles = [
        role.id
        for role in Role.objects.filter(deleted_at__isnull=True)
        if role.rights.scope(SWITCH_ON) is not Scope.NONE
    ]
    users = User.objects.filter(role_id__in=roles, is_active=True, deleted_at__isnull=True).order_by("id")
    names: list[str] = []
    for id, name in users.values_list("id", "name"):
        actor = _lasting(tenant, id)
        if actor is not None and spec is not None and _might_switch(actor, spec, rule):
            names.append(name)
        if len(names) == MOST_NAMED:
            break
    return names


def _might_switch(actor: Actor, spec: ObjectSpec, rule: RetentionRule) -> bool:
    return (
        bool(decide(actor, SWITCH_ON))
        and reaches_all(actor, spec.permission("view"))
        and reaches_all(actor, needed_for(spec, rule.deed))
        and knows_all(actor, spec, rule)
    )


def _lasting(tenant: Tenant, user_id: int | None) -> Actor | None:
    """The user with the rights of their own, what is lent to them aside; None where they no longer work here."""
    if user_id is None:
        return None
    try:
        return user_actor(tenant.id, user_id, ActorKind.TOKEN)
    except NotAllowed:
        return None
