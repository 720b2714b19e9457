"""Taking apart what a merge joined: both records as they were, but for what was changed since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from peyvand.kernel import clock
from peyvand.kernel.errors import NotFound, RuleViolation, msg
from peyvand.platform.access.decisions import visible
from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import Context
from peyvand.platform.merging import rows as stored
from peyvand.platform.merging.events import RecordUnmerged
from peyvand.platform.merging.hanging import move_back, steps_of, touched
from peyvand.platform.merging.merging import LOSERS_VALUES, SOURCE, lists_of, merged_into, tell
from peyvand.platform.merging.models import Merge
from peyvand.platform.objects.changes import record_changes
from peyvand.platform.objects.custom import keep_custom
from peyvand.platform.objects.hanging import compound_tables, place_in
from peyvand.platform.objects.spec import ObjectSpec, object_named


@dataclass(frozen=True)
class Undone:
    """What an unmerge brought back, and what it left with the winner because it was changed since."""

    winner: int
    loser: int
    # Columns and tables of the winner that keep what they have now.
    kept: tuple[str, ...]
    # Rows that had been moved and were moved on, changed or removed meanwhile.
    lost: int


def unmerge(ctx: Context, merge_id: int) -> Undone:
    """Take apart what one merge joined.

    Raises:
        NotFound: there is no such merge, or the actor may not see one of the two.
        NotAllowed: the actor may not merge one of the two.
        RuleViolation: it was undone already, or one of the two is not there any more.
    """
    merge = Merge.objects.select_for_update().filter(id=merge_id).first()
    if merge is None:
        raise NotFound
    spec = object_named(merge.object)
    if merge.undone_at is not None:
        raise RuleViolation(msg("These two were taken apart already."))
    onward = merged_into(spec.key, merge.winner)
    if onward is not None:
        raise RuleViolation(msg("The record was itself merged into another since; take that apart first."))
    rows = spec.rows.filter(id__in=[merge.winner, merge.loser]).order_by("id").select_for_update(of=("self",))
    found = {r.id: r for r in rows}
    if visible(ctx.actor, spec.key, spec.rows.filter(id__in=list(found))).count() < len(found):
        raise NotFound
    winner, loser = found.get(merge.winner), found.get(merge.loser)
    if winner is None or winner.deleted_at is not None:
        raise RuleViolation(msg("The record that the other became part of was deleted; restore it first."))
    if loser is None:
        raise RuleViolation(msg("The merged record was removed for good; it cannot be brought back."))

    def write() -> Undone:
        undone = _unmerge(ctx, spec, merge, winner)
        ctx.touch(spec.key, winner.id, loser.id)
        return undone

    return perform(ctx, spec.permission("merge"), [winner, loser], write)


def _unmerge(ctx: Context, spec: ObjectSpec, merge: Merge, winner: Any) -> Undone:
    kept: list[str] = []
    _, joined = _whole(spec, winner.id)
    steps = steps_of(merge)
    lost = sum(move_back(step, spec, merge.winner, merge.loser) for step in reversed(steps))
    for table in compound_tables(spec):
        place = place_in(table, spec)
        if place.table in merge.rows:
            before, after = merge.rows[place.table]
            if stored.same_rows(stored.rows_of(place, spec, merge.winner), after):
                stored.put_rows(place, spec, merge.winner, before)
            else:
                kept.append(place.table)
    now = stored.record_row(spec.model, merge.winner)
    back = {}
    for column, (before, after) in merge.changed["winner"].items():
        if column == "custom":
            back["custom"] = _custom_back(now["custom"], before, after, kept)
        elif now.get(column) == after:
            back[column] = before
        else:
            kept.append(column)
    stored.put_columns(spec.model, merge.winner, back)
    loser_back = {column: before for column, (before, _) in merge.changed["loser"].items()}
    if "external_id" in loser_back and "external_id" not in back:
        del loser_back["external_id"]
    stored.put_columns(spec.model, merge.loser, loser_back | {"deleted_at": None})
    if spec.custom_fields:
        winner.refresh_from_db()
        keep_custom(ctx, spec, [winner], [{f.key: None for f in spec.custom_fields}])
        lost += stored.put_custom_rows(merge.rows.get(LOSERS_VALUES, []))
    merge.undone_at = clock.now()
    merge.save(update_fields=["undone_at"])
    record, apart = _whole(spec, winner.id)
    if changes := {
        key: [old, apart[key]] for key, old in joined.items() if old != apart[key] and key != "updated_at"
    }:
        record_changes(ctx, spec, [(record, changes)], source=SOURCE)
    for object_key, ids in touched(steps):
        ctx.touch(object_key, *ids)
    tell(ctx, merge, RecordUnmerged)
    return Undone(merge.winner, merge.loser, tuple(kept), lost)


def _custom_back(
    now: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any], kept: list[str]
) -> dict[str, Any]:
    """Custom values as they were, but for those that were changed since."""
    out = dict(now)
    for key in before.keys() | after.keys():
        if before.get(key) == after.get(key):
            continue
        if now.get(key) != after.get(key):
            kept.append(key)
        elif key in before:
            out[key] = before[key]
        else:
            out.pop(key, None)
    return out


def _whole(spec: ObjectSpec, id: int) -> tuple[Any, dict[str, Any]]:
    """A record as it is now, with its values as the log tells them."""
    record = spec.rows.get(id=id)
    return record, {f.key: f.to_json(f.read(record)) for f in spec.stored_fields} | lists_of(spec, id)
