"""What customers bought, day by day, as the analyses of this slice read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from peyvand.analytical.analyses.contract import Inputs
from peyvand.analytical.measures.customers import orders
from peyvand.analytical.methods.clv.purchases import Purchases, summarise
from peyvand.analytical.methods.guards import Numbers, Whole

EPOCH: Final = date(1970, 1, 1)


@dataclass(frozen=True, eq=False)
class History:
    """One row for each customer and day: what was bought on it, and that less what came back. Days are numbers from 1970 on."""

    customer: Whole
    day: Whole
    bought: Numbers
    net: Numbers
    as_of: int
    sales: int

    @property
    def first(self) -> int:
        """The first day on which somebody bought; the as-of date where nobody did."""
        days = self.day[self.bought > 0]
        return int(days.min()) if days.size else self.as_of

    @property
    def last(self) -> int:
        return int(self.day.max()) if self.day.size else self.as_of

    def known(self, by: int) -> Purchases:
        """The buyers as they were known on a day."""
        return summarise(self.customer, self.day, by, self.net)

    def spent(self, known: Purchases, after: int, until: int) -> Numbers:
        """By known customer, what they paid after a day up to another."""
        place = np.minimum(np.searchsorted(known.customers, self.customer), max(0, len(known) - 1))
        ours = (self.day > after) & (self.day <= until)
        if len(known):
            ours &= known.customers[place] == self.customer
        return np.bincount(place[ours], self.net[ours], len(known)).astype(np.float64)


def read(given: Inputs) -> History:
    """All that known customers bought and gave back by the as-of date."""
    known = orders(given.tables, given.as_of)
    by_day = known.group_by("customer", "day").agg(
        net=known.net.sum(), bought=known.net.sum(where=known.net > 0).fill_null(0), sales=known.count()
    )
    rows = given.tables.fetch(by_day)
    return History(
        numbers(rows, "customer"),
        day_numbers(rows, "day"),
        numbers(rows, "bought").astype(np.float64),
        numbers(rows, "net").astype(np.float64),
        day_number(given.as_of),
        int(numbers(rows, "sales").sum()),
    )


def numbers(rows: Any, name: str) -> Any:
    """A column of whole numbers without gaps."""
    return rows[name].to_numpy(zero_copy_only=False)


def floats(rows: Any, name: str) -> Numbers:
    """A column as floats; nan where nothing is known."""
    column: Numbers = rows[name].cast("double").to_numpy(zero_copy_only=False)
    return column


def day_numbers(rows: Any, name: str) -> Whole:
    """A column of days without gaps, as numbers."""
    return np.asarray(rows[name].cast("int32").to_numpy(zero_copy_only=False), np.int64)


def day_number(day: date) -> int:
    return (day - EPOCH).days


def day_of(number: int) -> date:
    return EPOCH + timedelta(days=int(number))


def iso(number: int) -> str:
    """A day as reasons hold it."""
    return day_of(number).isoformat()


def days(of: Any) -> NDArray[np.datetime64]:
    """Numbers of days as days; where nan stands, no day."""
    column = np.asarray(of, np.float64)
    said = np.full(len(column), np.datetime64("NaT", "D"), dtype="datetime64[D]")
    there = np.isfinite(column)
    said[there] = column[there].astype(np.int64).astype("datetime64[D]")
    return said
