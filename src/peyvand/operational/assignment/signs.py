"""What of a record decides who may have it, beyond its rule: the skills it needs, its territory, who had its customer.

All of it is read for a set of records at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import override

from peyvand.kernel.persian.text import fold
from peyvand.operational.assignment.models import AssignmentRule, Skill
from peyvand.platform.access.rules import rows_of
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Choice, Field, Link, Ref
from peyvand.platform.identity.actor import system_actor
from peyvand.platform.identity.models import Territory, TerritoryMember
from peyvand.platform.objects.filters import compile_for_role
from peyvand.platform.objects.queries import ListQuery, fetch_rows
from peyvand.platform.objects.spec import ObjectSpec, find_object

# The links that say whose record it is, the nearest first.
CUSTOMERS: Final = ("person", "company")


@dataclass
class Signs:
    """By record: the names of the skills it needs (folded: as written), who works in its territory, who had its customer."""

    skills: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    grounds: Mapping[int, Sequence[frozenset[int]]] = field(default_factory=dict)
    previous: Mapping[int, int] = field(default_factory=dict)


def read_signs(ctx: Context, rule: AssignmentRule, spec: ObjectSpec, records: Sequence[Any]) -> Signs:
    """What the rule asks of these records."""
    return Signs(
        _needed(ctx, rule, spec, records) if rule.skill_from else {},
        _grounds(ctx, spec, records) if rule.by_territory else {},
        _previous(spec, records) if rule.previous_first else {},
    )


def _needed(
    ctx: Context, rule: AssignmentRule, spec: ObjectSpec, records: Sequence[Any]
) -> dict[int, dict[str, str]]:
    """Only what somebody has at all counts as a skill: a city that nobody speaks the language of asks for nothing."""
    key = rule.skill_from.partition(".")[2]
    known = {
        fold(name) for name in Skill.objects.filter(deleted_at__isnull=True).values_list("name", flat=True)
    }
    one = spec.all_fields.get(key)
    if one is None or not known:
        return {}
    rows = fetch_rows(ListQuery(spec, system_actor(ctx.tenant), (key,)), [record.id for record in records])
    found: dict[int, dict[str, str]] = {}
    with override(ctx.tenant.language):
        for id, row in rows.items():
            names = {fold(name): name for name in _names(one, row.values.get(key))}
            found[id] = {folded: name for folded, name in names.items() if folded in known}
    return found


def _names(one: Field, value: Any) -> list[str]:
    if isinstance(value, Ref):
        return [value.title]
    if isinstance(one, Choice):
        option = one.option(value)
        return [str(option.label), option.key] if option else []
    if isinstance(value, tuple | list):
        return [str(item.get("name") or "") for item in value if isinstance(item, Mapping)]
    return [str(value)] if value else []


def _grounds(ctx: Context, spec: ObjectSpec, records: Sequence[Any]) -> dict[int, list[frozenset[int]]]:
    """Who works in each territory that a record lies in, the smallest territory first.

    A territory without a condition for such records holds those whose person or company lies in it.
    """
    territories = list(Territory.objects.filter(deleted_at__isnull=True))
    parents = {t.id: t.parent_id for t in territories}
    members: dict[int, set[int]] = defaultdict(set)
    for territory, user in TerritoryMember.objects.values_list("territory_id", "user_id"):
        members[territory].add(user)
    found: dict[int, list[frozenset[int]]] = defaultdict(list)
    for territory in sorted(territories, key=lambda t: (-_depth(t.id, parents), t.id)):
        # Who works in a territory works in all that lies in it.
        if people := frozenset(members[territory.id]):
            for id in _inside(ctx, territory, spec, records):
                found[id].append(people)
    return found


def _depth(id: int, parents: Mapping[int, int | None]) -> int:
    depth, above = 0, parents.get(id)
    while above is not None and depth < len(parents):
        depth, above = depth + 1, parents.get(above)
    return depth


def _inside(ctx: Context, territory: Territory, spec: ObjectSpec, records: Sequence[Any]) -> set[int]:
    actor = system_actor(ctx.tenant)
    if said := territory.conditions.get(spec.key):
        asked = compile_for_role(spec.key, said, actor)
        return set(spec.rows.filter(asked, id__in=[r.id for r in records]).values_list("id", flat=True))
    found: set[int] = set()
    for link in _links(spec):
        said, rows = territory.conditions.get(link.to), rows_of(link.to)
        if said and rows is not None:
            asked = compile_for_role(link.to, said, actor)
            ids = {link.read(r) for r in records} - {None}
            there = set(rows.filter(asked, id__in=ids).values_list("id", flat=True))
            found |= {r.id for r in records if link.read(r) in there}
    return found


def _previous(spec: ObjectSpec, records: Sequence[Any]) -> dict[int, int]:
    """Who last owned another record of the same customer, else who owns the customer; of the person before the company."""
    found: dict[int, int] = {}
    ids = [r.id for r in records]
    for link in _links(spec):
        open_ones = [r for r in records if r.id not in found and link.read(r) is not None]
        customers = {link.read(r) for r in open_ones}
        if not customers:
            continue
        rows = spec.rows.filter(
            deleted_at__isnull=True, owner__isnull=False, **{f"{link.column}__in": customers}
        )
        last = rows.exclude(id__in=ids).order_by(link.column, "-id").distinct(link.column)
        had = dict(last.values_list(link.column, "owner_id"))
        missing = customers - had.keys()
        if (theirs := _owned(link, missing)) is not None:
            had |= theirs
        found |= {r.id: had[link.read(r)] for r in open_ones if link.read(r) in had}
    return found


def _owned(link: Link, ids: Collection[int]) -> dict[int, int] | None:
    linked = find_object(link.to)
    if linked is None or not linked.can_own or not ids:
        return None
    return dict(linked.rows.filter(id__in=ids, owner__isnull=False).values_list("id", "owner_id"))


def _links(spec: ObjectSpec) -> list[Link]:
    """The object's own links to its customer."""
    named = {f.key: f for f in spec.fields if isinstance(f, Link)}
    return [named[key] for key in CUSTOMERS if key in named]
