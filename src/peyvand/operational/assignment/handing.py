"""Records that change hands: what somebody away has open, until they are back; and all that one user owns, to others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from django.db.models import QuerySet

from peyvand.kernel import clock
from peyvand.operational.assignment.assigning import SET, Gift, decide, decided, held, matching, write
from peyvand.operational.assignment.choosing import Choice
from peyvand.operational.assignment.fields import KINDS
from peyvand.operational.assignment.models import AssignmentEntry, AssignmentRule
from peyvand.operational.assignment.pools import open_rows
from peyvand.operational.assignment.reasons import reason
from peyvand.operational.assignment.rules import active_rules
from peyvand.operational.availability.public import APPROVED, Absence, away
from peyvand.platform.actions.context import Context
from peyvand.platform.events.models import TimelineEntry
from peyvand.platform.identity.models import User
from peyvand.platform.objects.spec import ObjectSpec, find_object

KEEP, DEPUTY = "keep", "deputy"
# What is written down with the giving itself is nobody's touch.
_SAME: Final = timedelta(seconds=10)


@dataclass(frozen=True)
class Moving:
    """What would change hands during an absence: so many open records of a rule, to whom."""

    spec: ObjectSpec
    rule: AssignmentRule
    count: int


def give_during(ctx: Context, absence: Absence) -> int:
    """Give what somebody who is away has open to their deputy or the pool, where rules say so; return how much it was.

    A record moves once through one absence: who gives it back means it.
    """
    moved = 0
    for key in KINDS:
        spec = find_object(key)
        if spec is None or all(rule.when_away == KEEP for rule in active_rules(key)):
            continue
        held(key)
        gifts: list[Gift] = []
        for rule, records in _touched(ctx, spec, absence):
            gifts += _replaced(ctx, rule, spec, records, absence)
        write(ctx, spec, gifts)
        moved += len(gifts)
    return moved


def is_on(ctx: Context, absence: Absence) -> bool:
    """Whether somebody is away today by this absence, all day."""
    counts = absence.state == APPROVED and absence.deleted_at is None and not absence.hours
    return counts and absence.starts_on <= clock.today(ctx.tenant.tz) <= absence.ends_on


def preview(ctx: Context, absence: Absence) -> list[Moving]:
    """What would change hands if the absence began now."""
    specs = [spec for key in KINDS if (spec := find_object(key)) is not None]
    return [
        Moving(spec, rule, len(records))
        for spec in specs
        for rule, records in _touched(ctx, spec, absence)
        if records
    ]


def give_back(ctx: Context, absence: Absence) -> int:
    """Give back what nobody touched while its owner was away, where the rule says so; return how much it was."""
    owner = User.objects.filter(id=absence.owner_id, is_active=True, deleted_at__isnull=True).first()
    rows = AssignmentEntry.objects.filter(absence_id=absence.id, is_back=False, rule__comes_back=True)
    back = 0
    for key in KINDS if owner is not None else ():
        spec = find_object(key)
        entries = {
            entry.object_id: entry for entry in rows.filter(object=key).select_related("rule").order_by("id")
        }
        if spec is None or not entries:
            continue
        held(key)
        gifts = [
            Gift(
                record, entries[record.id].rule, Choice(absence.owner_id, reason("back")), absence.title,
                from_user=record.owner_id, absence=absence.id, is_back=True,
            )
            for record in _untouched(ctx, spec, entries)
        ]  # fmt: skip
        write(ctx, spec, gifts)
        # Whether it came back or not: this absence is over for it.
        rows.filter(object=key, object_id__in=entries).update(is_back=True)
        back += len(gifts)
    return back


def hand_over(ctx: Context, spec: ObjectSpec, user: User, to: User | None, after: int) -> int | None:
    """Give the next set of a user's open records behind the id ``after`` to somebody, or to whom the rules say.

    Returns the id behind which to go on; None when that was the last set. What no rule is about, or nobody can take, stays.
    """
    held(spec.key)
    rows = open_rows(ctx, spec).filter(owner_id=user.id, id__gt=after).order_by("id")
    records = list(rows[:SET])
    if to is not None:
        why = reason("handed_over", name=user.name)
        gifts = [Gift(record, None, Choice(to.id, why), to.name, from_user=user.id) for record in records]
    else:
        gifts = [gift for gift in decide(ctx, spec, records, without=user.id) if gift.choice.user is not None]
    write(ctx, spec, gifts)
    return records[-1].id if len(records) == SET else None


def counts_of(ctx: Context, user_id: int) -> list[tuple[ObjectSpec, int]]:
    """How much a user has open, by kind."""
    specs = [spec for key in KINDS if (spec := find_object(key)) is not None]
    return [(spec, open_rows(ctx, spec).filter(owner_id=user_id).count()) for spec in specs]


def _touched(ctx: Context, spec: ObjectSpec, absence: Absence) -> list[tuple[AssignmentRule, list[Any]]]:
    """The owner's open records that change hands, by the rule that is about them."""
    moved = AssignmentEntry.objects.filter(object=spec.key, absence_id=absence.id).values("object_id")
    rows = open_rows(ctx, spec).filter(owner_id=absence.owner_id).exclude(id__in=moved).order_by("id")
    left = {record.id: record for record in rows}
    found = []
    for rule in active_rules(spec.key):
        records = [left.pop(id) for id in matching(ctx, rule, spec, left)]
        if rule.when_away != KEEP:
            found.append((rule, records))
    return found


def _replaced(
    ctx: Context, rule: AssignmentRule, spec: ObjectSpec, records: Sequence[Any], absence: Absence
) -> list[Gift]:
    if not records:
        return []
    deputy = _deputy(absence) if rule.when_away == DEPUTY else None
    if deputy is not None:
        why = reason("deputy", name=absence.title)
        return [
            Gift(r, rule, Choice(deputy.id, why), deputy.name, from_user=absence.owner_id, absence=absence.id)
            for r in records
        ]
    gifts = decided(ctx, rule, spec, records, absence.owner_id)
    return [replace(gift, absence=absence.id) for gift in gifts if gift.choice.user is not None]


def _deputy(absence: Absence) -> User | None:
    found: User | None = User.objects.filter(
        id=absence.deputy_id, is_active=True, deleted_at__isnull=True
    ).first()
    return None if found is None or away([found.id], clock.now()) else found


def _untouched(ctx: Context, spec: ObjectSpec, entries: Mapping[int, AssignmentEntry]) -> list[Any]:
    """Those of the records that still are with whom they were given to, and that nobody did anything about since."""
    rows: QuerySet[Any] = open_rows(ctx, spec).filter(id__in=list(entries)).order_by("id")
    still = [r for r in rows if r.owner_id == entries[r.id].user_id and r.updated_at <= entries[r.id].at]
    lines = TimelineEntry.objects.filter(object=spec.key, object_id__in=[r.id for r in still])
    worked = {id for id, at in lines.values_list("object_id", "at") if at > entries[id].at + _SAME}
    return [r for r in still if r.id not in worked]
