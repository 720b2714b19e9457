"""Measures in time: whole series for forecasts, who crossed a mark, and what what-if questions start from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Final, Literal

import ibis

from peyvand.analytical.measures.asking import EVERYTHING, ask
from peyvand.analytical.measures.catalogue import is_zero_where_nothing_is
from peyvand.analytical.measures.dimensions import DIMENSIONS
from peyvand.analytical.measures.spans import Span
from peyvand.analytical.warehouse.tables import Tables
from peyvand.kernel.conditions import Condition, EvalContext

if TYPE_CHECKING:
    import ibis.expr.types as ir

WHAT_IF: Final = (
    "leads", "conversion", "deals_opened", "win_rate", "average_deal", "cycle_days", "orders", "average_order", "order_frequency",
    "new_buyers", "buyers", "revenue", "discount_rate", "margin_rate", "hours", "service_cost",
)  # fmt: skip
"""What the course of a business is reckoned on from: by month it gives the levels and their spread."""


def series(
    tables: Tables,
    measures: Sequence[str],
    period: str,
    span: Span,
    by: Sequence[str] = (),
    filters: Condition = EVERYTHING,
    *,
    context: EvalContext,
) -> ir.Table:
    """Measures by a day dimension without gaps: each whole or part period of the span (up to today) has a row, for each
    combination of ``by`` that has any; what adds up and is not there is 0. Ordered by the period.

    Raises as ``ask`` does, and RuleViolation where the span has no beginning.
    """
    import pyarrow as pa

    dimension = DIMENSIONS[period]
    assert dimension.unit
    known = span.known(context.today)
    starts = known.periods(dimension.unit, dimension.calendar or context.calendar)
    told = ask(tables, measures, (period, *by), filters, known, context=context)
    grid = ibis.memtable(pa.table({period: pa.array(starts, pa.date32())}))
    if by:
        grid = grid.cross_join(told.select(*by).distinct())
    marked = ibis.union(
        told.select(period, *by, *measures),
        grid.select(period, *by, **{key: ibis.null(told[key].type()) for key in measures}),
    )
    whole = marked.group_by([period, *by]).agg(**{key: marked[key].max() for key in measures})
    return whole.mutate(
        **{key: whole[key].fill_null(0) for key in measures if is_zero_where_nothing_is(key)}
    ).order_by(period, *by)


def crossed(
    tables: Tables,
    measure: str,
    mark: float,
    since: date,
    *,
    by: str = "customer",
    begin: date | None = None,
    began: date | None = None,
    way: Literal["up", "down"] = "up",
    filters: Condition = EVERYTHING,
    context: EvalContext,
) -> ir.Table:
    """Who reached a mark of a measure since a day: of each member of ``by``, ``was`` before ``since`` and ``now``, both counted
    from ``begin`` (None: from the first fact); ``began`` is from when ``was`` is, where that time moves on. "down": who was at
    the mark or above and no longer is.

    Raises as ``ask`` does.
    """
    now = ask(tables, [measure], [by], filters, Span(begin, None), context=context)
    was = ask(tables, [measure], [by], filters, Span(began or begin, since), context=context)
    none = ibis.null(now[measure].type())
    both = ibis.union(now.select(by, now=now[measure], was=none), was.select(by, now=none, was=was[measure]))
    told = both.group_by(by).agg(was=both.was.max(), now=both.now.max())
    told = told.filter(told[by].notnull())
    had, has = (told.was >= mark).fill_null(False), (told.now >= mark).fill_null(False)
    return told.filter(~had & has if way == "up" else had & ~has)


def starting_points(tables: Tables, span: Span, by: Sequence[str] = (), *, context: EvalContext) -> ir.Table:
    """What what-if questions start from: WHAT_IF month by month in the reader's calendar, and by product, seller … if told."""
    month = "jalali_month" if context.calendar == "jalali" else "month"
    return series(tables, WHAT_IF, month, span, by, context=context)
