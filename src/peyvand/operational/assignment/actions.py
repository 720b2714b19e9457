"""Verbs of whatever is given out: let the rules decide, for one record or many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from peyvand.kernel.errors import NotFound, RuleViolation, msg
from peyvand.operational.assignment.assigning import give_out
from peyvand.operational.assignment.fields import KINDS
from peyvand.operational.assignment.handing import give_during, is_on
from peyvand.operational.assignment.jobs import HAND_OVER, MOVE, put_to_work
from peyvand.operational.assignment.rules import kind_named
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.models import User
from peyvand.platform.objects.queries import load_record
from peyvand.platform.objects.spec import ObjectSpec, find_object, object_named
from peyvand.platform.workspaces.modules import belongs


def _declare(spec: ObjectSpec) -> None:
    one, many = spec.permission("assign_now"), spec.permission("assign_now_many")

    @action(one, label=_("Give by the rules"), icon="users", offered=lambda record: record.owner_id is None)
    def assign_now(ctx: Context, record: Any) -> None:
        """Let the rules of assignment decide now whose record this is; whoever has it keeps no claim.

        Raises:
            RuleViolation: no rule is about it, or nobody could take it.
        """
        _give(ctx, spec, [record])

    @action(many, label=_("Give by the rules"), on="many", icon="users")
    def assign_now_many(ctx: Context, records: Sequence[Any]) -> None:
        """Let the rules of assignment decide now whose records these are; those that no rule is about stay as they are."""
        give_out(ctx, spec, records)

    for verb in (one, many):
        belongs(verb, "assignment")


def _give(ctx: Context, spec: ObjectSpec, records: Sequence[Any]) -> None:
    gifts = give_out(ctx, spec, records)
    if not gifts:
        raise RuleViolation(msg("No rule of assignment is about this record."), code="rule")
    if gifts[0].choice.user is None:
        raise RuleViolation(msg("Nobody of the pool could take this record now."), code="nobody")


@action(MOVE, label=_("Give away during an absence"), on="none", icon="users", button=False, admin=True)
def move_for(ctx: Context, absence_id: int) -> int:
    """Give what somebody who is away has open to whom the rules say, before the hour does; return how much it was.

    Raises:
        RuleViolation: the absence does not count, or not today.
    """
    absence = load_record(object_named("absence"), ctx.actor, absence_id)
    if not is_on(ctx, absence):
        raise RuleViolation(msg("Nobody is away by this absence today."))
    return give_during(ctx, absence)


@action(HAND_OVER, label=_("Hand over"), on="none", icon="users", button=False, admin=True)
def hand_over_all(ctx: Context, *, user_id: int, to_id: int | None, kinds: Sequence[str]) -> None:
    """Give all that a user has open of these kinds to somebody, or (None) to whom the rules say; the worker does it in sets.

    Raises:
        NotFound: there is no such user, or nothing of the kind. RuleViolation: to themselves, or to somebody switched off.
    """
    if User.objects.filter(id=user_id).first() is None:
        raise NotFound
    if to_id == user_id:
        raise RuleViolation(msg("Choose somebody else than who hands over."), "to")
    if (
        to_id is not None
        and not User.objects.filter(id=to_id, is_active=True, deleted_at__isnull=True).exists()
    ):
        raise RuleViolation(msg("Choose somebody who works here."), "to")
    if not kinds:
        raise RuleViolation(msg("Choose what is handed over."), "kinds")
    for spec in map(kind_named, kinds):
        put_to_work(spec.key, user_id, to_id, ctx.actor.user_id, 0)


for _key in KINDS:
    if (_spec := find_object(_key)) is not None:
        _declare(_spec)
