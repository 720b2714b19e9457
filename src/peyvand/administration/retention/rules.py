"""What a rule says: which records it may be about, from which moment it counts, what it does, and which records are due."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from peyvand.administration.quality.public import QUALITY, rules_of
from peyvand.administration.retention.models import RetentionHold, RetentionRule
from peyvand.kernel import clock
from peyvand.kernel.conditions import ME, MY_TEAM, Condition, leaves, parse
from peyvand.kernel.errors import Invalid, Problem, msg
from peyvand.kernel.persian.calendar import calendar_of, shift
from peyvand.kernel.persian.text import tidy
from peyvand.operational.activities.public import not_spoken
from peyvand.platform.access.rules import reaches_all
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.custom import InCustom
from peyvand.platform.fields.types import Day, Field, Instant
from peyvand.platform.identity.actor import Actor, Tenant, system_actor
from peyvand.platform.objects.derived import Node, reads
from peyvand.platform.objects.filters import compile_condition, may_know
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
        if spec.has_bin and spec.menu is not None and reaches_all(actor, spec.permission("view"))
    ]


def knows_all(actor: Actor, spec: ObjectSpec, rule: RetentionRule) -> bool:
    """Whether the actor may know of everything that a rule asks; its records tell who does not."""
    return all(may_know(actor, spec, path) for path in _paths(rule))


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
    """What tells one wording of a rule from another, and one meaning of the fields it asks about from another."""
    said = [getattr(rule, name) for name in ("id", "object", "since", "months", "deed", "condition")]
    # Sorted: the database keeps the keys of what it holds in an order of its own.
    text = json.dumps([*said, _definitions(rule)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _definitions(rule: RetentionRule) -> list[Any]:
    """What the workspace itself laid down of the fields a rule asks about, and of those they are worked out from."""
    spec, known = find_object(rule.object), set[Node]()
    found: list[list[Any]] = []
    open_ = [node for path in _paths(rule) for node in _nodes(path, spec)] if spec else []
    while open_:
        node = open_.pop()
        owner = find_object(node[0])
        if node in known or owner is None:
            continue
        known.add(node)
        field = owner.all_fields.get(node[1])
        if isinstance(field, InCustom):
            found.append([*node, field.defined.kind, dict(field.defined.config)])
            open_ += reads(field.defined)
        elif node[1] == QUALITY:
            asked = rules_of(owner)
            found.append([*node, QUALITY, {"months": asked.months, "fields": asked.fields}])
    return sorted(found, key=lambda each: each[:2])


def _nodes(path: str, spec: ObjectSpec) -> Iterator[Node]:
    """The fields, by object and key, that a path names."""
    first, _, rest = path.partition(".")
    yield spec.key, first
    if rest:
        yield str(getattr(spec.all_fields.get(first), "to", "")), rest


def _paths(rule: RetentionRule) -> list[str]:
    """The paths that a rule names, also where its condition can no longer be read."""
    return [rule.since, *_asked(rule.condition)]


def _asked(said: Any) -> Iterator[str]:
    if isinstance(said, list):
        for part in said:
            yield from _asked(part)
    elif isinstance(said, Mapping):
        if "field" in said:
            yield str(said["field"])
        for word in ("and", "or", "not"):
            yield from _asked(said.get(word))


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
    if since not in moments_of(spec) or not may_know(ctx.actor, spec, str(since)):
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
    schema = {path: kind for path, kind in spec.condition_schema.items() if may_know(actor, spec, path)}
    condition = parse(said, schema)
    for leaf in leaves(condition):
        values = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
        if leaf.type.value == "user" and {ME, MY_TEAM} & set(map(str, values)):
            raise Invalid.of(msg("A rule works for nobody in particular: name the users instead of “me”."))
    return condition


def _is_date(field: Field) -> bool:
    return isinstance(field, Day | Instant) and field.key != "updated_at"
