"""Reading the index as far as an actor may: what the index itself decides, and what only the records can tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

from django.db import connection

from peyvand.kernel import clock
from peyvand.platform.identity.actor import Actor
from peyvand.platform.search.marks import any_of
from peyvand.platform.search.permitted import Said, Sight, visible
from peyvand.platform.search.wanted import first_of_months, months_back

# Where each record must be asked for by itself: as many as this are enough, and no more are asked for than that.
ENOUGH, MOST_ASKED = 100, 3_000
# Of some months' rows so many are read before it is known how many of them must be asked for.
MOST_READ = 1_000
# How frequent words are at the newest rows is seen by so many of these; so many times as many are walked at most.
SAMPLE, FARTHEST = 1_000, 60
# A rare word is looked for in the newest months alone, in these at most; then in everything.
MONTHS = 24

NEWEST = "order by made_at desc, object_id desc"
# The same of rows that are first found, then sorted: no index gives them in this order, one after the other.
_SORTED = "order by made_at + interval '0' desc, object_id desc"


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
    actor: Actor, sight: Sight, looks: Sequence[Look], most: int, *, deep: bool = False, read: int = ENOUGH
) -> tuple[list[Rows], bool]:
    """For each look the rows that the actor may find (object, id, columns), and whether there may be more of them.

    About ``most`` of each; where records must be asked, and many of those are others', fewer, unless it looks ``deep``.
    Of rows whose records must be asked at least ``read`` are read at once.
    """
    to_ask = max(most, read)
    parts, values = [], list[Any]()
    for n, one in enumerate(looks):
        text, given = _by_owner(actor, sight, one, most)
        parts.append(f"(select {n}, false, s.* from ({text}) s)")  # noqa: S608 our own words
        values += given
        if sight.asked:
            text, given = _to_ask(actor, sight, one, to_ask)
            parts.append(f"(select {n}, true, s.* from ({text}) s)")  # noqa: S608
            values += given
    rows = _rows(" union all ".join(parts), values)
    found: list[Rows] = []
    is_capped = False
    for n, one in enumerate(looks):
        told = [row[2:] for row in rows if row[0] == n and not row[1]]
        others = [row[2:] for row in rows if row[0] == n and row[1]]
        seen, is_all = _seen(actor, others, ENOUGH if deep else to_ask)
        if deep and len(others) >= to_ask:
            seen += _further(actor, sight, one, to_ask, len(seen))
        # Of others' records alone nobody is told that they are many.
        is_capped |= len(told) >= most or (bool(seen) and not (is_all and len(others) < to_ask))
        found.append(told + seen)
    return found, is_capped


def _seen(actor: Actor, rows: Rows, enough: int) -> tuple[Rows, bool]:
    """Those of the rows whose records the actor may see, asked for set by set until there are enough; whether all were."""
    seen: Rows = []
    asked = 0
    while asked < len(rows) and len(seen) < enough:
        some = rows[asked : asked + _next(enough, len(seen), asked)]
        allowed = visible(actor, {row[:2] for row in some})
        seen += [row for row in some if row[:2] in allowed]
        asked += len(some)
    return seen, asked >= len(rows)


def _next(enough: int, have: int, asked: int) -> int:
    """How many records to ask for next: as many as bring enough at the rate of those before, at first 3 for each."""
    return max(ENOUGH, _times(enough - have, have, asked)) if have else 3 * max(enough, asked)


def look_back(
    actor: Actor, sight: Sight, one: Look, most: int, enough: int, *, deep: bool = False
) -> tuple[Rows, bool]:
    """As look, of one table with marks of months whose newest rows are wanted; ``enough`` found, and it looks no further.

    Of a word that is too rare to walk back in time for, the index of terms gives all rows, and each must be read from a
    page of its own to know which are the newest. So the newest months are asked for first, and as many more as it takes
    at the rate of those.
    """
    if _walks(actor, sight, one, 3 * most if deep else most):
        (rows,), is_capped = look(actor, sight, [one], most, deep=deep)
        return rows, is_capped
    if not sight.asked:
        enough = most
    read = MOST_READ if deep else ENOUGH
    found: Rows = []
    done, more, are_many = 0, 1, False
    while done + more <= MONTHS:
        (rows,), is_capped = look(actor, sight, [_within(one, done, more)], most, deep=deep, read=read)
        found += rows
        are_many |= is_capped
        done += more
        if len(found) >= enough:
            return found, are_many or _has_older(actor, sight, one, done)
        more = _times(enough - len(found), len(found), done) if found else MONTHS
    # So rare a word is read whole; PostgreSQL, which does not know that, would rather walk back through everything.
    (rows,), is_capped = look(actor, sight, [replace(one, order=_SORTED)], most, deep=deep)
    return list(dict.fromkeys([*found, *rows])), is_capped or are_many


def _walks(actor: Actor, sight: Sight, one: Look, most: int) -> bool:
    """Whether the newest are found by walking back in time: PostgreSQL knows how frequent the terms are, or thinks so. It
    takes each word that few rows have for one that some have, and a name may begin dozens of names that no text has."""
    part = _to_ask if sight.asked else _by_owner
    text, given = part(actor, sight, one, most)
    if not any("Backward" in line for (line,) in _rows(f"explain (costs off) {text}", given)):
        return False
    newest = f"(select * from {one.table} where workspace_id = %s {one.order} limit {SAMPLE})"  # noqa: S608 our own words
    text, given = part(actor, sight, replace(one, table=newest, columns=Said("1"), order=""), SAMPLE)
    return len(_rows(text, [actor.workspace_id, *given])) * FARTHEST >= most


def _has_older(actor: Actor, sight: Sight, one: Look, done: int) -> bool:
    """Whether there is anything of the look before so many months."""
    since = first_of_months(clock.now().date(), done)
    where = Said(f"{one.asked.text} and made_at < %s", [*one.asked.values, since])
    older = replace(one, by_owner=where, asked=where, order="")
    return any(
        _rows(*part(actor, sight, older, 1))
        for part in ((_to_ask, _by_owner) if sight.asked else (_by_owner,))
    )


def _within(one: Look, done: int, count: int) -> Look:
    """The look in so many months alone, after those that are done."""
    marks = any_of(months_back(clock.now().date(), done, count))
    # Few rows are left to be read, and for so few the index takes longer to choose by owner than the rows do.
    where = Said(f"{one.asked.text} and terms @@ %s::tsquery", [*one.asked.values, marks])
    return replace(one, by_owner=where, asked=where)


def _times(wanted: int, have: int, of: int) -> int:
    """How many more to look at for as many as are wanted, where of those before some were had; rather too many."""
    return ceil(1.2 * wanted * of / have)


def _further(actor: Actor, sight: Sight, one: Look, asked: int, have: int) -> Rows:
    """More rows of a look, set by set, where those asked for until now were mostly others'."""
    seen: Rows = []
    while asked < MOST_ASKED and (got := have + len(seen)) < ENOUGH:
        size = min(_next(ENOUGH, got, asked), MOST_ASKED - asked)
        text, given = _to_ask(actor, sight, one, size)
        rows = _rows(f"{text} offset {asked}", given)
        seen += _seen(actor, rows, ENOUGH - got)[0]
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
