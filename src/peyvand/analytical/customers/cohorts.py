"""Who came in the same month, and how many of them came again in each month since, in both calendars."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from peyvand.analytical.analyses.columns import day_of
from peyvand.analytical.analyses.contract import Card, Figure, Finding, Inputs
from peyvand.analytical.customers.history import History, read
from peyvand.analytical.methods import segments
from peyvand.analytical.methods.segments import Cohorts
from peyvand.kernel.errors import msgid
from peyvand.kernel.persian.calendar import to_jalali

_AGES = (1, 3, 6)
_NAMES = (
    msgid("Returned in the month after the first order"),
    msgid("Returned in the third month"),
    msgid("Returned in the sixth month"),
)


def run(given: Inputs) -> Finding:
    """Months × ages as ``more``: by calendar the months ("1404-07"), customers and amounts; None is still ahead."""
    history = read(given)
    found = {calendar: _found(history, calendar) for calendar in ("gregorian", "jalali")}
    # The month of the as-of date is not over yet, so that it is no fair answer to "did they come again".
    customers = found["gregorian"].customers
    figures = [Figure(msgid("Cohorts"), sum(1 for row in customers if row[0]))]
    for age, name in zip(_AGES, _NAMES, strict=True):
        old = [row for row in customers[: -age - 1] if row[0]]
        began = sum(row[0] or 0 for row in old)
        if began:
            figures.append(Figure(name, 100 * sum(row[age] or 0 for row in old) / began, "percent"))
    card = Card(
        rows=history.sales,
        first=day_of(history.first),
        last=day_of(history.last),
        figures=tuple(figures),
        watched=(_NAMES[0],),
    )
    return Finding((), card, {calendar: _plain(of) for calendar, of in found.items()})


def _found(history: History, calendar: str) -> Cohorts:
    different, place = np.unique(history.day, return_inverse=True)
    months = np.array([_month(day_of(day), calendar) for day in different.tolist()], np.int64)
    # What was bought and what came back on a day apart: a day on which more came back was a visit all the same.
    both = np.r_[history.bought, history.net - history.bought]
    return segments.cohorts(
        np.tile(history.customer, 2), np.tile(months[place], 2), both, _month(day_of(history.as_of), calendar)
    )


def _month(day: date, calendar: str) -> int:
    year, month = to_jalali(day)[:2] if calendar == "jalali" else (day.year, day.month)
    return year * 12 + month - 1


def _plain(of: Cohorts) -> dict[str, Any]:
    return {
        "months": [f"{period // 12:04}-{period % 12 + 1:02}" for period in of.periods],
        "customers": [list(row) for row in of.customers],
        "amounts": [[None if v is None else round(v) for v in row] for row in of.amounts],
    }
