"""What customers bought, day by day, as the analyses of this slice read it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from peyvand.analytical.analyses.columns import number_of, numbers, whole
from peyvand.analytical.analyses.contract import Inputs
from peyvand.analytical.measures.customers import orders
from peyvand.analytical.methods.clv.purchases import Purchases, summarise
from peyvand.analytical.methods.guards import Numbers, Whole
from peyvand.kernel.errors import Message, msg, msgid


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

    def left_out(self, known: Purchases) -> list[Message]:
        """Whom a model that counts days with a purchase does not know, though they have sales."""
        everybody, payers = (len(np.unique(of)) for of in (self.customer, self.customer[self.bought > 0]))
        told = (
            (everybody - payers, msgid("Not counted: customers who have paid for nothing so far: %(n)s")),
            (payers - len(known), msgid("Not counted: buyers whose orders all went back on the day they came: %(n)s")),
        )  # fmt: skip
        return [msg(words, n=n) for n, words in told if n > 0]

    def usual(self, known: Purchases) -> Numbers:
        """By known customer, what a purchase brought on average: all that is bought on one day is one, returns are taken off."""
        amount: Numbers = np.maximum(self.spent(known, self.first - 1, self.as_of), 0) / (known.repeats + 1.0)
        return amount

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
        whole(rows, "customer"),
        whole(rows, "day"),
        numbers(rows, "bought"),
        numbers(rows, "net"),
        number_of(given.as_of),
        int(whole(rows, "sales").sum()),
    )
