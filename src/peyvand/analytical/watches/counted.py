"""What a watch asks of the warehouse: who is at its mark as of a day, and what the measure says of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any, Final

from peyvand.analytical.measures.dimensions import FIELDS
from peyvand.analytical.measures.fitting import EVERYTHING
from peyvand.analytical.measures.spans import Span
from peyvand.analytical.warehouse.public import Tables
from peyvand.analytical.warehouse.star import customer_of
from peyvand.analytical.watches import models as m
from peyvand.analytical.watches.models import Watch
from peyvand.kernel.conditions import Condition, EvalContext, parse

_DAY = timedelta(days=1)
# Of more than these all are read: a question that names every one takes longer than its answer.
NAMED: Final = 1_000


def filter_of(watch: Watch) -> Condition:
    """Which facts count."""
    if watch.product_id is None:
        return EVERYTHING
    return parse({"field": "product", "op": "is", "value": str(watch.product_id)}, FIELDS)


def begin_of(watch: Watch, day: date) -> date | None:
    """From which day on it counts as of a day; None: from the first fact."""
    if watch.within == m.LAST:
        return day - timedelta(days=(watch.days or 1) - 1)
    return watch.since if watch.within == m.FROM else None


def at_mark(tables: Tables, watch: Watch, day: date, context: EvalContext) -> dict[int, float]:
    """The ids of those who are at the mark or above it at the end of a day, and what the measure says of each."""
    told = _asked(tables, watch, day, context)
    return _read(tables, watch, told.filter(told[watch.measure] >= watch.mark))


def values_of(
    tables: Tables, watch: Watch, day: date, ids: Collection[int], context: EvalContext
) -> dict[int, float]:
    """What the measure says of these at the end of a day; of whom it says nothing is left out."""
    if not ids:
        return {}
    told = _asked(tables, watch, day, context)
    if len(ids) > NAMED:
        wanted = set(ids)
        return {id: value for id, value in _read(tables, watch, told).items() if id in wanted}
    keys = [customer_of(watch.whose, id) if watch.dimension == "customer" else id for id in ids]
    return _read(tables, watch, told.filter(told[watch.dimension].isin(keys)))


def lately(
    tables: Tables, watch: Watch, since: date, context: EvalContext
) -> dict[int, tuple[float | None, float | None]]:
    """Who crossed the mark between the end of the day before ``since`` and now, with the values then and now."""
    # Loads the engine, which no page needs that asks nothing.
    from peyvand.analytical.measures.following import crossed

    told = crossed(
        tables, watch.measure, watch.mark, since, by=watch.dimension, begin=begin_of(watch, context.today),
        began=begin_of(watch, since - _DAY), way="down" if watch.way == m.DOWN else "up", filters=filter_of(watch), context=context,
    )  # fmt: skip
    rows = tables.fetch(told).to_pylist()
    return {
        id: (row["was"], row["now"]) for row in rows if (id := _id(watch, row[watch.dimension])) is not None
    }


def _asked(tables: Tables, watch: Watch, day: date, context: EvalContext) -> Any:
    # Loads the engine, as above.
    from peyvand.analytical.measures.asking import ask

    span = Span(begin_of(watch, day), day + _DAY)
    return ask(tables, [watch.measure], [watch.dimension], filter_of(watch), span, context=context)


def _read(tables: Tables, watch: Watch, told: Any) -> dict[int, float]:
    found: Mapping[str, list[Any]] = tables.fetch(told).to_pydict()
    return {
        id: float(value)
        for key, value in zip(found[watch.dimension], found[watch.measure], strict=True)
        if value is not None and (id := _id(watch, key)) is not None
    }


def _id(watch: Watch, key: int | None) -> int | None:
    """The record behind a value of the dimension; None where it is nobody, or a customer of the other kind."""
    if key is None or watch.dimension != "customer":
        return key
    return key // 2 if customer_of(watch.whose, key // 2) == key else None
