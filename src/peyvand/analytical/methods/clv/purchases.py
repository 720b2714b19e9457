"""What these models know of a customer: how many times they came again, when last, and since when they are known."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from peyvand.analytical.methods.guards import (
    Numbers,
    Whole,
    numbers,
    require,
    require_fresh,
    same_length,
    whole,
)
from peyvand.kernel.errors import Invalid, msg, msgid

WEEK: Final = 7.0


@dataclass(frozen=True, eq=False)
class Groups:
    """Customers who look the same to a model, once: columns as in Purchases, `rows` how many each stands for."""

    repeats: Whole
    last: Whole
    age: Whole
    rows: Whole

    @property
    def bought_again(self) -> Groups:
        again = self.repeats > 0
        return Groups(self.repeats[again], self.last[again], self.age[again], self.rows[again])

    @property
    def bought_once(self) -> Groups:
        once = self.repeats == 0
        return Groups(self.repeats[once], self.last[once], self.age[once], self.rows[once])


@dataclass(frozen=True, eq=False)
class Purchases:
    """One row for each customer, by ascending id.

    `repeats`: days with a purchase after the first; `last`: days from the first to the last of them (0: none came);
    `age`: days from the first purchase to the as-of date; `spend`: mean amount of a repeated day, 0 where there is none.
    """

    customers: Whole
    repeats: Whole
    last: Whole
    age: Whole
    spend: Numbers

    def __len__(self) -> int:
        return len(self.customers)

    @property
    def silent(self) -> Whole:
        """Days since the last purchase: beside `gap` the reason that people are given for a doubt that someone is still a customer."""
        return self.age - self.last

    @property
    def gap(self) -> Numbers:
        """Days from one purchase to the next on average; nan for who came once."""
        return np.where(self.repeats > 0, self.last / np.maximum(self.repeats, 1), np.nan)

    @cached_property
    def _keys(self) -> Whole:
        ages, lasts = int(self.age.max(initial=0)) + 1, int(self.last.max(initial=0)) + 1
        if float(self.repeats.max(initial=0) + 1) * ages * lasts >= 2.0**62:
            raise Invalid.of(msg("These days lie too far apart."), "age")
        return (self.repeats * lasts + self.last) * ages + self.age

    def _unkeyed(self, keys: Whole, rows: Whole) -> Groups:
        ages, lasts = int(self.age.max(initial=0)) + 1, int(self.last.max(initial=0)) + 1
        rest, age = np.divmod(keys, ages)
        repeats, last = np.divmod(rest, lasts)
        return Groups(repeats, last, age, rows)

    @cached_property
    def groups(self) -> Groups:
        """The distinct rows: a model's likelihood needs each but once."""
        keys = np.sort(self._keys)
        starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]) if keys.size else np.zeros(0, np.int64)
        return self._unkeyed(keys[starts], np.diff(np.r_[starts, keys.size]))

    @cached_property
    def group_of(self) -> Whole:
        """By customer, the row of `groups` they belong to."""
        order = np.argsort(self._keys)
        keys = self._keys[order]
        of = np.empty(keys.size, np.int64)
        if keys.size:
            of[order] = np.cumsum(np.r_[0, keys[1:] != keys[:-1]])
        return of

    def sampled(self, rows: Whole) -> Purchases:
        """These customers alone, by index."""
        return Purchases(
            self.customers[rows], self.repeats[rows], self.last[rows], self.age[rows], self.spend[rows]
        )

    def guard(self, buyers: int = 200, repeaters: int = 80) -> None:
        """NotEnough below these counts; Stale when nobody bought in the later half of the time that is known.

        Below 200 buyers the predicted total of CDNOW's customers strays by more than a quarter, and one fit in ten fails.
        """
        require(msgid("buyers"), buyers, len(self))
        require(msgid("buyers who came again"), repeaters, int((self.repeats > 0).sum()))
        if len(self):
            require_fresh(int((self.age - self.last).min()), int(self.age.max()))


def summarise(customer: ArrayLike, day: ArrayLike, as_of: int, amount: ArrayLike | None = None) -> Purchases:
    """Purchases as customers: `customer` ids and `day` numbers, one for each purchase, in any order; `as_of` a day number.

    All that one customer buys on one day is one purchase. What is dated after `as_of` is not known yet and left out.
    With amounts, a day whose amounts are together nothing or less (a return) is no purchase.
    """
    who, when = whole("customer", customer), whole("day", day)
    paid = np.ones(len(who)) if amount is None else numbers("amount", amount)
    same_length(customer=who, day=when, amount=paid)
    known = when <= as_of
    who, when, paid = who[known], when[known], paid[known]
    order = np.lexsort((when, who))
    who, when, paid = who[order], when[order], paid[order]
    if who.size:
        starts = np.flatnonzero(np.r_[True, (who[1:] != who[:-1]) | (when[1:] != when[:-1])])
        who, when, paid = who[starts], when[starts], np.add.reduceat(paid, starts)
    bought = paid > 0
    who, when, paid = who[bought], when[bought], paid[bought]
    first = np.flatnonzero(np.r_[True, who[1:] != who[:-1]]) if who.size else np.zeros(0, np.int64)
    repeats = np.diff(np.r_[first, who.size]) - 1
    ends = first + repeats
    spent = np.add.reduceat(paid, first) - paid[first] if first.size else np.zeros(0)
    spend = np.zeros(first.size) if amount is None else spent / np.maximum(repeats, 1) * (repeats > 0)
    return Purchases(who[first], repeats, when[ends] - when[first], as_of - when[first], spend)


def purchases(
    repeats: ArrayLike, last: ArrayLike, age: ArrayLike, spend: ArrayLike | None = None
) -> Purchases:
    """Customers that are summarised already (by SQL), checked; their ids are their places. Columns as in Purchases."""
    again, latest, known = whole("repeats", repeats, least=0), whole("last", last, least=0), whole("age", age)
    mean = np.zeros(len(again)) if spend is None else numbers("spend", spend)
    same_length(repeats=again, last=latest, age=known, spend=mean)
    if np.any(latest > known):
        raise Invalid.of(msg("The last purchase lies after the as-of date."), "last")
    if np.any((again == 0) != (latest == 0)):
        raise Invalid.of(msg("Whoever bought once has no later purchase, and the others have one."), "last")
    return Purchases(np.arange(len(again)), again, latest, known, mean)
