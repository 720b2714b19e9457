"""What can this user see and do, and why? The same decision as everywhere, told step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from peyvand.administration.members.lines import in_words
from peyvand.kernel import clock
from peyvand.kernel.errors import Message, msg
from peyvand.kernel.persian.calendar import format_instant
from peyvand.platform.access.decisions import decide
from peyvand.platform.access.policies import OwnedRows, SharedRows
from peyvand.platform.access.rules import covered, reaches_all
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import Actor
from peyvand.platform.identity.grants import Scope
from peyvand.platform.identity.models import RecordShare, User
from peyvand.platform.identity.operations import VERBS, is_sealed
from peyvand.platform.objects.policies import AboutRows
from peyvand.platform.objects.queries import ListQuery, count_up_to
from peyvand.platform.objects.spec import ObjectSpec, all_objects

COUNTED = 10_000
# Puts a condition on records of an object into words.
Said = Callable[[ObjectSpec, Any], str]


@dataclass(frozen=True)
class Right:
    """What a user may do with one kind of record by one verb, and the pattern of their role that decided so."""

    verb: str
    scope: Scope
    pattern: str


@dataclass(frozen=True)
class Reach:
    """A kind of record: the rights, and how many records the user sees of how many there are."""

    spec: ObjectSpec
    rights: list[Right]
    seen: int
    is_exact: bool


@dataclass(frozen=True)
class Step:
    """One step of a decision, in words; ``settles`` says which way it went, None where it went neither."""

    words: Message
    settles: bool | None = None


@dataclass(frozen=True)
class Verdict:
    verb: str
    allowed: bool
    steps: list[Step]


def reach_of(actor: Actor) -> list[Reach]:
    """Everything the actor's role says about every kind of record, with the number of those they see."""
    found = []
    for spec in all_objects():
        rights = [
            Right(verb, actor.grants.scope(permission), actor.grants.pattern(permission) or "")
            for verb in VERBS
            if not is_sealed(permission := spec.permission(verb))
        ]
        seen, is_exact = count_up_to(ListQuery(spec, actor, ()), COUNTED)
        found.append(Reach(spec, rights, seen, is_exact))
    return sorted(found, key=lambda r: (r.spec.menu is None, r.spec.menu or 0))


def why(ctx: Context, actor: Actor, spec: ObjectSpec, record: Any, said: Said) -> list[Verdict]:
    """For one record, whether the actor may see, change, delete and share it, and by which steps."""
    asked = ["view", "update", "delete", *(["share"] if isinstance(spec.policy, OwnedRows) else [])]
    verbs = [verb for verb in asked if not is_sealed(spec.permission(verb))]
    return [
        Verdict(
            verb,
            bool(decide(actor, spec.permission(verb), record)),
            list(_steps(ctx, actor, spec, record, verb, said)),
        )
        for verb in verbs
    ]


def _steps(
    ctx: Context, actor: Actor, spec: ObjectSpec, record: Any, verb: str, said: Said
) -> Iterator[Step]:
    operation = spec.permission(verb)
    pattern, scope = actor.grants.pattern(operation), actor.grants.scope(operation)
    if actor.raised is not None:
        until = _moment(ctx, actor.raised.ends_at)
        yield Step(
            msg("The role %(role)s is lent to them until %(until)s.", role=actor.role_name, until=until)
        )
    else:
        yield Step(msg("Their role is %(role)s.", role=actor.role_name))
    if spec.key in actor.grants.objects_off:
        yield Step(msg("The module that these records belong to is switched off."), False)
        return
    if pattern is None:
        yield Step(msg("No line of the role speaks of this: it is denied."), False)
        return
    yield Step(
        msg("The line “%(line)s” of the role decides.", line=in_words(pattern)),
        False if scope is Scope.NONE else None,
    )
    if scope is Scope.NONE:
        return
    by_role = record.pk in covered(replace(actor, shares=frozenset()), operation, [record])
    yield Step(_by_scope(actor, spec, record, scope, operation, said), by_role)
    if by_role or operation not in {f"{spec.key}.view", f"{spec.key}.update"}:
        return
    share = _share(actor, spec, record, verb)
    if share is None:
        yield Step(msg("Nobody shared it with them or their team."), False)
    elif share.ends_at is None:
        yield Step(msg("It was shared with %(holder)s.", holder=str(share.user or share.team)), True)
    else:
        until = _moment(ctx, share.ends_at)
        yield Step(
            msg(
                "It was shared with %(holder)s until %(until)s.",
                holder=str(share.user or share.team),
                until=until,
            ),
            True,
        )


def _by_scope(
    actor: Actor, spec: ObjectSpec, record: Any, scope: Scope, operation: str, said: Said
) -> Message:
    if reaches_all(actor, operation):
        return msg("It covers every record.")
    if not isinstance(spec.policy, OwnedRows | SharedRows):
        return msg("It covers only what goes with records and fields that are open to them.")
    if isinstance(spec.policy, SharedRows):
        return msg("Such records belong to everybody: whoever may do this to one may do it to all.")
    if scope is Scope.CONDITION:
        stated = actor.grants.condition(operation)
        return msg(
            "It covers those of which this is true: %(condition)s.",
            condition=said(spec, stated) if stated else "–",
        )
    owner_id = getattr(record, spec.policy.owner)
    owner = User.objects.filter(id=owner_id).first() if owner_id else None
    if owner is None:
        name: Message = msg("The record belongs to nobody.")
    elif owner.id == actor.user_id:
        name = msg("The record is their own.")
    elif scope is Scope.OWN:
        name = msg("It covers their own; this one belongs to %(owner)s.", owner=owner.name)
    elif scope is Scope.BELOW:
        name = msg(
            "It covers their own and those of whoever reports to them; this one belongs to %(owner)s.",
            owner=owner.name,
        )
    elif scope is Scope.TEAM:
        name = msg("It covers those of their team; this one belongs to %(owner)s.", owner=owner.name)
    else:
        name = msg(
            "It covers what lies in their territories; this one belongs to %(owner)s.", owner=owner.name
        )
    if isinstance(spec.policy, AboutRows) and operation.endswith(".view") and owner_id != actor.user_id:
        return msg("%(first)s What is about a record that they see, they see too.", first=name)
    return name


def _moment(ctx: Context, at: datetime) -> str:
    return format_instant(at, ctx.reader.tz, ctx.reader.language, "long")


def _share(actor: Actor, spec: ObjectSpec, record: Any, verb: str) -> RecordShare | None:
    found: QuerySet[RecordShare] = RecordShare.objects.filter(object=spec.key, object_id=record.pk)
    for share in found.select_related("user", "team"):
        lasts = share.ends_at is None or share.ends_at > clock.now()
        reaches = share.user_id == actor.user_id or share.team_id in actor.circle_ids
        if lasts and reaches and (verb == "view" or share.may_update):
            return share
    return None
