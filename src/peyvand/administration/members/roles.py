"""Roles: who has which, and what each allows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from peyvand.administration.members.actions import role_named
from peyvand.administration.members.cover import demand_cover, demand_cover_of
from peyvand.administration.members.events import (
    RoleChanged,
    RoleDeleted,
    RoleGiven,
    UserSwitchedOff,
    UserSwitchedOn,
)
from peyvand.kernel import clock
from peyvand.kernel.conditions import parse, to_json
from peyvand.kernel.errors import Conflict, Invalid, RuleViolation, msg
from peyvand.platform.access.policies import OwnedRows
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.grants import FieldAccess, Grants, Scope
from peyvand.platform.identity.models import ApiToken, Role, User
from peyvand.platform.identity.roles import OWNER
from peyvand.platform.objects.changes import record_changes
from peyvand.platform.objects.spec import find_object, object_named

PATTERN = re.compile(r"(\*|[a-z][a-z0-9_]*\.(\*|[a-z_]+)|\*\.[a-z_]+)")
LAST_OWNER = msg("A workspace needs an owner; make someone else an owner first.")


@action("user.give_role", label=_("Give another role"), icon="shield", button=False)
def give_role(ctx: Context, user: User, *, role: str) -> None:
    """Give a user another role.

    Raises:
        NotAllowed: the role, or the user's present one, allows more than the actor may. RuleViolation: the last owner.
    """
    new, old = role_named(role), user.role
    if new.id == old.id:
        return
    demand_cover(ctx, new)
    demand_cover(ctx, old)
    if old.key == OWNER:
        _demand_another_owner(user)
    user.role = new
    user.version += 1
    user.save(update_fields=["role", "version", "updated_at"])
    ctx.record(RoleGiven(object="user", object_id=user.id, title=user.name, before=old.key, after=new.key))
    record_changes(ctx, object_named("user"), [(user, {"role": [old.id, new.id]})], told={user.id: ("role",)})
    ctx.touch("user", user.id)


@action("user.switch_off", label=_("Switch off"), icon="xc", tone="danger", button=False)
def switch_off(ctx: Context, user: User) -> None:
    """Shut a user out of this workspace: their tokens end at once, their records stay theirs.

    Raises:
        RuleViolation: themselves, or the last owner.
    """
    if user.id == ctx.actor.user_id:
        raise RuleViolation(msg("You cannot switch yourself off."))
    demand_cover(ctx, user.role)
    if user.role.key == OWNER:
        _demand_another_owner(user)
    ApiToken.objects.filter(workspace_id=ctx.tenant.id, user_id=user.id, revoked_at=None).update(
        revoked_at=clock.now()
    )
    ctx.record(UserSwitchedOff(object="user", object_id=user.id, title=user.name))
    set_presence(ctx, user, is_active=False)


@action("user.switch_on", label=_("Switch on again"), icon="check", button=False)
def switch_on(ctx: Context, user: User) -> None:
    """Let a user in again. Tokens that ended stay ended."""
    demand_cover(ctx, user.role)
    ctx.record(UserSwitchedOn(object="user", object_id=user.id, title=user.name))
    set_presence(ctx, user, is_active=True)


def set_presence(ctx: Context, user: User, *, is_active: bool) -> None:
    """Let a user in or shut them out, inside an action. Their history tells it; in words another fact says it."""
    was, user.is_active = user.is_active, is_active
    user.version += 1
    user.save(update_fields=["is_active", "version", "updated_at"])
    if was != is_active:
        changes = {"is_active": [was, is_active]}
        record_changes(ctx, object_named("user"), [(user, changes)], told={user.id: ("is_active",)})
    ctx.touch("user", user.id)


@action("role.create", label=_("Add a role"), on="none", icon="shield", button=False)
def create_role(ctx: Context, *, name: str, copy_of: str) -> Role:
    """Make a role of the workspace's own that begins with what another allows."""
    source = role_named(copy_of)
    demand_cover(ctx, source)
    name = name.strip()
    if not name:
        raise Invalid.of(msg("This is required."), "name", "required")
    if Role.objects.filter(name=name).exists():
        raise Conflict(msg("There is a role “%(name)s” already.", name=name))
    key = _free_key(name)
    rights = source.rights
    role: Role = Role.objects.create(
        key=key, name=name[:100], grants=dict(rights.operations), fields=source.fields, conditions=dict(rights.conditions),
        created_by_id=ctx.actor.user_id,
    )  # fmt: skip
    ctx.record(RoleChanged(object="role", object_id=role.id, title=role.name, grants=role.grants))
    ctx.touch("role", role.id)
    return role


@action("role.change", label=_("Change what a role allows"), icon="shield", button=False)
def change_role(
    ctx: Context,
    role: Role,
    *,
    grants: Mapping[str, str],
    fields: Mapping[str, str],
    conditions: Mapping[str, Any] | None = None,
) -> None:
    """Set what a role allows: patterns to scopes, field keys ("deal.amount") to hidden, masked, read or write, and for each
    pattern whose scope is a condition the JSON form of that condition.

    Raises:
        RuleViolation: a built-in role. Invalid: a pattern, scope, field or condition that does not hold. NotAllowed: more
        than the actor has.
    """
    if role.is_builtin:
        raise RuleViolation(msg("Built-in roles stay as they are; make a copy and change that."))
    demand_cover(ctx, role)
    for pattern, scope in grants.items():
        if not PATTERN.fullmatch(pattern) or scope not in set(Scope):
            raise Invalid.of(
                msg("“%(pattern)s: %(scope)s” is no permission.", pattern=pattern, scope=scope), "grants"
            )
        _demand_meaning(role, pattern, scope)
    for path, access in fields.items():
        spec = find_object(path.partition(".")[0])
        if spec is None or path.partition(".")[2] not in spec.all_fields or access not in set(FieldAccess):
            raise Invalid.of(
                msg("“%(path)s: %(access)s” is no rule for a field.", path=path, access=access), "fields"
            )
        if path == f"{spec.key}.{spec.title}" and access in (FieldAccess.HIDDEN, FieldAccess.MASKED):
            raise Invalid.of(
                msg("What names a record cannot be hidden; hide the records themselves."), "fields"
            )
    stated = _stated(grants, conditions or {})
    demand_cover_of(ctx, Grants.from_json(grants, fields, stated))
    role.grants, role.conditions = dict(grants), stated
    role.fields = {k: v for k, v in fields.items() if v != FieldAccess.WRITE}
    role.version += 1
    role.save(update_fields=["grants", "fields", "conditions", "version", "updated_at"])
    ctx.record(RoleChanged(object="role", object_id=role.id, title=role.name, grants=dict(grants)))
    ctx.touch("role", role.id)


def _demand_meaning(role: Role, pattern: str, scope: str) -> None:
    """Some rows have no owner whose they could be: of those a role has all, or none. What it had before may stay."""
    spec = find_object(pattern.partition(".")[0])
    by_owner = (Scope.OWN, Scope.BELOW, Scope.TEAM, Scope.TERRITORY)
    if spec is None or isinstance(spec.policy, OwnedRows) or scope not in by_owner:
        return
    if role.grants.get(pattern) != scope:
        raise Invalid.of(
            msg(
                "“%(object)s” have no owners of their own: a role may do this to all that it sees, or to none.",
                object=spec.label_plural,
            ),
            "grants",
        )


def _stated(grants: Mapping[str, str], conditions: Mapping[str, Any]) -> dict[str, Any]:
    """The conditions of those patterns whose scope is one."""
    stated: dict[str, Any] = {}
    for pattern, scope in grants.items():
        if scope != Scope.CONDITION:
            continue
        spec = find_object(pattern.partition(".")[0])
        if spec is None:
            raise Invalid.of(msg("A condition is stated for one kind of record, not for all."), "conditions")
        if not conditions.get(pattern):
            raise Invalid.of(
                msg("Choose the condition for %(object)s.", object=spec.label_plural), "conditions"
            )
        stated[pattern] = to_json(parse(conditions[pattern], spec.condition_schema))
    return stated


@action("role.remove", label=_("Delete the role"), icon="trash", tone="danger", button=False)
def remove_role(ctx: Context, role: Role) -> None:
    """Delete a role that nobody has.

    Raises:
        RuleViolation: it is built in, or somebody has it.
    """
    if role.is_builtin:
        raise RuleViolation(msg("Built-in roles stay as they are; make a copy and change that."))
    if User.objects.filter(role=role).exists():
        raise RuleViolation(msg("Somebody has this role; give them another first."))
    ctx.record(RoleDeleted(object="role", object_id=role.id, title=role.name))
    ctx.touch("role", role.id)
    role.delete()


def _demand_another_owner(user: User) -> None:
    others = User.objects.filter(
        role__key=OWNER, is_active=True, deleted_at=None, account__isnull=False
    ).exclude(id=user.id)
    # Locked, so that two owners cannot each remove the other at the same moment.
    if not list(others.select_for_update(of=("self",)).values_list("id", flat=True)):
        raise RuleViolation(LAST_OWNER)


def _free_key(name: str) -> str:
    base = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:30] or "role"
    taken = set(Role.objects.filter(key__startswith=base).values_list("key", flat=True))
    return next(key for n in range(1, 1000) if (key := base if n == 1 else f"{base}-{n}") not in taken)
