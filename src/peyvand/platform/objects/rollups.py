"""Roll-ups: how many records point at this one, and sums, first and last values over them; kept in step in sets.

Whatever changes a source record, its targets (those it left too) are locked in the order of their ids, and then one
grouped statement works out their values: whoever comes second sees what the first one wrote.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, Max, Min, Q, QuerySet, Sum

from peyvand.kernel.conditions import leaves, parse, to_json
from peyvand.kernel.errors import Invalid, msg
from peyvand.platform.actions.action import listeners, on_change
from peyvand.platform.actions.context import Context
from peyvand.platform.database.bulk import array, update_rows
from peyvand.platform.database.prepared import fetch, run
from peyvand.platform.fields.custom import ROLLUP, Definition, InCustom
from peyvand.platform.fields.kinds import CustomNumber
from peyvand.platform.fields.types import (
    Day,
    Field,
    Flag,
    Instant,
    Link,
    LongText,
    Money,
    Number,
    Percent,
    Text,
)
from peyvand.platform.identity.actor import Tenant, system_actor
from peyvand.platform.live.notices import tell
from peyvand.platform.objects.custom import keep_custom
from peyvand.platform.objects.derived import derive, formulas_of
from peyvand.platform.objects.expressions import expressions
from peyvand.platform.objects.filters import compile_condition
from peyvand.platform.objects.queries import with_items
from peyvand.platform.objects.spec import ObjectSpec, find_object, object_named
from peyvand.platform.schema.reading import open_schema
from peyvand.platform.schema.values import holding
from peyvand.platform.workspaces.scope import current_workspace_id

HOWS: Final = ("count", "sum", "min", "max", "first", "last")
SET: Final = 500
_AGGREGATES: Final = {"sum": Sum, "min": Min, "max": Max}
_LEFT = """
select target_id from rollup_source where workspace_id = %s::bigint and field_id = %s::bigint and source_id = any(%s::bigint[])
"""
_FORGET = "delete from rollup_source where workspace_id = %s::bigint and field_id = %s::bigint and source_id = any(%s::bigint[])"
_KEEP = """
insert into rollup_source (workspace_id, field_id, source_id, target_id)
select %s::bigint, %s::bigint, s, t from unnest(%s::bigint[], %s::bigint[]) as v(s, t)
on conflict (workspace_id, field_id, source_id) do update set target_id = excluded.target_id
"""


def check_rollup(spec: ObjectSpec, defined: Definition) -> dict[str, Any]:
    """The config of a roll-up, with the kind of its result.

    Raises:
        Invalid: the object, the link or the field is not there, or makes no sense.
    """
    config = dict(defined.config)
    source = find_object(str(config.get("of") or ""))
    if source is None:
        raise Invalid.of(msg("Choose one from the list."), "of")
    via = source.all_fields.get(str(config.get("via") or ""))
    if not isinstance(via, Link) or via.to != spec.key:
        raise Invalid.of(msg("Choose a link of those records that leads here."), "via")
    how = config.get("how")
    if how not in HOWS:
        raise Invalid.of(msg("Choose one from the list."), "how")
    config |= {"of": source.key, "via": via.key}
    if how == "count":
        config |= {"field": None, "result": "number", "decimals": 0}
    else:
        one = source.all_fields.get(str(config.get("field") or ""))
        result = result_of(one, str(how)) if one is not None else None
        if one is None or result is None:
            raise Invalid.of(msg("This cannot be computed of that field."), "field")
        config |= {"result": result, "decimals": one.decimals if isinstance(one, CustomNumber) else 0}
        if result == "percent":
            config |= {"min": -(2**31), "max": 2**31}
        if isinstance(one, Text):
            config["max_length"] = one.max_length
    if config.get("condition"):
        schema = {key: f.type for key, f in source.all_fields.items() if not f.filters_itself}
        try:
            condition = parse(config["condition"], schema)
        except Invalid as error:
            raise error.at("condition") from None
        if any(leaf.op in ("within", "older_than", "newer_than") for leaf in leaves(condition)):
            raise Invalid.of(msg("A roll-up cannot follow the calendar; name a date instead."), "condition")
        config["condition"] = to_json(condition)
    return config


def result_of(field: Field, how: str) -> str | None:
    """The kind of field that holds this figure of another; None where there is no such figure."""
    if field.is_compound or field.on_request or isinstance(field, Link | LongText):
        return None
    kind = next(
        (name for kind, name in (
            (Money, "money"), (Percent, "percent"), (Number, "number"), (Day, "date"), (Instant, "instant"), (Flag, "flag"), (Text, "text"),
        ) if isinstance(field, kind)),
        None,
    )  # fmt: skip
    if how == "sum":
        return kind if kind in ("money", "number") else None
    if how in ("min", "max"):
        return kind if kind in ("money", "number", "percent", "date", "instant") else None
    return kind


def rollups_over(object_key: str) -> list[InCustom]:
    """The roll-ups that records of this object count in."""
    fields = open_schema().fields
    return [
        f
        for own in fields.values()
        for f in own
        if f.defined.kind == ROLLUP and f.defined.config["of"] == object_key
    ]


@on_change
def keep_derived(ctx: Context, object_key: str, ids: Sequence[int]) -> None:
    """Work out anew what the change of these records changes: their own formulas, then the roll-ups they count in."""
    spec = find_object(object_key)
    if spec is None or not ids or open_schema().is_empty:
        return
    if formulas_of(spec):
        records = list(spec.rows.filter(id__in=ids).order_by("id"))
        _renew(ctx, spec, records, {})
    for rollup in rollups_over(object_key):
        targets = _moved(spec, rollup, ids)
        if targets:
            work_out(ctx, object_named(rollup.defined.object), [rollup], targets)


def work_out(ctx: Context, spec: ObjectSpec, rollups: Sequence[InCustom], ids: Collection[int]) -> None:
    """Compute roll-ups of these records and write what differs; what hangs on it in turn follows."""
    records = list(spec.rows.filter(id__in=sorted(ids)).order_by("id").select_for_update(of=("self",)))
    if not records:
        return
    found = {f.key: figures(ctx.tenant, f, [r.id for r in records]) for f in rollups}
    changed = _renew(
        ctx,
        spec,
        records,
        {r.id: {f.key: found[f.key].get(r.id) for f in rollups} for r in records},
        rise=True,
    )
    if changed:
        tell({spec.key: changed})
        for listener in listeners():
            listener(ctx, spec.key, changed)


def figures(tenant: Tenant, rollup: InCustom, targets: Sequence[int]) -> dict[int, Any]:
    """The value of a roll-up for each of these records that anything counts for."""
    config = rollup.defined.config
    source = object_named(config["of"])
    via = source.field(config["via"])
    rows = counted(tenant, rollup).filter(_points_at(via, targets))
    rows = with_items(source, rows, (via.column,)).order_by()
    how = config["how"]
    if how == "count":
        return {
            id: rollup.decode(n)
            for id, n in rows.values(via.column).annotate(n=Count("id")).values_list(via.column, "n")
        }
    one = source.field(config["field"])
    rows = with_items(source, rows, (one.column,)).filter(**{f"{one.column}__isnull": False})
    if how in _AGGREGATES:
        pairs = rows.values(via.column).annotate(n=_AGGREGATES[how](one.column)).values_list(via.column, "n")
    else:
        if isinstance(one, Text):
            rows = rows.exclude(**{one.column: ""})
        order = "id" if how == "first" else "-id"
        pairs = rows.order_by(via.column, order).distinct(via.column).values_list(via.column, one.column)
    return {id: _typed(rollup, value) for id, value in pairs}


def counted(tenant: Tenant, rollup: InCustom) -> QuerySet[Any]:
    """The records that count in a roll-up: those that meet its condition and are not in the bin."""
    config = rollup.defined.config
    source = object_named(config["of"])
    rows = source.rows.filter(deleted_at__isnull=True)
    if config.get("condition"):
        actor = system_actor(tenant)
        rows = rows.filter(
            compile_condition(parse(config["condition"], source.condition_schema), source, actor)
        )
    return rows


def begin_again(ctx: Context, rollup: InCustom, targets: Sequence[int]) -> None:
    """Compute a new or changed roll-up for a set of records, and note who counts for them."""
    source = object_named(rollup.defined.config["of"])
    via = source.field(rollup.defined.config["via"])
    rows = source.rows.filter(_points_at(via, targets))
    pairs = list(rows.annotate(**expressions(source, (via.column,))).values_list("id", via.column))
    _note(rollup, pairs)
    work_out(ctx, object_named(rollup.defined.object), [rollup], targets)


def _points_at(via: Field, targets: Collection[int]) -> Q:
    if isinstance(via, InCustom):
        return Q(id__in=holding(via, Q(number__in=list(targets))))
    return Q(**{f"{via.column}__in": list(targets)})


def _moved(source: ObjectSpec, rollup: InCustom, ids: Sequence[int]) -> set[int]:
    """The targets of changed sources, those that they counted for until now among them; where they count is noted."""
    workspace_id, via = current_workspace_id(), source.field(rollup.defined.config["via"])
    left = {row[0] for row in fetch(_LEFT, [workspace_id, rollup.defined.id, list(ids)])}
    rows = source.rows.filter(id__in=list(ids)).annotate(**expressions(source, (via.column,)))
    pairs = [(id, target) for id, target in rows.values_list("id", via.column) if target is not None]
    gone = set(ids) - {id for id, _ in pairs}
    if gone:
        run(_FORGET, [workspace_id, rollup.defined.id, list(gone)])
    _note(rollup, pairs)
    return left | {target for _, target in pairs}


def _note(rollup: InCustom, pairs: Sequence[tuple[int, int]]) -> None:
    if pairs:
        sources, targets = zip(*pairs, strict=True)
        run(
            _KEEP,
            [current_workspace_id(), rollup.defined.id, array(sources, "bigint"), array(targets, "bigint")],
        )


def _typed(rollup: InCustom, value: Any) -> Any:
    """What PostgreSQL computed, as the roll-up's field holds it."""
    if value is None or isinstance(value, bool | str | datetime) or rollup.cell in ("day", "moment"):
        return value
    number = int(value)
    return rollup.decode(number) if abs(number) < 2**62 else None


def _renew(
    ctx: Context, spec: ObjectSpec, records: Sequence[Any], values: Mapping[int, Mapping[str, Any]], *, rise: bool = False
) -> list[int]:  # fmt: skip
    """Write the given values and the formulas where they differ from what is there; return the ids of those records."""
    before = {r.id: r.custom for r in records}
    for record in records:
        for key, value in values.get(record.id, {}).items():
            field = spec.field(key)
            field.write(record, value)
    derive(ctx.tenant, spec, records)
    changed = [r for r in records if r.custom != before[r.id]]
    if changed:
        # The version rises, so that whoever read the record before cannot write the old value back.
        update_rows(spec.model, ("custom", "version"), ((r.id, r.custom, r.version + rise) for r in changed))
        keys = [_differing(before[r.id], r.custom) for r in changed]
        keep_custom(ctx, spec, changed, keys)
    return [r.id for r in changed]


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    return {key: after.get(key) for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
