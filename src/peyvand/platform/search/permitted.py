"""Which rows of the index an actor may find."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models.expressions import RawSQL

from peyvand.platform.access.rules import owners_only, rows_of, rule, shared_ids
from peyvand.platform.identity.actor import Actor
from peyvand.platform.workspaces.scope import current_workspace_id

# Said by the layer that knows what rules are compiled from; until then nothing is kept.
_moment: list[Callable[[Actor], Hashable]] = [lambda actor: object()]


def kept_while(moment: Callable[[Actor], Hashable]) -> None:
    """Say what an actor's SQL depends on beside the actor: while that is the same, it is made once."""
    _moment[:] = [moment]


def allowed(actor: Actor, objects: Sequence[str]) -> tuple[str, list[Any]]:
    """SQL for the rows ``found`` of an index that the actor may see, object by object: by the owner kept with each row where
    that decides, else by the record's own row. What no rule speaks of is not found."""
    text, parameters = _allowed(actor, tuple(objects), current_workspace_id(), _moment[0](actor))
    return text, list(parameters)


@lru_cache(maxsize=1024)
def _allowed(
    actor: Actor, objects: Sequence[str], workspace_id: int, moment: Hashable
) -> tuple[str, list[Any]]:
    open_to_all: list[str] = []
    parts = ["false"]
    parameters: list[Any] = []
    for key in objects:
        asked, rows, owners = rule(actor, key), rows_of(key), owners_only(actor, key)
        if asked is None:
            open_to_all.append(key)
        elif owners is not None:
            shared, values = shared_ids(actor, key) or ("'{}'::bigint[]", [])
            parts.append(
                f"(found.object = %s and (found.owner_id = any(%s) or found.object_id = any({shared})))"
            )
            parameters += [key, sorted(owners), *values]
        elif rows is not None:
            own = rows.filter(asked, id=RawSQL("found.object_id", [])).order_by().values("id")
            with suppress(EmptyResultSet):
                text, own_values = own.query.sql_with_params()
                parts.append(f"(found.object = %s and exists ({text}))")
                parameters += [key, *own_values]
    if open_to_all:
        parts.append("found.object = any(%s)")
        parameters.append(open_to_all)
    return f"({' or '.join(parts)})", parameters


def told(actor: Actor, objects: Sequence[str]) -> tuple[str, list[Any]]:
    """SQL for the texts whose field the actor's role may read; those of files follow their records."""
    parts, parameters = ["true"], list[Any]()
    for key in objects:
        hidden = actor.grants.hides(key)
        if hidden:
            parts.append("not (object = %s and source = any(%s))")
            parameters += [key, sorted(hidden)]
    return " and ".join(parts), parameters
