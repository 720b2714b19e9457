"""What a rule says: which records it may be about, from which moment it counts, what it does, and which records are due."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from peyvand.administration.retention.models import RetentionHold, RetentionRule
from peyvand.kernel import clock
from peyvand.kernel.conditions import ME, MY_TEAM, Condition, leaves, parse
from peyvand.kernel.errors import Invalid, Problem, msg
from peyvand.kernel.persian.calendar import calendar_of, shift
from peyvand.kernel.persian.text import tidy
from peyvand.operational.activities.public import not_spoken
from peyvand.platform.actions.context import Context
from peyvand.platform.database.bulk import as_json
from peyvand.platform.fields.types import Day, Field, Instant
from peyvand.platform.identity.actor import Actor, Tenant, system_actor
from peyvand.platform.identity.grants import Scope
from peyvand.platform.objects.filters import compile_condition, is_secret
from peyvand.platform.objects.spec import ObjectSpec, all_objects, find_object
from peyvand.platform.objects.touched import untouched

UNTOUCHED, SPOKEN = "untouched", "spoken"
BIN, DELETE, ERASE = "bin", "delete", "erase"
DEEDS: Final[dict[str, str | Promise]] = {
    BIN: _("put into the bin"), DELETE: _("delete for good"), ERASE: _("forget the person"),
}  # fmt: skip
MOST_MONTHS: Final = 600
MOST_NAME: Final = 120


@dataclass(frozen=True)
class Deed:
    """What one night may do at most, and how many records in one transaction: forgetting a person looks through all tables."""

    night: int
    set: int


LIMITS: Final = {BIN: Deed(20_000, 500), DELETE: Deed(5_000, 200), ERASE: Deed(200, 10)}


def kept_objects(actor: Actor) -> list[ObjectSpec]:
    """The objects that rules may be about: those with a bin, whose every record the actor sees."""
    return [
        spec
        for spec in all_objects()
        if spec.has_bin and spec.menu is not None and actor.grants.scope(spec.permission("view")) is Scope.ALL
    ]


def moments_of(spec: ObjectSpec) -> dict[str, str | Promise]:
    """From when on a rule may count, with what each is called: touched, spoken to, or any date of the record."""
    out: dict[str, str | Promise] = {UNTOUCHED: _("last touched")}
    if not_spoken(spec.key, clock.now()) is not None:
        out[SPOKEN] = _("last spoken to")
    return out | {f.key: f.label for f in spec.all_fields.values() if _is_date(f)}


def deeds_of(spec: ObjectSpec) -> dict[str, str | Promise]:
    """What may become of an object's records."""
    return {key: label for key, label in DEEDS.items() if key != ERASE or spec.key == "person"}


def needed_for(spec: ObjectSpec, deed: str) -> str:
    """The right without which nobody may have a rule do this."""
    return spec.permission({BIN: "delete", DELETE: "purge", ERASE: "erase"}[deed])


def mark_of(rule: RetentionRule) -> str:
    """What tells one wording of a rule from another."""
    said = [getattr(rule, name) for name in ("id", "object", "since", "months", "deed", "condition")]
    return hashlib.sha256(as_json(said).encode()).hexdigest()[:16]


def clean_rule(ctx: Context, raw: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a rule from what was typed or sent.

    Raises:
        Invalid: each part that is wrong.
    """
    spec = next((s for s in kept_objects(ctx.actor) if s.key == raw.get("object")), None)
    if spec is None:
        raise Invalid.of(msg("Choose one from the list."), "object", "choice")
    name, since, deed, months = (
        tidy(str(raw.get("name") or "")),
        raw.get("since"),
        raw.get("deed"),
        raw.get("months"),
    )
    problems = []
    if not name or len(name) > MOST_NAME:
        problems.append(
            Problem("name", msg("Write a text of 1 to %(most)s letters.", most=MOST_NAME), "required")
        )
    if since not in moments_of(spec) or is_secret(str(since), spec, ctx.actor):
        problems.append(Problem("since", msg("Choose one from the list."), "choice"))
    if deed not in deeds_of(spec):
        problems.append(Problem("deed", msg("Choose one from the list."), "choice"))
    if isinstance(months, bool) or not isinstance(months, int) or not 1 <= months <= MOST_MONTHS:
        problems.append(
            Problem(
                "months", msg("This must be between %(min)s and %(max)s.", min=1, max=MOST_MONTHS), "range"
            )
        )
    condition = raw.get("condition") or None
    try:
        _readable(ctx.actor, spec, condition)
    except Invalid as error:
        problems += error.at("condition").problems
    if problems:
        raise Invalid(problems)
    return {
        "name": name,
        "object": spec.key,
        "since": since,
        "months": months,
        "deed": deed,
        "condition": condition,
    }


def due(tenant: Tenant, rule: RetentionRule, *, held: bool = False) -> QuerySet[Any]:
    """The living records that the rule is about today; of them those on hold instead, if ``held``.

    Raises:
        Invalid: what the rule asks about is no longer there.
    """
    spec = find_object(rule.object)
    if spec is None or rule.since not in moments_of(spec):
        raise Invalid.of(msg("What this rule asks about is no longer there."))
    actor = system_actor(tenant)
    rows = spec.rows.filter(deleted_at__isnull=True)
    if rule.condition:
        rows = rows.filter(compile_condition(parse(rule.condition, spec.condition_schema), spec, actor))
    on_hold = Exists(RetentionHold.objects.filter(object=spec.key, object_id=OuterRef("id")))
    return rows.filter(_past(spec, rule, actor), on_hold if held else ~on_hold)


def cutoff(tenant: Tenant, months: int) -> datetime:
    """The midnight before which something must have happened last, so many months ago by the workspace's calendar."""
    day = shift(clock.today(tenant.tz), -months, "month", calendar_of(tenant.language))
    return datetime.combine(day, time(), tenant.tz)


def _past(spec: ObjectSpec, rule: RetentionRule, actor: Actor) -> Q:
    if rule.since == UNTOUCHED:
        return untouched(spec, cutoff(actor.tenant, rule.months))
    if rule.since == SPOKEN:
        moment = cutoff(actor.tenant, rule.months)
        asked = not_spoken(spec.key, moment)
        # Somebody who came yesterday was not spoken to for long either.
        return Q(created_at__lt=moment) & (asked or Q(pk__in=[]))
    older = {"field": rule.since, "op": "older_than", "value": {"n": rule.months, "unit": "month"}}
    return compile_condition(parse(older, spec.condition_schema), spec, actor)


def _readable(actor: Actor, spec: ObjectSpec, said: Any) -> Condition | None:
    """The condition, if whoever states it may ask all of it, and if it means the same whoever reads it.

    Raises:
        Invalid: it is not understood, asks for what is hidden, or is about "me".
    """
    if said is None:
        return None
    schema = {path: kind for path, kind in spec.condition_schema.items() if not is_secret(path, spec, actor)}
    condition = parse(said, schema)
    for leaf in leaves(condition):
        values = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
        if leaf.type.value == "user" and {ME, MY_TEAM} & set(map(str, values)):
            raise Invalid.of(msg("A rule works for nobody in particular: name the users instead of “me”."))
    return condition


def _is_date(field: Field) -> bool:
    return isinstance(field, Day | Instant) and field.key != "updated_at"
