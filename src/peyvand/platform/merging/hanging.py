"""What hangs on one record moves to another, and back; objects/hanging finds it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, models

from peyvand.kernel import clock
from peyvand.platform.actions.context import Context
from peyvand.platform.events.models import TimelineEntry
from peyvand.platform.fields.custom import InCustom
from peyvand.platform.merging.models import Merge, Moved
from peyvand.platform.objects.hanging import Place, columns_of, custom_links, places
from peyvand.platform.objects.spec import ObjectSpec, all_objects
from peyvand.platform.workspaces.records import Record
from peyvand.platform.workspaces.scope import current_workspace_id
from peyvand.platform.workspaces.security import workspace_tables


@dataclass(frozen=True)
class Step:
    """Rows that were moved: how, in which table, by which column, and which."""

    way: str
    table: str
    column: str
    ids: list[int]


def move(spec: ObjectSpec, winner: int, loser: int) -> list[Step]:
    """Let everything that points at the loser point at the winner; in sets, a few statements however many rows.

    What the winner has already (the same tag, the same meeting) stays where it is. A bond that would tie the winner to
    itself goes to the bin.
    """
    steps = []
    for place in places(spec):
        if place.model is TimelineEntry:
            steps.append(_move_timeline(spec, winner, loser))
            continue
        if issubclass(place.model, Record) and place.model is not spec.model:
            steps += _bin_bonds(place, spec, winner, loser)
        steps.append(_move_rows(place, spec, winner, loser))
    for owner, link in custom_links(spec):
        steps.append(_move_custom(owner, link, winner, loser))
    return [step for step in steps if step.ids]


def _move_rows(place: Place, spec: ObjectSpec, winner: int, loser: int) -> Step:
    where, params = place.here(spec)
    # The two themselves: a company that is the other's parent is settled with the winner's own fields.
    apart = "and t.id <> all(%s)" if place.model is spec.model else ""
    free, others = _free(place, winner)
    sql = (
        f'update "{place.table}" t set {place.column} = %s{_renewed(place.model)} '  # noqa: S608 names come from models, values are parameters
        f"where {where} and t.{place.column} = %s {apart} {free} returning t.id"
    )
    args = [winner, *params, loser, *([[winner, loser]] if apart else []), *others]
    return Step("column", place.table, place.column, _ids(sql, args))


def _free(place: Place, winner: int) -> tuple[str, list[Any]]:
    """SQL that leaves out rows which would be a second time what the winner has, by the table's unique constraints."""
    parts, params = [], []
    columns = {f.name: f.column for f in place.model._meta.local_concrete_fields}
    for constraint in place.model._meta.constraints:
        if not isinstance(constraint, models.UniqueConstraint):
            continue
        named = [columns[name] for name in constraint.fields]
        if place.column not in named:
            continue
        same = " and ".join(f"o.{c} = t.{c}" for c in named if c != place.column)
        parts.append(
            f'and not exists (select 1 from "{place.table}" o where {same} and o.{place.column} = %s)'  # noqa: S608 names come from models, values are parameters
        )
        params.append(winner)
    return " ".join(parts), params


def _bin_bonds(place: Place, spec: ObjectSpec, winner: int, loser: int) -> list[Step]:
    others = [p for p in columns_of(place.model, spec) if p.column != place.column and not p.kind]
    if not others or place.kind:
        return []
    ends = " or ".join(f"t.{p.column} = %s" for p in others)
    sql = (
        f'update "{place.table}" t set deleted_at = %s{_renewed(place.model)} where t.workspace_id = %s '  # noqa: S608 names come from models, values are parameters
        f"and t.{place.column} = %s and ({ends}) and t.deleted_at is null returning t.id"
    )
    ids = _ids(sql, [clock.now(), current_workspace_id(), loser, *([winner] * len(others))])
    return [Step("binned", place.table, "deleted_at", ids)]


def _move_timeline(spec: ObjectSpec, winner: int, loser: int) -> Step:
    sql = """
        update timeline_entry t set object_id = %s where t.workspace_id = %s and t.object = %s and t.object_id = %s
        and not exists (select 1 from timeline_entry o where o.workspace_id = t.workspace_id and o.object = t.object
                        and o.object_id = %s and o.at = t.at and o.event_id = t.event_id)
        returning t.event_id
    """
    ids = _ids(sql, [winner, current_workspace_id(), spec.key, loser, winner])
    return Step("timeline", "timeline_entry", spec.key, ids)


def _move_custom(owner: ObjectSpec, link: InCustom, winner: int, loser: int) -> Step:
    ids = _ids(
        "update custom_value t set number = %s where t.workspace_id = %s and t.field_id = %s and t.number = %s returning t.object_id",
        [winner, current_workspace_id(), link.defined.id, loser],
    )
    point_custom(owner, link, ids, winner)
    return Step("custom", owner.key, link.key, ids)


def point_custom(owner: ObjectSpec, link: InCustom, ids: list[int], to: int) -> None:
    """Let the custom link of these records lead to another record."""
    if ids:
        _ids(
            f'update "{owner.model._meta.db_table}" t set custom = jsonb_set(custom, %s, to_jsonb(%s::bigint)){_renewed(owner.model)} '  # noqa: S608 names come from models, values are parameters
            "where t.workspace_id = %s and t.id = any(%s) returning t.id",
            [[link.key], to, current_workspace_id(), ids],
        )


def _renewed(model: type[models.Model]) -> str:
    """A record that changes has a new version, so that whoever edits it at this moment is told."""
    return ", version = t.version + 1, updated_at = now()" if issubclass(model, Record) else ""


def move_back(step: Step, spec: ObjectSpec, winner: int, loser: int) -> int:
    """Undo one step for the rows that are still where it put them; return how many were not."""
    workspace_id = current_workspace_id()
    if step.way == "timeline":
        sql = """
            update timeline_entry t set object_id = %s where t.workspace_id = %s and t.object = %s and t.object_id = %s
            and t.event_id = any(%s) returning t.event_id
        """
        back = _ids(sql, [loser, workspace_id, step.column, winner, step.ids])
        return len(step.ids) - len(back)
    if step.way == "custom":
        found = next(
            ((o, f) for o, f in custom_links(spec) if (o.key, f.key) == (step.table, step.column)), None
        )
        if found is None:
            return len(step.ids)
        owner, link = found
        back = _ids(
            "update custom_value t set number = %s where t.workspace_id = %s and t.field_id = %s and t.number = %s "
            "and t.object_id = any(%s) returning t.object_id",
            [loser, workspace_id, link.defined.id, winner, step.ids],
        )
        point_custom(owner, link, back, loser)
        return len(step.ids) - len(back)
    model = next((m for m in workspace_tables() if m._meta.db_table == step.table), None)
    if model is None:
        return len(step.ids)
    if step.way == "binned":
        value, still, params = None, "t.deleted_at is not null", []
    else:
        value, still, params = loser, f"t.{step.column} = %s", [winner]
    sql = (
        f'update "{step.table}" t set {step.column} = %s{_renewed(model)} where t.workspace_id = %s and t.id = any(%s) '  # noqa: S608 names come from models, values are parameters
        f"and {still} returning t.id"
    )
    back = _ids(sql, [value, workspace_id, step.ids, *params])
    return len(step.ids) - len(back)


def keep_steps(ctx: Context, merge: Merge, steps: list[Step]) -> None:
    """Remember what a merge moved, and have it searched and shown anew."""
    Moved.objects.bulk_create(
        Moved(merge=merge, way=s.way, table=s.table, column=s.column, ids=s.ids) for s in steps
    )
    for object_key, ids in touched(steps):
        ctx.touch(object_key, *ids)


def steps_of(merge: Merge) -> list[Step]:
    """What a merge moved, in the order in which it did."""
    kept = Moved.objects.filter(merge=merge).order_by("id")
    return [Step(m.way, m.table, m.column, list(m.ids)) for m in kept]


def touched(steps: list[Step]) -> Iterator[tuple[str, list[int]]]:
    """The records among moved rows, by object: they are searched anew and shown anew."""
    by_table = {o.model._meta.db_table: o.key for o in all_objects() if o.base is None}
    for step in steps:
        if step.way == "custom":
            yield step.table, step.ids
        elif step.table in by_table:
            yield by_table[step.table], step.ids


def _ids(sql: str, params: list[Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [row[0] for row in cursor.fetchall()]
