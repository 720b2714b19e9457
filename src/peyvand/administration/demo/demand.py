"""When customers order: each at their own pace, all together as the year goes: evenly, a little more each year, most before the feasts.

Day by day as many order as that day brings, those first who have waited longest beyond their usual time. So the last month looks
as the others do, whatever day the demonstration is made on, and however many customers came or left.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from heapq import heapify, heappop, heappush
from random import Random
from typing import Final

from peyvand.kernel.persian.calendar import to_jalali

Period = tuple[datetime, datetime]
# How much more is ordered after a year.
GROWTH: Final = 1.08
# Months of the year, the Jalali one in the first line, in which more or less is ordered than in others: before Nowruz and
# before Yalda more, in the days of Nowruz less; in autumn more, around the end of the year and in August less.
SEASONS: Final = {
    True: {1: 0.85, 2: 1.05, 5: 0.95, 9: 1.15, 11: 1.05, 12: 1.3},
    False: {1: 0.9, 4: 1.05, 5: 1.1, 8: 0.85, 10: 1.1, 11: 1.2, 12: 0.9},
}
# Nobody orders again before this part of their usual time is over, however much the day brings.
EARLIEST: Final = 0.6
# What a day brought too little or too much of is made up for by the days after, up to so many orders.
CARRIED: Final = 4.0
HOUR: Final = timedelta(hours=1)


@dataclass
class Buyer:
    """Somebody who orders about every ``gap`` days, and after each order stops with ``stops`` of a hundred.

    ``first`` is when they order first where that is known, ``since`` the moment from which on they may, ``until`` the one from
    which on they do not any more; ``season`` the Gregorian months in which they want it most (none: always).
    """

    gap: float
    stops: int
    since: datetime
    until: datetime
    first: datetime | None = None
    season: tuple[int, ...] = ()
    orders: list[datetime] = field(default_factory=list)

    def pause(self, dice: Random) -> timedelta:
        return timedelta(days=max(3.0, self.gap * dice.uniform(0.6, 1.4)))


def order_all(
    buyers: Sequence[Buyer],
    days: Sequence[Period],
    dice: Random,
    weight: Callable[[date], float],
    besides: Callable[[date], float],
) -> None:
    """Fill ``orders`` of the buyers over the working periods of ``days``; ``besides`` is what others order on a day."""
    shares = [(end - begin) / HOUR * weight(begin.date()) for begin, end in days]
    usual = sum(_natural(buyer, days[-1][1], dice) for buyer in buyers) / sum(shares)
    firsts: dict[date, list[Buyer]] = defaultdict(list)
    for buyer in buyers:
        if buyer.first is not None:
            firsts[buyer.first.date()].append(buyer)
    # Who has ordered before the books begin is due at any time of theirs, and never asked for before they are known.
    waiting = [
        (buyer.since + timedelta(days=buyer.gap * dice.uniform(1 - EARLIEST, 1)), n)
        for n, buyer in enumerate(buyers)
        if buyer.first is None
    ]
    heapify(waiting)
    number = {id(buyer): n for n, buyer in enumerate(buyers)}
    open_ = 0.0
    for (begin, end), share in zip(days, shares, strict=True):
        open_ = min(open_ + max(0.0, usual * share - besides(begin.date())), CARRIED + usual * share)
        for buyer in firsts.pop(begin.date(), ()):
            assert buyer.first is not None
            _take(buyer, buyer.first, number[id(buyer)], waiting, dice)
            open_ = max(open_ - 1, -CARRIED)
        for n, at in _due(buyers, waiting, begin, dice):
            if open_ < dice.random():
                heappush(waiting, (at, n))
                break
            open_ -= 1
            _take(buyers[n], begin + (end - begin) * dice.random(), n, waiting, dice)


def seasonal(is_persian: bool, last: date) -> Callable[[date], float]:
    """How much a day brings beside those of the year before ``last``, by the season and the growth until ``last``."""
    by_month = SEASONS[is_persian]

    def weight(day: date) -> float:
        month = to_jalali(day)[1] if is_persian else day.month
        return float(by_month.get(month, 1.0) * GROWTH ** ((day - last).days / 365))

    return weight


def _natural(buyer: Buyer, last: datetime, dice: Random) -> int:
    """How often they would order if nothing but their own pace counted."""
    at, many = buyer.first or buyer.since + timedelta(days=buyer.gap / 2), 0
    while at < min(buyer.until, last):
        many += 1
        if dice.randrange(100) < buyer.stops:
            break
        at += buyer.pause(dice)
    return many


def _take(buyer: Buyer, at: datetime, n: int, waiting: list[tuple[datetime, int]], dice: Random) -> None:
    buyer.orders.append(at)
    if dice.randrange(100) >= buyer.stops:
        heappush(waiting, (at + buyer.pause(dice), n))


def _due(
    buyers: Sequence[Buyer], waiting: list[tuple[datetime, int]], begin: datetime, dice: Random
) -> Iterator[tuple[int, datetime]]:
    """Who may order in a period, longest overdue first, with when they were due; whoever is asked for is off the list."""
    while waiting:
        due, n = heappop(waiting)
        buyer = buyers[n]
        if begin >= buyer.until:
            continue
        if due - begin > timedelta(days=buyer.gap * (1 - EARLIEST)):
            heappush(waiting, (due, n))
            return
        if buyer.season and begin.month not in buyer.season and dice.randrange(4):
            heappush(waiting, (due + timedelta(days=buyer.gap / 2), n))
            continue
        yield n, due
