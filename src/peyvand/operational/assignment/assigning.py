"""Giving records out in sets: the first rule that fits each decides; what it decided is written with its reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid
from peyvand.operational.assignment.choosing import Choice, choose
from peyvand.operational.assignment.events import RecordGiven
from peyvand.operational.assignment.models import AssignmentEntry, AssignmentRule
from peyvand.operational.assignment.pools import Pool, Presence, keep_turns, presence, read_pool
from peyvand.operational.assignment.rules import active_rules, condition_of
from peyvand.operational.assignment.signs import Signs, read_signs
from peyvand.platform.actions.context import Context
from peyvand.platform.database import locks
from peyvand.platform.database.bulk import insert_rows, next_ids
from peyvand.platform.identity.actor import system_actor
from peyvand.platform.objects.filters import compile_condition
from peyvand.platform.objects.records import update_records
from peyvand.platform.objects.references import subjects_of
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.platform.workspaces.scope import current_workspace_id

SET: Final = 1000


@dataclass(frozen=True)
class Gift:
    """A record with what was decided about it."""

    record: Any
    rule: AssignmentRule | None
    choice: Choice
    name: str = ""
    names: Mapping[int, str] | None = None
    from_user: int | None = None
    absence: int | None = None
    is_back: bool = False


def held(object_key: str) -> None:
    """Let nobody else give out records of this object until the transaction ends: turns and loads are read and written."""
    locks.hold(current_workspace_id(), f"assignment:{object_key}")


def give_out(
    ctx: Context, spec: ObjectSpec, records: Sequence[Any], *, without: int | None = None
) -> list[Gift]:
    """Give records to whom the rules say, in the order of their ids; return what was decided about those that a rule fits.

    ``without``: not to this user, who has them now.
    """
    held(spec.key)
    gifts = decide(ctx, spec, records, without=without)
    write(ctx, spec, gifts)
    return gifts


def decide(
    ctx: Context, spec: ObjectSpec, records: Sequence[Any], *, without: int | None = None
) -> list[Gift]:
    """What the rules say of these records; the turns that are taken by it are kept."""
    left = {record.id: record for record in sorted(records, key=lambda record: record.id)}
    gifts: list[Gift] = []
    for rule in active_rules(spec.key):
        fitting = matching(ctx, rule, spec, left)
        if fitting:
            gifts += decided(ctx, rule, spec, [left.pop(id) for id in fitting], without)
    return gifts


def matching(ctx: Context, rule: AssignmentRule, spec: ObjectSpec, records: Mapping[int, Any]) -> list[int]:
    """Ids of those records that a rule is about; none where its condition means nothing any more."""
    if not records:
        return []
    try:
        condition = condition_of(rule)
    except Invalid:
        return []
    if condition is None:
        return list(records)
    asked = compile_condition(condition, spec, system_actor(ctx.tenant))
    return list(spec.rows.filter(asked, id__in=list(records)).order_by("id").values_list("id", flat=True))


def decided(
    ctx: Context, rule: AssignmentRule, spec: ObjectSpec, records: Sequence[Any], without: int | None
) -> list[Gift]:
    """What one rule decides about these records, in their order."""
    pool, signs = read_pool(ctx, rule, spec), read_signs(ctx, rule, spec, records)
    there = _there(pool, signs)
    gifts = []
    for record in records:
        choice = choose(pool, there, signs, record.id, without)
        name = there.names.get(choice.user or 0, "")
        gifts.append(Gift(record, rule, choice, name, there.names, without))
    keep_turns(pool)
    return gifts


def _there(pool: Pool, signs: Signs) -> Presence:
    fallback = {pool.rule.fallback_id} if pool.rule.fallback_id else set()
    return presence(pool.seats.keys() | set(signs.previous.values()) | fallback)


def write(ctx: Context, spec: ObjectSpec, gifts: Sequence[Gift]) -> None:
    """Write owners, entries and facts, in a few statements for each set."""
    for start in range(0, len(gifts), SET):
        some = gifts[start : start + SET]
        given = [gift for gift in some if gift.choice.user is not None]
        if given:
            update_records(ctx, spec, [g.record for g in given], [{"owner": g.choice.user} for g in given])
        _tell(ctx, spec, some)


def _tell(ctx: Context, spec: ObjectSpec, gifts: Sequence[Gift]) -> None:
    now, workspace = clock.now(), current_workspace_id()
    columns = ("id", "workspace_id", "object", "object_id", "rule_id", "rule_name", "user_id", "from_user_id", "absence_id", "why",
               "passed", "shares", "is_back", "at", "by_id")  # fmt: skip
    insert_rows(AssignmentEntry, columns, (
        (
            id, workspace, spec.key, gift.record.id, gift.rule.id if gift.rule else None, gift.rule.name if gift.rule else "",
            gift.choice.user, gift.from_user, gift.absence, gift.choice.why, gift.choice.told(dict(gift.names or {})),
            {str(user): weight for user, weight in gift.choice.shares.items()}, gift.is_back, now, ctx.actor.user_id,
        )
        for id, gift in zip(next_ids(AssignmentEntry, len(gifts)), gifts, strict=True)
    ))  # fmt: skip
    subjects = subjects_of(spec, [gift.record for gift in gifts])
    ctx.record(*(
        RecordGiven(
            object=spec.key, object_id=gift.record.id, title=str(getattr(gift.record, spec.title)), subjects=on,
            to_user_id=gift.choice.user, to_user=gift.name, from_user_id=gift.from_user, rule=gift.rule.name if gift.rule else "",
            reason=gift.choice.why,
        )
        for gift, on in zip(gifts, subjects, strict=True)
    ))  # fmt: skip
