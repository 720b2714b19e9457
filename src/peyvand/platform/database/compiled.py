"""SQL of a question, made once: the same list asked again costs no work of the ORM, and none of the planner's.

What differs from one asking to the next (the place in the list, the id) is a Slot, filled when the SQL runs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import F, Q, QuerySet, Value
from django.db.models.lookups import Exact
from psycopg import sql
from psycopg.types.numeric import Int4, Int8

from peyvand.platform.database.prepared import prepared_cursor


@dataclass(frozen=True, slots=True)
class _Place:
    at: int
    kind: str


@dataclass(frozen=True, slots=True)
class _Known:
    """A whole number that is given when the SQL runs, though it was known before; of the type that it would have if it were
    written in, whatever its size: a statement is prepared for the types of what it is given."""

    value: Int4 | Int8

    @property
    def kind(self) -> str:
        return "integer" if isinstance(self.value, Int4) else "bigint"

    @classmethod
    def of(cls, number: int) -> _Known:
        return cls(Int4(number) if -(2**31) <= number < 2**31 else Int8(number))


class Slot(Value):
    """A value of this PostgreSQL type that is given when the SQL runs: the one at this place of what ``run`` gets."""

    def __init__(self, at: int, kind: str) -> None:
        super().__init__(None)
        self.place = _Place(at, kind)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", [self.place]


class _AnyOf(Exact):
    """``column = any(list)``."""

    def process_rhs(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "any(%s)", [self.rhs.place]


def in_slot(column: str, slot: Slot) -> Q:
    """Rows whose column has one of the values in the list that fills this slot."""
    return Q(_AnyOf(F(column), slot))


@dataclass(frozen=True, slots=True)
class Statement:
    """A query ready to run. ``text`` None: nothing can match, so nothing is asked. ``slots``: which values go where."""

    text: str | None
    slots: tuple[_Place | _Known, ...] = ()
    convert: Callable[[Any], Any] | None = None
    pick: Callable[[Any], tuple[Any, ...]] | None = None

    def run(self, *values: Any) -> list[tuple[Any, ...]]:
        """The rows found, with ``values`` in the slots."""
        if self.text is None:
            return []
        # Django's fields convert from text; where none has to, values come as PostgreSQL keeps them.
        with prepared_cursor(binary=self.convert is None) as cursor:
            given = [slot.value if isinstance(slot, _Known) else values[slot.at] for slot in self.slots]
            cursor.execute(self.text, given or None)
            rows = cursor.fetchall()
        if self.convert is not None:
            rows = list(self.convert(rows))
        return [self.pick(row) for row in rows] if self.pick is not None else rows


def statement(rows: QuerySet[Any], columns: Sequence[str], *, shared: bool = False) -> Statement:
    """The statement that reads ``columns`` (ORM paths) of ``rows``, one tuple for each, in this order.

    Constants are written in, and it is planned for them. ``shared``: but for whole numbers, which are mostly whose rows somebody may
    see. For what is found by an id in any case: then all who are asked alike share one text, and each connection plans it once.
    """
    unique = tuple(dict.fromkeys(columns))
    compiler = rows.values_list(*unique).query.get_compiler(using="default")
    try:
        template, params = compiler.as_sql()
    except EmptyResultSet:
        return Statement(None)
    if shared:
        params = [_Known.of(p) if type(p) is int else p for p in params]
    slots = tuple(p for p in params if isinstance(p, _Place | _Known))
    converters = compiler.get_converters([expression for expression, _, _ in compiler.select])
    return Statement(
        _filled(template, params, bool(slots)),
        slots,
        (lambda found: compiler.apply_converters(found, converters)) if converters else None,
        itemgetter(*map(unique.index, columns)) if len(unique) != len(columns) else None,
    )


def _filled(template: str, params: Sequence[Any], has_slots: bool) -> str:
    """The SQL with its constants written in, so that it is planned for them, and its slots left open."""
    wrapper = connections["default"]
    wrapper.ensure_connection()
    text = template % tuple(
        f"\x00{p.kind}\x00"
        if isinstance(p, _Place | _Known)
        else sql.Literal(p).as_string(wrapper.connection)
        for p in params
    )
    if not has_slots:
        return text
    pieces = text.replace("%", "%%").split("\x00")
    return "".join(piece if n % 2 == 0 else f"%s::{piece}" for n, piece in enumerate(pieces))
