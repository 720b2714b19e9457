"""Making one record of several, for every object there is or will be.

The winner keeps its number; each loser goes to the bin and leaves a pointer, by which its old address leads on. What
hangs on the loser moves (hanging.py); compound values are joined (rows.py); single values are the winner's where it has
any, unless chosen otherwise. What was moved and what stood there before is kept, so that unmerging restores both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import connection

from peyvand.kernel import clock
from peyvand.kernel.errors import Conflict, Invalid, Message, NotAllowed, NotFound, Problem, msg
from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Field, Link, is_empty
from peyvand.platform.identity.grants import FieldAccess
from peyvand.platform.jobs.scoped import defer
from peyvand.platform.merging import rows as stored
from peyvand.platform.merging.events import RecordMerged, RecordUnmerged
from peyvand.platform.merging.hanging import keep_steps, move
from peyvand.platform.merging.models import Merge
from peyvand.platform.objects.changes import record_changes
from peyvand.platform.objects.hanging import compound_tables, place_in
from peyvand.platform.objects.queries import ListQuery
from peyvand.platform.objects.records import demand_free, update_records
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.platform.schema.values import forget_values
from peyvand.platform.workspaces.scope import current_workspace_id

MOST: Final = 20
SWEPT_AFTER: Final = 5
SOURCE: Final = "merge"
# So many merges are offered to be taken apart.
SHOWN: Final = 5
# Change with every write, so they are no part of what a merge changed.
_ALWAYS = frozenset(("version", "updated_at", "deleted_at"))
# Where a merge keeps the typed rows of the loser's own values.
LOSERS_VALUES: Final = "custom_value"


def can_merge(spec: ObjectSpec) -> bool:
    """Whether records of this object can be merged: those that can be made and thrown away."""
    return spec.creatable and spec.has_bin


def merge_records(
    ctx: Context,
    spec: ObjectSpec,
    winner_id: int,
    loser_ids: Sequence[int],
    choices: Mapping[str, int] | None = None,
) -> list[Merge]:
    """Make one record of several; return one Merge for each loser, in order.

    ``choices`` names, by field, the record whose value is taken. Otherwise the winner's value stays, the first filled one
    fills a gap, and of lists (phones, tags) everything is kept.

    Raises:
        NotFound: one of them is not there, or the actor may not see it.
        NotAllowed: the actor may not merge one of them.
        Invalid: a choice names no field, or one that the actor may not change.
        RuleViolation: a rule of the object forbids it.
    """
    ids = list(dict.fromkeys(loser_ids))
    choices = dict(choices or {})
    _check(ctx, spec, winner_id, ids, choices)
    records = _locked(ctx, spec, [winner_id, *ids])
    winner = records[winner_id]

    def write() -> list[Merge]:
        merges = [_merge(ctx, spec, winner, records[id], choices) for id in ids]
        ctx.touch(spec.key, winner_id, *ids)
        return merges

    detail = {"losers": ids}
    return perform(ctx, spec.permission("merge"), list(records.values()), write, detail)


def why_kept(object_key: str, ids: Sequence[int]) -> dict[int, Message]:
    """Of these records in the bin those that became part of another: taking them apart brings them back, restoring not."""
    merged = Merge.objects.filter(object=object_key, loser__in=ids, undone_at__isnull=True)
    sentence = msg("This record was merged into another; take the two apart to have it back.")
    return dict.fromkeys(merged.values_list("loser", flat=True), sentence)


def merged_into(object_key: str, id: int) -> int | None:
    """The record that this one became part of, at the end of the chain; None if it was not merged."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            with recursive chain(id, depth) as (
                select %s::bigint, 0
                union all
                select m.winner, c.depth + 1 from chain c join merge m
                    on m.workspace_id = %s and m.object = %s and m.loser = c.id and m.undone_at is null
                where c.depth < 50
            ) select id from chain where depth > 0 order by depth desc limit 1
            """,
            [id, current_workspace_id(), object_key],
        )
        row = cursor.fetchone()
    return int(row[0]) if row else None


def merges_into(spec: ObjectSpec, id: int) -> list[Merge]:
    """The latest merges into a record that can still be taken apart, newest first."""
    return list(Merge.objects.filter(object=spec.key, winner=id, undone_at=None).order_by("-id")[:SHOWN])


def choosable(ctx: Context, spec: ObjectSpec) -> list[Field]:
    """The fields whose value may be chosen when records are merged."""
    may = [
        f
        for f in (*spec.own_fields, spec.field("external_id"))
        if not f.readonly and ctx.actor.grants.field_access(spec.key, f.key) is FieldAccess.WRITE
    ]
    # One of those that are taken together takes them all along.
    if set(spec.together) <= {f.key for f in may}:
        return may
    return [f for f in may if f.key not in spec.together]


def _check(
    ctx: Context, spec: ObjectSpec, winner: int, losers: Sequence[int], choices: Mapping[str, int]
) -> None:
    if not can_merge(spec):
        raise NotAllowed
    if not losers or winner in losers or len(losers) > MOST:
        raise Invalid.of(msg("Choose two to %(most)s different records.", most=MOST + 1), "losers")
    problems = []
    may = {f.key for f in choosable(ctx, spec)}
    for key, id in choices.items():
        if key not in spec.all_fields:
            problems.append(Problem(key, msg("There is no field “%(name)s”.", name=key), "unknown"))
        elif key not in may:
            problems.append(Problem(key, msg("This cannot be changed here."), "readonly"))
        elif id != winner and id not in losers:
            problems.append(Problem(key, msg("Choose one of the records that are merged."), "choice"))
    if problems:
        raise Invalid(problems)


def _locked(ctx: Context, spec: ObjectSpec, ids: Sequence[int]) -> dict[int, Any]:
    """The records, locked in the order of their ids so that no two merges wait for each other."""
    query = ListQuery(spec, ctx.actor, ())
    found = {
        r.id: r for r in query.rows().filter(id__in=list(ids)).order_by("id").select_for_update(of=("self",))
    }
    if gone := [id for id in ids if id not in found]:
        if any(merged_into(spec.key, id) for id in gone):
            raise Conflict(msg("One of these records was merged by someone else meanwhile."))
        raise NotFound
    return {id: found[id] for id in ids}


def _merge(ctx: Context, spec: ObjectSpec, winner: Any, loser: Any, choices: Mapping[str, int]) -> Merge:
    before = {r.id: stored.record_row(spec.model, r.id) for r in (winner, loser)}
    values = _values(spec, winner, loser, choices)
    lists = lists_of(spec, winner.id)
    steps = move(spec, winner.id, loser.id)
    kept: dict[str, Any] = {}
    if spec.custom_fields:
        kept[LOSERS_VALUES] = stored.custom_rows([f.defined.id for f in spec.custom_fields], loser.id)
        forget_values(spec.key, [loser.id])
    demand_free(ctx, spec, [loser])
    gone = {"deleted_at": clock.now()} | ({"external_id": None} if "external_id" in values else {})
    stored.put_columns(spec.model, loser.id, gone)
    kept |= _join_compounds(spec, winner.id, loser.id, choices)
    now = lists_of(spec, winner.id)
    values |= now
    update_records(ctx, spec, [winner], [values], source=SOURCE)
    if changes := {key: [old, now[key]] for key, old in lists.items() if old != now[key]}:
        record_changes(ctx, spec, [(winner, changes)], source=SOURCE)
    merge: Merge = Merge.objects.create(
        object=spec.key,
        winner=winner.id,
        loser=loser.id,
        winner_title=str(getattr(winner, spec.title))[:300],
        loser_title=str(getattr(loser, spec.title))[:300],
        changed={
            word: _differences(before[r.id], stored.record_row(spec.model, r.id))
            for word, r in (("winner", winner), ("loser", loser))
        },
        rows=kept,
        by_id=ctx.actor.user_id,
        at=clock.now(),
    )
    keep_steps(ctx, merge, steps)
    # Whoever linked to the loser at this very moment is not seen yet.
    defer("merging.sweep", delay=SWEPT_AFTER, merge_id=merge.id)
    tell(ctx, merge, RecordMerged)
    return merge


def _values(spec: ObjectSpec, winner: Any, loser: Any, choices: Mapping[str, int]) -> dict[str, Any]:
    """What the winner gets of the loser's single values, by field."""
    values: dict[str, Any] = {}
    together = next((choices[key] for key in spec.together if key in choices), winner.id)
    for field in spec.stored_fields:
        if field.readonly:
            continue
        mine, theirs = field.read(winner), field.read(loser)
        if isinstance(field, Link) and field.to == spec.key:
            mine, theirs = _apart(spec, field, winner, loser)
            if mine != field.read(winner):
                values[field.key] = mine
        if field.key in spec.together:
            takes = together == loser.id
        elif field.key in choices:
            takes = choices[field.key] == loser.id
        else:
            takes = is_empty(mine)
        if takes and theirs != mine:
            values[field.key] = theirs
    return values


def _apart(spec: ObjectSpec, field: Field, winner: Any, loser: Any) -> tuple[Any, Any]:
    """The two values of a link to the same object, such that nothing leads back to the winner: no circle of parents."""

    def leads(at: Any, to: int) -> bool:
        seen: set[int] = set()
        while at is not None and at not in seen and at != to:
            seen.add(at)
            at = next((field.read(r) for r in spec.rows.filter(id=at)), None)
        return bool(at == to)

    mine, theirs = field.read(winner), field.read(loser)
    return None if leads(mine, loser.id) else mine, None if leads(theirs, winner.id) else theirs


def _join_compounds(spec: ObjectSpec, winner: int, loser: int, choices: Mapping[str, int]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for table in compound_tables(spec):
        place = place_in(table, spec)
        mine, theirs = stored.rows_of(place, spec, winner), stored.rows_of(place, spec, loser)
        after: list[stored.Row] = []
        for field in spec.compound_fields:
            if field.table is not table:
                continue
            of_winner, of_loser = stored.of_field(field, mine), stored.of_field(field, theirs)
            match choices.get(field.key):
                case None:
                    after += stored.joined(place, winner, of_winner, of_loser)
                case chosen if chosen == loser:
                    after += stored.in_order(stored.copied(place, winner, of_loser))
                case _:
                    after += of_winner
        if not stored.same_rows(mine, after):
            stored.put_rows(place, spec, winner, after)
            kept[place.table] = [mine, stored.rows_of(place, spec, winner)]
    return kept


def lists_of(spec: ObjectSpec, id: int) -> dict[str, Any]:
    """The values of a record's compound fields."""
    return {f.key: f.load([id]).get(id, f.empty()) for f in spec.compound_fields}


def tell(ctx: Context, merge: Merge, fact: type[RecordMerged] | type[RecordUnmerged]) -> None:
    """Say on both timelines what became of the two records."""
    ctx.record(
        fact(
            object=merge.object,
            object_id=merge.winner,
            title=merge.winner_title,
            subjects=((merge.object, merge.winner), (merge.object, merge.loser)),
            merge_id=merge.id,
            loser_id=merge.loser,
            loser=merge.loser_title,
        )
    )


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    return {
        column: [value, after[column]]
        for column, value in before.items()
        if value != after[column] and column not in _ALWAYS
    }
