"""The answer to a question: rows with names and figures, totals asked anew, and which figures stand beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from peyvand.analytical.measures.catalogue import MEASURES, Measure, is_zero_where_nothing_is
from peyvand.analytical.measures.dimensions import DIMENSIONS, Dimension
from peyvand.analytical.measures.spans import Span
from peyvand.analytical.reports.naming import Name, namer, period_told
from peyvand.analytical.reports.question import Question
from peyvand.analytical.reports.rights import demand_question
from peyvand.analytical.warehouse.public import Tables, as_of, figures_context, reading
from peyvand.kernel.conditions import EvalContext
from peyvand.kernel.persian.calendar import Calendar, Unit, period
from peyvand.platform.actions.context import Context

# What the columns of an earlier span's figures end in (measures/asking).
EARLIER: Final = "__before"
# Rows beyond these have no names, which are looked up for each.
MOST_NAMED: Final = 5_000
# No period has more.
MOST_DAYS: Final[Mapping[Unit, int]] = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}
# Of a time that is compared with, more than this share without any record makes of it another time.
MISSING: Final = 0.1
# Values of the second dimension that stand beside each other.
MOST_HEADS: Final = 24

Kept = Mapping[str, tuple[Any, ...]]
Found = dict[str, Any]
"""A row as the warehouse gives it: by keys of dimensions and measures, what was before by those that end in EARLIER."""


@dataclass(frozen=True)
class Row:
    """One line: the values of the dimensions and what they are called; figures by measure, and the earlier ones."""

    values: tuple[Any, ...]
    names: tuple[str, ...]
    figures: dict[str, float | None]
    before: dict[str, float | None]


@dataclass(frozen=True)
class Others:
    """All values of a dimension together that a table does not show: by those of the other dimension, and altogether."""

    rows: Mapping[Any, Row]
    total: Row


@dataclass(frozen=True)
class Answer:
    """``rows`` are those that a table shows of ``named``, which are the first of ``count``. ``at`` is the moment of the facts,
    ``days`` those that it is about, until ``today``.

    Of two dimensions, ``alone`` has the answer by each of them, and ``cells`` by their values the rows that a table across or
    a chart shows.
    """

    question: Question
    measures: tuple[Measure, ...]
    dimensions: tuple[Dimension, ...]
    rows: tuple[Row, ...]
    named: tuple[Row, ...]
    count: int
    total: Row
    at: datetime | None
    days: Span
    today: date
    calendar: Calendar
    alone: tuple[Answer, ...] = ()
    cells: Mapping[tuple[Any, ...], Row] = field(default_factory=dict)
    # Of two dimensions those of the first and of the second that its table across does not show; None where it shows all.
    others: tuple[Others | None, Others | None] = (None, None)
    # From when on anything is known, where what it is compared with began before: there is nothing to compare with then.
    began: date | None = None

    @property
    def is_cut(self) -> bool:
        """Whether there are more rows than are shown."""
        return self.count > len(self.rows) or any(each is not None for each in self.others)


def answer(
    ctx: Context, question: Question, pick: Callable[[list[Found]], list[Found]] | None = None
) -> Answer:
    """Ask the open workspace's warehouse. ``pick`` says which of all rows are answered with, where these are not the first.

    Raises:
        NotAllowed: the actor may not see all that it counts. RuleViolation, Invalid: it means nothing, with the reason.
        NotReady: the warehouse was never filled.
    """
    demand_question(ctx.actor, question)
    with reading() as tables:
        context = figures_context(ctx.actor)
        found = _answered(ctx, tables, question, context, pick=pick)
        began = _began(tables, question, context, found.days)
        return found if began is None else _not_compared(found, began)


def _began(tables: Tables, question: Question, context: EvalContext, days: Span) -> date | None:
    """The first day of which anything is known, where that is well within the time that is compared with."""
    if not question.compare:
        return None
    # Loads the engine, as below.
    from peyvand.analytical.measures.asking import first_day

    earlier = days.earlier(question.compare, context.calendar)
    began = first_day(tables, question.measures)
    if began is None or earlier.since is None or earlier.until is None:
        return None
    if earlier.since >= earlier.until:
        # All of the time lies ahead.
        return None
    # The first sale of a year may come some days after it began.
    missing = (min(began, earlier.until) - earlier.since) / (earlier.until - earlier.since)
    return began if missing > MISSING else None


def _not_compared(found: Answer, began: date) -> Answer:
    """Without what came of a time that was not recorded as a whole; of periods, those that were stand beside each other."""
    if found.dimensions and found.dimensions[0].kind == "day":
        kept = found
    else:
        rows, named = ([replace(row, before={}) for row in each] for each in (found.rows, found.named))
        kept = replace(found, rows=tuple(rows), named=tuple(named))
    return replace(kept, total=replace(found.total, before={}), began=began)


def _answered(
    ctx: Context,
    tables: Tables,
    question: Question,
    context: EvalContext,
    total: Found | None = None,
    pick: Callable[[list[Found]], list[Found]] | None = None,
) -> Answer:
    if total is None:
        total = _asked(tables, question, (), context)[0]
    alone: tuple[Answer, ...] = ()
    others: Any = (None, None)
    only: Kept = {}
    if len(question.by) > 1:
        first, second = question.by
        alone = (
            _answered(ctx, tables, replace(question, by=(first,)), context, total),
            _answered(ctx, tables, replace(question, by=(second,), sort=""), context, total),
        )
        # Of a hundred thousand customers and a thousand products nobody reads the pairs: the first of each do.
        most = max(question.most, MOST_HEADS)
        only = {
            key: kept for key, each in zip(question.by, alone, strict=True) if (kept := _first(each, most))
        }
        others = (
            _others(tables, question, context, alone[0], question.most, second),
            _others(tables, question, context, alone[1], MOST_HEADS, first),
        )
    found = _asked(tables, question, question.by, context, only) if question.by else [total]
    if len(question.by) == 1:
        found = _without_gaps(question, found, context)
    rows = (
        _beneath(alone, question, found) if alone else _sorted(question, _something(question, found), context)
    )
    named = pick(rows) if pick else rows[:MOST_NAMED]
    days = question.days(context.today, context.calendar).known(context.today)
    names = [_namer(ctx, tables, key, {row[key] for row in named}, days, context) for key in question.by]
    lines = tuple(
        Row(_values(question, row), tuple(name(row[key]) for name, key in zip(names, question.by, strict=True)), *_figures(question, row))
        for row in named
    )  # fmt: skip
    return Answer(
        question, tuple(MEASURES[key] for key in question.measures), tuple(DIMENSIONS[key] for key in question.by),
        lines[: question.most], lines, len(rows), Row((), (), *_figures(question, total)), as_of(),
        days, context.today, context.calendar, alone,
        _cells(question, alone, rows) if alone else {}, others,
    )  # fmt: skip


def _namer(
    ctx: Context, tables: Tables, key: str, values: set[Any], days: Span, context: EvalContext
) -> Name:
    """What values are called; of a period that is not whole, that too."""
    name, dimension = namer(ctx, tables, key, values), DIMENSIONS[key]
    if dimension.kind != "day":
        return name
    return lambda value: (
        name(value)
        if value is None
        else period_told(dimension, value, days, context.today, context.calendar, ctx.reader.language)
    )


def _without_gaps(question: Question, found: list[Found], context: EvalContext) -> list[Found]:
    """With a row for each period between two that have one: what is counted there is 0. So far apart that all between could
    not be named, one of them is of a wrong year, and nothing is put between them."""
    dimension = DIMENSIONS[question.by[0]]
    there = {row[dimension.key]: row for row in found if row[dimension.key] is not None}
    if dimension.kind != "day" or not dimension.unit or len(there) < 2:
        return found
    calendar = dimension.calendar or context.calendar
    longest = timedelta(days=MOST_NAMED * MOST_DAYS[dimension.unit])
    nothing = {key: 0 if is_zero_where_nothing_is(key) else None for key in question.measures}
    if question.compare:
        nothing |= {f"{key}{EARLIER}": value for key, value in nothing.items()}
    return found + [
        {dimension.key: start, **nothing}
        for last, after in pairwise(sorted(there))
        if after - last <= longest
        for start in Span(last, after).periods(dimension.unit, calendar)[1:]
    ]


def _first(alone: Answer, most: int) -> tuple[Any, ...]:
    """The first values of a dimension; nothing where there are no more, and of periods, which are all shown."""
    if is_ordered(alone.dimensions[0]) or alone.count <= most:
        return ()
    return tuple(row.values[0] for row in alone.named[:most])


def _others(
    tables: Tables, question: Question, context: EvalContext, alone: Answer, most: int, by: str
) -> Others | None:
    """What all values together say that are not among the first; None where there are none."""
    if not (shown := _first(alone, most)):
        return None
    without = {alone.dimensions[0].key: shown}
    rows = _asked(tables, question, (by,), context, without=without)
    [total] = _asked(tables, question, (), context, without=without)
    return Others(
        {row[by]: Row((row[by],), (), *_figures(question, row)) for row in rows},
        Row((), (), *_figures(question, total)),
    )


def _something(question: Question, rows: list[Found]) -> list[Found]:
    """The rows without those of which nothing is counted, where that is asked: as a reason for which no deal was lost."""
    if not question.some:
        return rows
    kept = [*question.measures, *(f"{key}{EARLIER}" for key in question.measures if question.compare)]
    return [row for row in rows if any(row[key] for key in kept)]


def _values(question: Question, row: Found) -> tuple[Any, ...]:
    return tuple(row[key] for key in question.by)


def _cells(question: Question, alone: tuple[Answer, ...], rows: list[Found]) -> dict[tuple[Any, ...], Row]:
    """The rows of two values that are both shown: all periods, of other things the first."""
    most = max(question.most, MOST_HEADS)
    first, second = (
        {row.values[0] for row in (each.named if is_ordered(each.dimensions[0]) else each.named[:most])}
        for each in alone
    )
    return {
        values: Row(values, (), *_figures(question, row))
        for row in rows
        if (values := _values(question, row))[0] in first and values[1] in second
    }


def is_ordered(dimension: Dimension) -> bool:
    """Whether its values have an order of their own, as periods do."""
    return dimension.kind == "day" or dimension.key == "weekday"


def _asked(
    tables: Tables, question: Question, by: tuple[str, ...], context: EvalContext, only: Kept | None = None, without: Kept | None = None,
) -> list[Found]:  # fmt: skip
    # Loads the engine, which no page needs that asks nothing.
    from peyvand.analytical.measures.asking import ask

    span = question.days(context.today, context.calendar)
    expression = ask(
        tables, question.measures, by, question.condition, span, question.compare, context=context, only=only or {}, without=without or {},
    )  # fmt: skip
    found: list[Found] = tables.fetch(expression).to_pylist()
    return found


def _figures(question: Question, row: Found) -> tuple[dict[str, float | None], dict[str, float | None]]:
    before = (
        {key: _number(row.get(f"{key}{EARLIER}")) for key in question.measures} if question.compare else {}
    )
    return {key: _number(row[key]) for key in question.measures}, before


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _sorted(question: Question, rows: list[Found], context: EvalContext) -> list[Found]:
    """By the chosen measure, largest first; periods in their order, all else by the first measure."""
    if not question.by:
        return rows
    key = question.sort if question.sort in question.measures else ""
    first = DIMENSIONS[question.by[0]]
    if not key and first.key == "weekday":
        begin = period("week", context.today, context.calendar)[0].isoweekday()
        return sorted(rows, key=lambda row: (row[first.key] is None, (int(row[first.key] or 0) - begin) % 7))
    if not key and is_ordered(first):
        return sorted(rows, key=lambda row: (row[first.key] is None, str(row[first.key])))
    by = key or question.measures[0]
    return sorted(rows, key=lambda row: (row[by] is None, -(row[by] or 0), str(row[first.key])))


def _beneath(alone: tuple[Answer, ...], question: Question, rows: list[Found]) -> list[Found]:
    """Rows of two dimensions: those of one value together, each dimension in the order that it has alone."""
    orders = [{row.values[0]: place for place, row in enumerate(each.named)} for each in alone]

    def places(row: Found) -> tuple[int, ...]:
        return tuple(order.get(row[key], MOST_NAMED) for order, key in zip(orders, question.by, strict=True))

    return sorted(rows, key=places)
