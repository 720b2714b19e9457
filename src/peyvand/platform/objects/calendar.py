"""Records by their dates: those of each day, and those that last through a span of time. Bounded, whatever the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Final

from django.db.models import Count, Q, Window
from django.db.models.functions import Coalesce, RowNumber, TruncDate

from peyvand.kernel.conditions import FieldType
from peyvand.platform.database.compiled import statement
from peyvand.platform.fields.types import Field
from peyvand.platform.objects.filters import eval_context
from peyvand.platform.objects.grouping import stored
from peyvand.platform.objects.queries import ListQuery, Row, fetch_in_order, fetch_rows

MOST_BARS: Final = 200


@dataclass(frozen=True)
class Day:
    """The first records of a day in the order of their time, and how many there are in all."""

    rows: list[Row] = field(default_factory=list)
    count: int = 0


@dataclass(frozen=True)
class Bars:
    rows: list[Row]
    # There are more than are drawn.
    is_cut: bool


def moment_of(day: date, known: Field, query: ListQuery) -> date:
    """A day as a column of this field is compared with it: an instant begins on the clocks of the workspace."""
    return (
        day if known.type is FieldType.date else datetime.combine(day, time(), eval_context(query.actor).tz)
    )


def fetch_days(query: ListQuery, known: Field, first: date, until: date, most: int) -> Mapping[date, Day]:
    """The records of each day from ``first`` until before ``until``, ``most`` of a day, by the value of a date field."""
    at = stored(query.spec, known.column)
    day = at if known.type is FieldType.date else TruncDate("day_at", tzinfo=eval_context(query.actor).tz)
    rows = query.rows().order_by().annotate(day_at=at)
    rows = rows.filter(
        day_at__gte=moment_of(first, known, query), day_at__lt=moment_of(until, known, query)
    ).annotate(day_of=day)
    rows = rows.annotate(
        day_place=Window(RowNumber(), partition_by=["day_of"], order_by=["day_at", "id"]),
        day_count=Window(Count("*"), partition_by=["day_of"]),
    ).filter(day_place__lte=most)
    found = statement(rows.order_by("day_of", "day_place"), ("id", "day_of", "day_count")).run()
    shown = fetch_rows(query, [id for id, _, _ in found])
    days: dict[date, Day] = {}
    for id, on, count in found:
        if id in shown:
            days.setdefault(on, Day(count=count)).rows.append(shown[id])
    return days


def fetch_bars(
    query: ListQuery, start: Field, end: Field, first: date, until: date, ended: Field | None = None
) -> Bars:
    """The records that last through some of the days from ``first`` until before ``until``, the earliest first.

    Where the end is empty, a record lasts for the moment of its start. ``ended``, of the type of the end, goes before it.
    """
    begins, ends = moment_of(first, start, query), moment_of(first, end, query)
    last = stored(query.spec, end.column)
    if ended is not None:
        last = Coalesce(stored(query.spec, ended.column), last)
    rows = query.rows().annotate(bar_start=stored(query.spec, start.column), bar_end=last)
    rows = rows.filter(bar_start__lt=moment_of(until, start, query)).filter(
        Q(bar_end__gte=ends) | Q(bar_start__gte=begins)
    )
    found = statement(rows.order_by("bar_start", "id")[: MOST_BARS + 1], ("id",)).run()
    rows = fetch_in_order(query, [id for (id,) in found[:MOST_BARS]])
    return Bars(rows, len(found) > MOST_BARS)
