"""The arithmetic of bills, in whole minor units: who pays what, parts of a debt, what of a line comes back. No database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

from peyvand.kernel.persian.calendar import Calendar, shift

BUCKETS: Final = (("current", None, 0), ("d30", 1, 30), ("d60", 31, 60), ("d90", 61, 90), ("over", 91, None))
"""The columns of the ageing report: key, and from which day after the due date to which."""


def spread(amount: int, places: Sequence[int]) -> list[int]:
    """An amount put into places one after the other, each as far as it holds; what is left over is in none of them."""
    put = []
    for place in places:
        part = min(amount, max(place, 0))
        put.append(part)
        amount -= part
    return put


def parts_of(total: int, count: int, *, rounded_to: int = 1) -> list[int]:
    """A total in ``count`` parts that add up to it: equal, rounded down to whole ``rounded_to``; the last takes the rest."""
    each = total // count // rounded_to * rounded_to
    return [*([each] * (count - 1)), total - each * (count - 1)]


def due_dates(first: date, count: int, months: int, calendar: Calendar) -> list[date]:
    """The days of instalments, ``months`` apart: that day of each month, or the last of a month that is shorter."""
    return [shift(first, n * months, "month", calendar) for n in range(count)]


def bucket(due_on: date, today: date) -> str:
    """The column of the ageing report in which a debt due on a day stands."""
    late = (today - due_on).days
    return next(key for key, _, until in BUCKETS if until is None or late <= until)


@dataclass(frozen=True, slots=True)
class Part:
    """What a share of a line comes to: gross less discount is net; net and tax are the total."""

    gross: int
    net: int
    tax: int

    @property
    def total(self) -> int:
        return self.net + self.tax


def returned_part(line: Part, quantity: Decimal, before: Decimal, now: Decimal) -> Part:
    """What ``now`` of a line's ``quantity`` comes to when ``before`` of it came back already.

    Each is rounded as a part of the whole, so that a line returned bit by bit comes to the line itself, to the last unit.
    """

    def share(whole: int) -> int:
        return _share(whole, quantity, before + now) - _share(whole, quantity, before)

    # The discount is shared and not the gross: no rounding makes a part cost more than it did before its discount.
    net = share(line.net)
    return Part(net + share(line.gross - line.net), net, share(line.tax))


def _share(whole: int, quantity: Decimal, of_it: Decimal) -> int:
    """Rounded half up, exactly: no precision runs out."""
    exact = whole * Fraction(of_it) / Fraction(quantity)
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


@dataclass(frozen=True, slots=True)
class Exposure:
    """What a customer could cost us. ``open`` is what no cheque covers, ``cheques`` what cheques cover that are not
    cleared yet, ``credit`` what is theirs and not used."""

    open: int = 0
    cheques: int = 0
    credit: int = 0
    overdue: int = 0

    @property
    def balance(self) -> int:
        """What they owe us; below zero where we owe them."""
        return self.open + self.cheques - self.credit
