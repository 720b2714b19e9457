"""What a fact of the log may tell a reader: nothing of fields that their role hides, on any timeline and by any program."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from peyvand.platform.events.facts import RecordUpdated, fact_named
from peyvand.platform.identity.actor import Actor
from peyvand.platform.objects.changes import refs_in
from peyvand.platform.objects.sight import unseen
from peyvand.platform.objects.spec import find_object

CHANGES, TOLD = "changes", "told"
# SQL about an event ``e``: a timeline passes over a plain change of which its slice's own facts tell all there is.
TELLS_MORE: Final = f"""not (e.wire = '{RecordUpdated.wire}' and e.data->'{TOLD}' <> '[]'::jsonb
    and (e.data->'{CHANGES}') - array(select jsonb_array_elements_text(e.data->'{TOLD}')) = '{{}}'::jsonb)"""
# What every fact says of itself, beside what it tells of the record.
_BESIDE = frozenset({"title", "source", "told"})


def may_hear(actor: Actor, object_key: str, wire: str) -> bool:
    """Whether the actor may know that such a fact was recorded: its very kind may tell what their role hides."""
    kind = fact_named(wire)
    return kind is None or not kind.implies or actor.grants.hides(object_key).isdisjoint(kind.implies)


def told_to(actor: Actor, object_key: str, wire: str, data: Mapping[str, Any]) -> dict[str, Any] | None:
    """What a recorded fact says, without what it says of hidden fields; None if nothing is left of all that it told, or
    its very kind tells of one."""
    hidden, kind = actor.grants.hides(object_key), fact_named(wire)
    if kind is not None and kind.only_to:
        others = {key for key, whom in kind.only_to.items() if actor.user_id not in data.get(whom, ())}
        data = {key: value for key, value in data.items() if key not in others}
    if not hidden:
        return dict(data)
    if not may_hear(actor, object_key, wire):
        return None
    if kind is not None and kind.names_field and data.get(kind.names_field) in hidden:
        return None
    tells: Mapping[str, str] = kind.tells if kind else {}
    told = {key: value for key, value in data.items() if field_told(key, tells) not in hidden}
    if CHANGES in told:
        told[CHANGES] = {key: pair for key, pair in told[CHANGES].items() if key not in hidden}
        if not told[CHANGES] and data[CHANGES]:
            return None
    if len(told) < len(data) and not told.keys() - _BESIDE:
        return None
    return told


def untold(data: Mapping[str, Any]) -> dict[str, Any]:
    """What a fact says, without the changes that other facts tell: a timeline says nothing twice."""
    marked = data.get(TOLD) or ()
    rest = {key: value for key, value in data.items() if key != TOLD}
    if marked:
        rest[CHANGES] = {key: pair for key, pair in data[CHANGES].items() if key not in marked}
    return rest


def with_seen_titles(actor: Actor, facts: Sequence[tuple[str, Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """What facts say, by the object of each, without the titles of linked records that are out of the actor's sight."""
    asked: dict[str, set[int]] = defaultdict(set)
    for key, data in facts:
        if CHANGES in data and (spec := find_object(key)):
            for ref in refs_in(spec, data[CHANGES]):
                asked[ref.object].add(ref.id)
    hidden = {(key, id) for key, ids in asked.items() for id in unseen(actor, key, ids)}
    if not hidden:
        return [dict(data) for _, data in facts]
    return [
        {**data, CHANGES: _blanked(key, data[CHANGES], hidden)} if CHANGES in data else dict(data)
        for key, data in facts
    ]


def _blanked(object_key: str, changes: Mapping[str, Any], hidden: set[tuple[str, int]]) -> dict[str, Any]:
    spec = find_object(object_key)
    out = {}
    for key, pair in changes.items():
        to = getattr(spec.all_fields.get(key), "to", "") if spec else ""
        out[key] = [
            {**side, "title": ""}
            if isinstance(side, Mapping) and (side.get("object", to), side.get("id")) in hidden
            else side
            for side in pair
        ]
    return out


def field_told(key: str, tells: Mapping[str, str]) -> str:
    """The record's field that a fact tells of under this key: ``from_stage_id`` tells of the stage, and what the fact
    declares otherwise of that."""
    return tells.get(key) or key.removeprefix("from_").removeprefix("to_").removesuffix("_id")
