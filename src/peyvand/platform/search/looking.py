"""Reading the index as far as an actor may: what the index itself decides, and what only the records can tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from peyvand.platform.identity.actor import Actor
from peyvand.platform.search.permitted import Said, Sight, visible

# Where each record must be asked for by itself: as many as this are enough, and no more are asked for than that.
ENOUGH, MOST_ASKED = 100, 3_000


@dataclass(frozen=True)
class Look:
    """One look into a table of the index: these columns, after object and id, of its rows ``found`` that hold a condition.

    The condition is said twice, for it may be narrowed by what is known of those who own the rows (``by_owner``) or
    of the objects whose records must be asked (``asked``).
    """

    table: str
    columns: Said
    by_owner: Said
    asked: Said
    order: str = ""


Rows = list[tuple[Any, ...]]


def look(
    actor: Actor, sight: Sight, looks: Sequence[Look], most: int, *, deep: bool = False
) -> tuple[list[Rows], bool]:
    """For each look the rows that the actor may find (object, id, columns), and whether there may be more of them.

    About ``most`` of each; where records must be asked, and many of those are others', fewer, unless it looks ``deep``.
    """
    to_ask = max(most, ENOUGH)
    parts, values = [], list[Any]()
    for n, one in enumerate(looks):
        text, given = _by_owner(actor, sight, one, most)
        parts.append(f"(select {n}, false, s.* from ({text}) s)")  # noqa: S608 our own words
        values += given
        if sight.asked:
            text, given = _to_ask(actor, sight, one, to_ask)
            parts.append(f"(select {n}, true, s.* from ({text}) s)")  # noqa: S608
            values += given
    read = _rows(" union all ".join(parts), values)
    allowed = visible(actor, {row[2:4] for row in read if row[1]})
    found: list[Rows] = []
    is_capped = False
    for n, one in enumerate(looks):
        told = [row[2:] for row in read if row[0] == n and not row[1]]
        others = [row[2:] for row in read if row[0] == n and row[1]]
        seen = [row for row in others if row[:2] in allowed]
        if deep and len(others) >= to_ask:
            seen += _further(actor, sight, one, to_ask, len(seen))
        # Of others' records alone nobody is told that they are many.
        is_capped |= len(told) >= most or (len(others) >= to_ask and bool(seen))
        found.append(told + seen)
    return found, is_capped


def _further(actor: Actor, sight: Sight, one: Look, asked: int, have: int) -> Rows:
    """More rows of a look, set by set, where those asked for until now were mostly others'."""
    seen: Rows = []
    while asked < MOST_ASKED and have + len(seen) < ENOUGH:
        size = min(3 * asked, MOST_ASKED - asked)
        text, given = _to_ask(actor, sight, one, size)
        rows = _rows(f"{text} offset {asked}", given)
        allowed = visible(actor, {row[:2] for row in rows})
        seen += [row for row in rows if row[:2] in allowed]
        if len(rows) < size:
            break
        asked += size
    return seen


def _by_owner(actor: Actor, sight: Sight, one: Look, most: int) -> tuple[str, list[Any]]:
    return _select(actor, one, one.by_owner, sight.by_owner, most)


def _to_ask(actor: Actor, sight: Sight, one: Look, most: int) -> tuple[str, list[Any]]:
    return _select(actor, one, one.asked, Said("found.object = any(%s)", [list(sight.asked)]), most)


def _select(actor: Actor, one: Look, where: Said, may: Said, most: int) -> tuple[str, list[Any]]:
    text = (
        f"select object, object_id, {one.columns.text} from {one.table} found "  # noqa: S608 our own words, values are parameters
        f"where workspace_id = %s and {where.text} and {may.text} {one.order} limit {most}"
    )
    return text, [*one.columns.values, actor.workspace_id, *where.values, *may.values]


def _rows(text: str, values: Sequence[Any]) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        found: Rows = cursor.fetchall()
        return found
