"""Records side by side in lanes: one for each value of a field, as a board shows them.

Whatever the number of lanes and records: one query for the sums of all lanes, one for the first records of
each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from typing import Any

from django.db import connection
from django.db.models import Count, Sum
from django.db.models.expressions import RawSQL
from psycopg import sql

from peyvand.platform.database.compiled import Statement, statement
from peyvand.platform.objects.cursors import SortKey, behind, decode, encode, slots_of
from peyvand.platform.objects.queries import ListQuery, day_of, with_items
from peyvand.platform.objects.sight import without_titles
from peyvand.platform.schema.reading import schema_version
from peyvand.platform.workspaces.scope import current_workspace_id

Key = int | str


@dataclass(frozen=True)
class Lanes:
    """How a query's records are laid out: ``by`` is the ORM path of the value that tells a record's lane."""

    query: ListQuery
    by: str
    # ORM path of the place within a lane, highest first; empty: newest first.
    rank: str = ""

    @property
    def order(self) -> tuple[str, ...]:
        return (self.rank, "id") if self.rank else ("id",)


@dataclass(frozen=True)
class LaneSums:
    count: int = 0
    # One for each path asked for, 0 where nothing is there to add.
    sums: tuple[int, ...] = ()


@dataclass(frozen=True)
class LaneRows:
    """The first records of a lane, and the cursor of those that follow."""

    rows: list[tuple[Any, ...]]
    next: str | None


def lane_sums(lanes: Lanes, keys: Sequence[Key], paths: tuple[str, ...]) -> dict[Key, LaneSums]:
    """The number of records in each lane and the sums of ``paths``, in one query that reads an index alone
    if one covers it.
    """
    rows = _sums(lanes, tuple(keys), paths, _moment(lanes)).run()
    found = {key: LaneSums(count, tuple(int(total or 0) for total in totals)) for key, count, *totals in rows}
    return {key: found.get(key) or LaneSums(0, (0,) * len(paths)) for key in keys}


def first_rows(
    lanes: Lanes, keys: Sequence[Key], columns: tuple[str, ...], limit: int
) -> dict[Key, LaneRows]:
    """The values of ``columns`` of the first ``limit`` records of each lane, in one query."""
    width = len(columns)
    found: dict[Key, list[tuple[Any, ...]]] = {key: [] for key in keys}
    if keys:
        for *row, key in _first(lanes, tuple(keys), columns, limit, _moment(lanes)).run():
            found[key].append(tuple(row))
    for rows in found.values():
        # Nothing promises that the lanes' own order comes through the join.
        rows.sort(key=lambda row: row[width:], reverse=True)
    return dict(zip(found, _pages(lanes, list(found.values()), columns, limit), strict=True))


def following_rows(lanes: Lanes, key: Key, columns: tuple[str, ...], after: str, limit: int) -> LaneRows:
    """The records of one lane behind a cursor.

    Raises:
        Invalid: the cursor is damaged or belongs to another board.
    """
    rows = _following(lanes, key, columns, limit, _moment(lanes)).run(*decode(after, _order_fields(lanes)))
    return _pages(lanes, [rows], columns, limit)[0]


def _pages(
    lanes: Lanes, found: Sequence[list[tuple[Any, ...]]], columns: tuple[str, ...], limit: int
) -> list[LaneRows]:
    """What is shown of the rows of each lane; whose titles may be read is asked once for all."""
    width, query = len(columns), lanes.query
    kept = [rows[:limit] for rows in found]
    told = without_titles(query.actor, query.spec, columns, [row[:width] for rows in kept for row in rows])
    shown = iter(told)
    return [
        LaneRows(list(islice(shown, len(rows))), encode(rows[-1][width:]) if len(all_rows) > limit else None)
        for rows, all_rows in zip(kept, found, strict=True)
    ]


def _moment(lanes: Lanes) -> tuple[Any, ...]:
    """What the SQL depends on beside the lanes: the open workspace and what it defined, and the day for a condition."""
    return current_workspace_id(), schema_version(), day_of(lanes.query)


def rows_of(lanes: Lanes, columns: Sequence[str]) -> Any:
    """The board's records with what is asked of them."""
    return with_items(lanes.query.spec, lanes.query.rows(), (lanes.by, *columns))


@lru_cache(maxsize=512)
def _sums(lanes: Lanes, keys: tuple[Key, ...], paths: tuple[str, ...], moment: Any) -> Statement:
    sums = {f"sum_{n}": Sum(path) for n, path in enumerate(paths)}
    rows = (
        rows_of(lanes, paths)
        .order_by()
        .filter(**{f"{lanes.by}__in": keys})
        .values(lanes.by)
        .annotate(count=Count("*"), **sums)
    )
    return statement(rows, (lanes.by, "count", *sums))


@lru_cache(maxsize=512)
def _first(
    lanes: Lanes, keys: tuple[Key, ...], columns: tuple[str, ...], limit: int, moment: Any
) -> Statement:
    """One statement about ``lane.key``, asked for every key at once; a row ends with its lane."""
    rows = rows_of(lanes, columns).filter(**{lanes.by: RawSQL("lane.key", [])})
    inner = statement(_ordered(lanes, rows)[: limit + 1], (*columns, *lanes.order, lanes.by))
    if inner.text is None:
        return inner
    kind = "bigint" if isinstance(keys[0], int) else "text"
    values = sql.Literal(list(keys)).as_string(connection.connection)
    lane = f"unnest({values}::{kind}[]) as lane(key)"
    return replace(inner, text=f"select c.* from {lane} cross join lateral ({inner.text}) c")  # noqa: S608 names come from models, values are parameters


@lru_cache(maxsize=512)
def _following(lanes: Lanes, key: Key, columns: tuple[str, ...], limit: int, moment: Any) -> Statement:
    order = lanes.order
    place = behind(_keys(lanes), slots_of(_order_fields(lanes)), [False] * len(order))
    rows = rows_of(lanes, columns).filter(place, **{lanes.by: key})
    return statement(_ordered(lanes, rows)[: limit + 1], (*columns, *order))


def _order_fields(lanes: Lanes) -> list[Any]:
    return [lanes.query.spec.model._meta.get_field(name) for name in lanes.order]


def _ordered(lanes: Lanes, rows: Any) -> Any:
    return rows.order_by(*(key.order() for key in _keys(lanes)))


def _keys(lanes: Lanes) -> list[SortKey]:
    return [SortKey(name, descending=True) for name in lanes.order]
