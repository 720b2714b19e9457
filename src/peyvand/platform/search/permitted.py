"""What of the index an actor may find."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from peyvand.platform.access.rules import owners_only, rows_of, rule, shared_ids, shared_rows
from peyvand.platform.database.compiled import Slot, Statement, in_slot, statement
from peyvand.platform.identity.actor import Actor
from peyvand.platform.search.marks import any_of, of_object, of_owner
from peyvand.platform.workspaces.scope import current_workspace_id

# Said by the layer that knows what rules are compiled from; until then nothing is kept.
_moment: list[Callable[[Actor], Hashable]] = [lambda actor: object()]
# The owners of more than so many are not named among the terms that are looked for.
FEW_OWNERS = 50


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
    Of the objects ``asked`` only the records can tell (``visible``): a rule of theirs in the same statement would take
    longer to plan than everything else to run.
    """

    by_owner: Said
    marks: str
    asked: tuple[str, ...]


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
    parts = ["false"]
    parameters: list[Any] = []
    # What may have any owner, and the owners of all else.
    free: list[str] = []
    named: set[int] = set()
    for key in objects:
        owners = owners_only(actor, key)
        if rule(actor, key) is None:
            open_to_all.append(key)
        elif owners is not None:
            shared, values = shared_ids(actor, key) or ("'{}'::bigint[]", [])
            if values or len(owners) > FEW_OWNERS:
                free.append(key)
            else:
                named |= owners
            parts.append(
                f"(found.object = %s and (found.owner_id = any(%s) or found.object_id = any({shared})))"
            )
            parameters += [key, sorted(owners), *values]
        elif rows_of(key) is not None:
            asked.append(key)
    if open_to_all:
        parts.append("found.object = any(%s)")
        parameters.append(open_to_all)
    marks = any_of([*map(of_owner, sorted(named)), *map(of_object, [*open_to_all, *free])]) if named else ""
    return Sight(Said(f"({' or '.join(parts)})", parameters), marks, tuple(asked))


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
