"""What of the index an actor may find."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from peyvand.platform.access.rules import (
    owners_at_least,
    owners_only,
    rows_of,
    rule,
    shared_ids,
    shared_rows,
)
from peyvand.platform.database.compiled import Slot, Statement, in_slot, statement
from peyvand.platform.identity.actor import Actor
from peyvand.platform.search.marks import any_of, of_object, of_owner
from peyvand.platform.workspaces.scope import current_workspace_id

# Said by the layer that knows what rules are compiled from; until then nothing is kept.
_moment: list[Callable[[Actor], Hashable]] = [lambda actor: object()]
# The owners of more than so many are not named among the terms that are looked for.
FEW_OWNERS = 50
_OWNED = "found.object = any(%s) and found.owner_id = any(%s)"


def kept_while(moment: Callable[[Actor], Hashable]) -> None:
    """Say what an actor's SQL depends on beside the actor: while that is the same, it is made once."""
    _moment[:] = [moment]


@dataclass(frozen=True)
class Said:
    """A condition or columns in SQL, and the values of their parameters."""

    text: str
    values: Sequence[Any] = ()


EVERYTHING = Said("true")


@dataclass(frozen=True)
class Sight:
    """What an actor may find among some objects; what no rule speaks of is not found.

    ``by_owner`` holds for the rows ``found`` of an index that may be found by what they keep
    themselves; ``marks`` says the same as a tsquery of the marks among their terms, less exactly, for the sake of the index:
    the owners, or the kinds that may have any. (Owners and kinds together take the index six times as long.)
    ``asked`` holds for the rows of which only the records can tell (``visible``), None if there are no such objects: a
    rule of theirs in the same statement would take longer to plan than everything else to run. Those whose owner says
    that they may be found are not among them.
    """

    by_owner: Said
    marks: str
    asked: Said | None


def sight(actor: Actor, objects: Sequence[str]) -> Sight:
    """What the actor may find among these objects."""
    return _sight(actor, tuple(objects), current_workspace_id(), _moment[0](actor))


def visible(actor: Actor, records: Iterable[tuple[str, int]]) -> set[tuple[str, int]]:
    """Those of these records (object and id) that the actor may see, by one statement for each object."""
    kinds: dict[str, list[int]] = defaultdict(list)
    for key, id in records:
        kinds[key].append(id)
    moment, seen = _moment[0](actor), set[tuple[str, int]]()
    for key, ids in kinds.items():
        asked, owners = _asking(actor, key, current_workspace_id(), moment)
        seen |= {(key, id) for (id,) in asked.run(ids, owners)}
    return seen


@lru_cache(maxsize=1024)
def _sight(actor: Actor, objects: Sequence[str], workspace_id: int, moment: Hashable) -> Sight:
    open_to_all: list[str] = []
    asked: list[str] = []
    # Objects whose rows may be found where they belong to one of these owners; of those asked, the same for certain.
    owned: dict[frozenset[int], list[str]] = defaultdict(list)
    certain: dict[frozenset[int], list[str]] = defaultdict(list)
    parts = ["false"]
    parameters: list[Any] = []
    # What may have any owner, and the owners of all else.
    free: list[str] = []
    for key in objects:
        owners = owners_only(actor, key)
        if rule(actor, key) is None:
            open_to_all.append(key)
        elif owners is not None:
            owned[owners].append(key)
            if shared := shared_ids(actor, key):
                free.append(key)
                parts.append(f"(found.object = %s and found.object_id = any({shared[0]}))")
                parameters += [key, *shared[1]]
        elif rows_of(key) is not None:
            asked.append(key)
            if sure := owners_at_least(actor, key):
                owned[sure].append(key)
                certain[sure].append(key)
    for owners, keys in owned.items():
        parts.append(f"({_OWNED})")
        parameters += [keys, sorted(owners)]
        if len(owners) > FEW_OWNERS:
            free += keys
    if open_to_all:
        parts.append("found.object = any(%s)")
        parameters.append(open_to_all)
    named = {owner for owners in owned if len(owners) <= FEW_OWNERS for owner in owners}
    marks = any_of([*map(of_owner, sorted(named)), *map(of_object, [*open_to_all, *free])]) if named else ""
    return Sight(
        Said(f"({' or '.join(parts)})", parameters), marks, _to_ask(asked, certain) if asked else None
    )


def _to_ask(asked: Sequence[str], certain: Mapping[frozenset[int], Sequence[str]]) -> Said:
    parts, parameters = ["found.object = any(%s)"], list[Any]([asked])
    for owners, keys in certain.items():
        parts.append(f"({_OWNED}) is not true")
        parameters += [keys, sorted(owners)]
    return Said(" and ".join(parts), parameters)


@lru_cache(maxsize=1024)
def _asking(
    actor: Actor, object_key: str, workspace_id: int, moment: Hashable
) -> tuple[Statement, list[int]]:
    """The statement that finds those of some ids that the actor may see, and the owners that it wants beside them: where
    nothing else decides, it is the same for everybody, and planned once for all of them."""
    rows, asked, owners = rows_of(object_key), rule(actor, object_key), owners_only(actor, object_key)
    assert rows is not None
    if owners is not None:
        asked = in_slot("owner_id", Slot(1, "bigint[]")) | shared_rows(actor, object_key)
    found = (rows if asked is None else rows.filter(asked)).filter(in_slot("id", Slot(0, "bigint[]")))
    return statement(found.order_by(), ["id"]), sorted(owners or ())


def told(actor: Actor, objects: Sequence[str]) -> Said:
    """The texts whose field the actor's role may read; those of files follow their records."""
    parts, parameters = ["true"], list[Any]()
    for key in objects:
        hidden = actor.grants.hides(key)
        if hidden:
            parts.append("not (object = %s and source = any(%s))")
            parameters += [key, sorted(hidden)]
    return Said(" and ".join(parts), parameters)
