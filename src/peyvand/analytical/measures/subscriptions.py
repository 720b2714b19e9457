"""Who stays: contracts and subscriptions by the month in which they began, and how many of them ran so many months later."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

import ibis

from peyvand.analytical.warehouse.tables import Tables
from peyvand.kernel.persian.calendar import Calendar, to_jalali


@dataclass(frozen=True)
class Stay:
    """Those that began in a month (its number: year times twelve and months); ``still`` has how many of them ran after 0, 1, 2 … whole
    months, as far as these have passed."""

    month: int
    began: int
    still: tuple[int, ...]


def stays(tables: Tables, as_of: date, calendar: Calendar) -> list[Stay]:
    """Every month in which something began, the oldest first. Days are counted by their months: what ended in the month after it
    began ran one month."""
    of = tables["subscription"]
    known = of.filter(of.started.notnull() & (of.started <= ibis.date(as_of)))
    rows = tables.fetch(known.group_by("started", "ended").agg(many=known.count())).to_pylist()
    now, began = _month(as_of, calendar), Counter[int]()
    ended: Counter[tuple[int, int]] = Counter()
    for row in rows:
        month, last = _month(row["started"], calendar), row["ended"]
        began[month] += row["many"]
        if last is not None and last <= as_of:
            ended[month, max(0, _month(last, calendar) - month)] += row["many"]
    return [_stay(month, began[month], now - month, ended) for month in sorted(began)]


def _stay(month: int, began: int, ages: int, ended: Counter[tuple[int, int]]) -> Stay:
    left, still = began, []
    for age in range(ages + 1):
        still.append(left)
        left -= ended[month, age]
    # Of the running month what has ended so far is not running any more.
    still[-1] = left
    return Stay(month, began, tuple(still))


def _month(day: date, calendar: Calendar) -> int:
    year, month = to_jalali(day)[:2] if calendar == "jalali" else (day.year, day.month)
    return year * 12 + month - 1
