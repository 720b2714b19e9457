"""One question, one expression: measures by dimensions, of the rows that a filter and a span leave, beside an earlier span.

Each fact is filtered, grouped and reckoned by itself; then the facts are laid over each other by what they are shown by,
which, unlike joins of facts, counts nothing twice and loses nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import ibis

from peyvand.analytical.measures.catalogue import MEASURES, PLAIN, Made, Plain
from peyvand.analytical.measures.compiled import compiled
from peyvand.analytical.measures.dimensions import DIMENSIONS, Dimension
from peyvand.analytical.measures.fitting import EVERYTHING, asked, dimension, fits, source_of
from peyvand.analytical.measures.sources import SOURCES, Source, flat, reached
from peyvand.analytical.measures.spans import ALWAYS, BEFORE, Compared, Span
from peyvand.analytical.warehouse.tables import Tables
from peyvand.kernel.conditions import Condition, EvalContext, fields_of
from peyvand.kernel.persian.calendar import Calendar, Unit

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["BEFORE", "EVERYTHING", "ask", "fits", "rows_of"]

Kept = Mapping[str, Collection[Any]]
NOTHING_KEPT: Final[Kept] = {}


@dataclass(frozen=True)
class _Chosen:
    """Rows by the values of their dimensions."""

    only: Kept
    without: Kept

    @property
    def dimensions(self) -> list[Dimension]:
        return [dimension(key) for key in dict.fromkeys((*self.only, *self.without))]

    def of(self, rows: ir.Table) -> ir.Table:
        for key, values in self.only.items():
            rows = rows.filter(_is_one(rows[key], values))
        for key, values in self.without.items():
            rows = rows.filter(~_is_one(rows[key], values))
        return rows


def _is_one(have: Any, values: Collection[Any]) -> Any:
    known = [value for value in values if value is not None]
    found = have.isin(known).fill_null(False) if known else ibis.literal(False)
    return found | have.isnull() if None in values else found


def ask(
    tables: Tables,
    measures: Sequence[str],
    by: Sequence[str] = (),
    filters: Condition = EVERYTHING,
    span: Span = ALWAYS,
    compare: Compared = "",
    *,
    context: EvalContext,
    only: Kept = NOTHING_KEPT,
    without: Kept = NOTHING_KEPT,
) -> ir.Table:
    """A column for each dimension of ``by`` and each measure; with ``compare`` also ``<measure>__before``.

    What is dated after the context's day is not known yet. Without ``by`` it is one row, the total: ask for totals so, for
    rates and counts of different things do not add up. Where nothing is known of a row's customer, city … the value is NULL.

    ``only`` and ``without`` name values of dimensions, by key, whose rows alone are counted, or are not; None is the value of
    rows of which nothing is known. They are for dimensions that are no days.

    Raises:
        NotFound: there is no such measure or dimension.
        RuleViolation: a measure says nothing by one of these, with the reason; or there is no span to compare.
    """
    wanted = asked(measures)
    dimensions = [dimension(key) for key in by]
    chosen = _Chosen(only, without)
    known = span.known(context.today)
    parts = _parts(tables, wanted, dimensions, filters, known, context, "", chosen)
    if compare:
        beside = _beside(dimensions, known, compare, context)
        earlier = known.earlier(compare, context.calendar)
        parts += [
            _moved(part, beside)
            for part in _parts(tables, wanted, dimensions, filters, earlier, context, BEFORE, chosen)
        ]
    laid = _laid(parts, [d.key for d in dimensions])
    ends = ("", BEFORE) if compare else ("",)
    return laid.select(*by, **{f"{key}{end}": _value(laid, key, end) for end in ends for key in measures})


def rows_of(
    tables: Tables,
    measure: str,
    mark: Mapping[str, Any],
    filters: Condition = EVERYTHING,
    span: Span = ALWAYS,
    *,
    context: EvalContext,
) -> ir.Table:
    """The records behind a mark of a chart: ``object`` and ``id``, each once.

    ``mark`` holds the values of the dimensions that the measure was shown by, as ``ask`` gave them; None where it was NULL.
    Raises as ``ask`` does.
    """
    dimensions = [dimension(key) for key in mark]
    found = []
    for plain in asked([measure]):
        source = source_of(plain, dimensions, filters)
        rows = _rows(tables, source, dimensions, filters, span.known(context.today), context)
        for key, value in mark.items():
            rows = rows.filter(rows[key].isnull() if value is None else rows[key] == value)
        if plain.where is not None:
            rows = rows.filter(plain.where(rows))
        object, id = source.stands(rows)
        found.append(rows.select(object=object, id=id.cast("int64")))
    union = found[0] if len(found) == 1 else ibis.union(*found, distinct=False)
    return union.filter(union.id.notnull()).distinct()


def first_day(tables: Tables, measures: Sequence[str]) -> date | None:
    """From when on there are records of what measures count; of several kinds the latest of these days. None: there are none.

    That nothing had ended before the first end is a true nothing: asked is when the first record began.
    """
    sources = [source_of(plain, (), EVERYTHING) for plain in asked(measures)]
    begins = {(source.table, source.begins) for source in sources}
    found = [
        tables.fetch(tables[table].agg(first=tables[table][column].min()))["first"][0].as_py()
        for table, column in begins
    ]
    return max((day for day in found if day is not None), default=None)


def _rows(
    tables: Tables,
    source: Source,
    by: Sequence[Dimension],
    filters: Condition,
    span: Span,
    context: EvalContext,
) -> ir.Table:
    """The rows of a fact that are asked for, with a column of its key for each dimension."""
    rows = source.of(tables)
    if span.since is not None:
        rows = rows.filter(rows.day >= ibis.date(span.since))
    if span.until is not None:
        rows = rows.filter(rows.day < ibis.date(span.until))
    ways = {d.key: d.way(source) or "" for d in (*by, *(DIMENSIONS[key] for key in fields_of(filters)))}
    rows = reached(tables, source.table, rows, set(ways.values()))

    def value(key: str) -> Any:
        return DIMENSIONS[key].of(rows[flat(ways[key])])

    if filters != EVERYTHING:
        rows = rows.filter(compiled(filters, value, context))
    return rows.mutate(**{d.key: DIMENSIONS[d.key].of(rows[flat(ways[d.key])]) for d in by})


def _parts(
    tables: Tables,
    plains: Sequence[Plain],
    by: Sequence[Dimension],
    filters: Condition,
    span: Span,
    context: EvalContext,
    end: str,
    chosen: _Chosen,
) -> list[ir.Table]:
    """Each fact grouped and reckoned; names of measures end in ``end``."""
    of: dict[str, list[Plain]] = {}
    for plain in plains:
        of.setdefault(source_of(plain, [*by, *chosen.dimensions], filters).key, []).append(plain)
    keys = [d.key for d in by]
    parts = []
    for source, told in of.items():
        named = list({d.key: d for d in (*by, *chosen.dimensions)}.values())
        rows = chosen.of(_rows(tables, SOURCES[source], named, filters, span, context))
        reckoned = {f"{plain.key}{end}": plain.reckoned(rows) for plain in told}
        parts.append(rows.group_by(keys).agg(**reckoned) if keys else rows.agg(**reckoned))
    return parts


def _beside(
    by: Sequence[Dimension], span: Span, compare: Compared, context: EvalContext
) -> Mapping[str, list[tuple[Any, Any]]]:
    """By each day dimension: which earlier period is shown beside which."""

    def pairs(unit: Unit, calendar: Calendar) -> list[tuple[Any, Any]]:
        return span.beside(compare, unit, calendar, context.calendar)

    return {d.key: pairs(d.unit, d.calendar or context.calendar) for d in by if d.unit}


def _moved(part: ir.Table, beside: Mapping[str, list[tuple[Any, Any]]]) -> ir.Table:
    """An earlier span's part with its periods renamed to those that they stand beside."""
    import pyarrow as pa

    for key, pairs in beside.items():
        days = pa.table(
            {
                f"{key}__was": pa.array([was for was, _ in pairs], pa.date32()),
                f"{key}__now": pa.array([now for _, now in pairs], pa.date32()),
            }
        )
        other = ibis.memtable(days)
        joined = part.inner_join(other, part[key] == other[f"{key}__was"]).drop(key, f"{key}__was")
        part = joined.rename({key: f"{key}__now"})
    return part


def _laid(parts: Sequence[ir.Table], keys: Sequence[str]) -> ir.Table:
    """Parts of different facts laid over each other: one row for each combination that any of them has."""
    if len(parts) == 1:
        return parts[0]
    types = {name: type for part in parts for name, type in part.schema().items() if name not in keys}
    padded = [
        part.select(
            *keys,
            **{name: part[name] if name in part.columns else ibis.null(type) for name, type in types.items()},
        )
        for part in parts
    ]
    union = ibis.union(*padded, distinct=False)
    laid: Callable[..., ir.Table] = union.group_by(list(keys)).agg if keys else union.agg
    # Each value stands in one of the rows; the largest of a number and nothing is the number.
    return laid(**{name: union[name].max() for name in types})


def _value(laid: ir.Table, key: str, end: str) -> Any:
    measure = MEASURES[key]

    def part(name: str) -> Any:
        value = laid[f"{name}{end}"]
        return value if PLAIN[name].is_open else value.fill_null(0)

    return measure.of(*map(part, measure.parts)) if isinstance(measure, Made) else part(key)
