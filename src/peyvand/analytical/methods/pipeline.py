"""What the open deals will bring: the chance of each to be won or lost on a day, by its age, its stage and the calendar, summed up.

Two competing risks in discrete time: the daily rate of each is a product of an effect of age, one of stage and one of the calendar's
position (the month of a quarter), and each combination departs from the product as far as enough was seen of it. People can close only
so many deals: how much a fuller pipeline slows each deal (`crowding`) is learned too. The sum over deals is Poisson-binomial; deals
still to come are added at the pace of late; how far earlier forecasts strayed widens the interval.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from peyvand.analytical.methods.guards import (
    NotEnough,
    Numbers,
    Whole,
    Yes,
    numbers,
    require,
    same_length,
    whole,
)
from peyvand.kernel.errors import Invalid, msg, msgid

OPEN, MOVED, WON, LOST = range(4)
Position: TypeAlias = Callable[[Whole], Whole]

# Ages in days at which the rate may change; deals of one business close at quite different ages, so the bands are also cut by what closed.
_BANDS: Final = 14
# So many deals as expected are added to each effect: one that was hardly seen says nothing.
_PRIOR: Final = 5.0
_ROUNDS: Final = 12
# Each deal is closed as if alone, in between, or as many are closed as ever whatever lies in the pipeline.
_CROWDINGS: Final = (0.0, 0.5, 1.0)
QUARTERS: Final = 182  # days in two
_CHUNK: Final = 20_000
_ARRIVALS: Final = 91


@dataclass(frozen=True, eq=False)
class Deals:
    """One row for each stay of a deal in a stage; days are day numbers, `until` that on which it ended (unread where open).

    `opened`: when the deal came; `stage`: a code; `ended`: OPEN, MOVED (to another stage), WON or LOST; `amount`: what it brought,
    read only where it is won by then; `expected`: what it was taken to bring while it was open, 0 where that is not known.
    """

    opened: Whole
    since: Whole
    until: Whole
    ended: Whole
    stage: Whole
    amount: Numbers
    expected: Numbers

    def known(self, as_of: int) -> Deals:
        """What was known at the end of that day: later stays are not yet there, and what ended later is open."""
        there = self.since <= as_of
        still = (self.ended[there] == OPEN) | (self.until[there] > as_of)
        return Deals(
            self.opened[there], self.since[there], np.where(still, as_of, self.until[there]),
            np.where(still, OPEN, self.ended[there]), self.stage[there], self.amount[there], self.expected[there],
        )  # fmt: skip

    def rows(self, rows: Yes | slice) -> Deals:
        """These alone."""
        return Deals(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    @property
    def closed(self) -> Yes:
        return np.asarray(self.ended >= WON)


@dataclass(frozen=True, eq=False)
class Rates:
    """Daily rates as learned, `cells` by [cause: won, lost][age band, stage, position]; `bands` are the ages at which they change.

    `usual`: by position, how many closings a day were due; where more are due, each deal's rate is (due / usual) ** -crowding of its own.
    `arrivals`: new deals a day; `worth` and `spread` of a won deal's amount: mean, and deviation over it; `entry`: the stage they come in.
    """

    bands: Whole
    cells: NDArray[np.float64]
    usual: Numbers
    crowding: float
    arrivals: float
    worth: float
    spread: float
    entry: int


@dataclass(frozen=True)
class Outlook:
    """Deals to be won within the days ahead and their amounts, of those open now and of those still to come.

    `low` and `high` enclose `amount` at `level`; `strayed` is how far earlier forecasts were off (root mean square of the
    logarithm), beyond chance; `chances` by open deal, in the order of the rows that are open.
    """

    won: float
    amount: float
    low: float
    high: float
    level: float
    open_won: float
    open_amount: float
    strayed: float
    chances: tuple[float, ...]


def deals(
    opened: ArrayLike,
    since: ArrayLike,
    until: ArrayLike,
    ended: ArrayLike,
    stage: ArrayLike,
    amount: ArrayLike,
    expected: ArrayLike | None = None,
) -> Deals:
    """Checked rows; columns as in Deals."""
    came, begun, over = whole("opened", opened), whole("since", since), whole("until", until)
    how, where, worth = (
        whole("ended", ended),
        whole("stage", stage, least=0),
        numbers("amount", amount, least=0.0),
    )
    hoped = np.zeros(len(worth)) if expected is None else numbers("expected", expected, least=0.0)
    same_length(opened=came, since=begun, until=over, ended=how, stage=where, amount=worth, expected=hoped)
    if np.any((how < OPEN) | (how > LOST)):
        raise Invalid.of(msg("A stay in a stage is open, or ended by a move, a gain or a loss."), "ended")
    if np.any(begun < came) or np.any((over < begun) & (how != OPEN)):
        raise Invalid.of(msg("A deal cannot leave a stage before it came."), "until")
    return Deals(came, begun, over, how, where, worth, hoped)


def month_of_quarter(days: Whole) -> Whole:
    """0, 1 or 2 of the Gregorian quarter, by day number since 1970."""
    return np.asarray(days, "datetime64[D]").astype("datetime64[M]").astype(np.int64) % 3


def learn(history: Deals, as_of: int, position: Position = month_of_quarter, *, closed: int = 100) -> Rates:
    """The rates by what was known at the end of `as_of`. NotEnough below `closed` closed deals or two quarters of history.

    Days before the first deal was closed do not count: nothing was kept of what closed then.
    """
    known = history.known(as_of)
    require(msgid("closed deals"), closed, int(known.closed.sum()))
    require(msgid("days of history"), QUARTERS, as_of - int(known.opened.min()) + 1)
    begin = int(known.until[known.closed].min())
    days = np.arange(begin, as_of + 1)
    ages = known.until[known.closed] - known.opened[known.closed]
    bands = np.unique(np.r_[0, 1, np.quantile(ages, np.linspace(0, 1, _BANDS + 1)[1:-1]).astype(np.int64)])
    stages, places = int(known.stage.max()) + 1, position(days)
    shape = (len(days), len(bands), stages)
    exposure = np.zeros(shape)
    for start in range(0, len(known.opened), _CHUNK):
        part = known.rows(slice(start, start + _CHUNK))
        length = part.until - part.since + 1 - (part.ended == MOVED)
        row = np.repeat(np.arange(len(length)), length)
        day = part.since[row] + np.arange(len(row)) - np.repeat(np.cumsum(length) - length, length)
        seen = day >= begin
        _add(exposure, bands, (day - begin)[seen], (day - part.opened[row])[seen], part.stage[row][seen])
    events = np.zeros((2, *shape))
    for n, cause in enumerate((WON, LOST)):
        hit = known.rows(known.ended == cause)
        _add(events[n], bands, hit.until - begin, hit.until - hit.opened, hit.stage)
    fitted = [_fitted(events, exposure, places, crowding) for crowding in _CROWDINGS]
    best = max(range(len(fitted)), key=lambda n: fitted[n][0])
    first = known.since == known.opened
    won = known.amount[(known.ended == WON) & (known.amount > 0)]
    worth = float(won.mean()) if won.size else 0.0
    return Rates(
        bands, fitted[best][1], fitted[best][2], _CROWDINGS[best],
        float((first & (known.opened > as_of - _ARRIVALS)).sum()) / _ARRIVALS, worth,
        float(won.std() / worth) if worth > 0 else 0.0, int(np.bincount(known.stage[first], minlength=1).argmax()),
    )  # fmt: skip


def outlook(
    history: Deals,
    as_of: int,
    days: int,
    position: Position = month_of_quarter,
    *,
    rehearsals: tuple[float, ...] = (),
    level: float = 0.8,
    closed: int = 100,
) -> Outlook:
    """What is won within `days` after `as_of`. `rehearsals` as answered by `rehearse`.

    An open deal for which nothing is expected (0) is taken for one as those won were on average.
    """
    if days < 1:
        raise Invalid.of(msg("The days ahead cannot be fewer than one."), "days")
    rates = learn(history, as_of, position, closed=closed)
    now = history.known(as_of)
    now = now.rows(now.ended == OPEN)
    chance, later = _chances(
        rates, as_of - now.opened, now.stage, position(np.arange(as_of + 1, as_of + days + 1))
    )
    worth = np.where(now.expected > 0, now.expected, rates.worth)
    to_come = rates.arrivals * float(later.sum())
    amount = float(chance @ worth) + to_come * rates.worth
    spread = rates.spread**2
    variance = float((chance * (1 - chance + spread)) @ worth**2) + to_come * rates.worth**2 * (1 + spread)
    own = float(np.sqrt(variance)) / amount if amount > 0 else 0.0
    strayed = float(np.sqrt(np.mean(np.square(rehearsals)))) if rehearsals else 0.0
    away = NormalDist().inv_cdf((1 + level) / 2) * float(np.hypot(own, strayed))
    return Outlook(
        float(chance.sum()) + to_come, amount, amount * float(np.exp(-away)), amount * float(np.exp(away)), level,
        float(chance.sum()), float(chance @ worth), strayed, tuple(chance.tolist()),
    )  # fmt: skip


def rehearse(
    history: Deals,
    ends: ArrayLike,
    days: ArrayLike,
    position: Position = month_of_quarter,
    *,
    closed: int = 100,
) -> tuple[float, ...]:
    """For each earlier end with the days after it, the logarithm of what was won over what would have been said; those too early are left out."""
    missed = []
    for end, ahead in zip(whole("ends", ends).tolist(), whole("days", days, least=1).tolist(), strict=True):
        try:
            said = outlook(history, end, ahead, position, closed=closed).amount
        except NotEnough:
            continue
        came = won_amount(history, end, ahead)
        if said > 0 and came > 0:
            missed.append(float(np.log(came / said)))
    return tuple(missed)


def won_amount(history: Deals, as_of: int, days: int) -> float:
    """What was really won in the `days` after `as_of`."""
    hit = (history.ended == WON) & (history.until > as_of) & (history.until <= as_of + days)
    return float(history.amount[hit].sum())


def _add(cells: NDArray[np.float64], bands: Whole, day: Whole, age: Whole, stage: Whole) -> None:
    """Counts rows into [day, age band, stage]."""
    band = np.searchsorted(bands, age, side="right") - 1
    flat = np.ravel_multi_index((day, band, stage), cells.shape)
    cells += np.bincount(flat, minlength=cells.size).reshape(cells.shape)


def _fitted(
    events: NDArray[np.float64], exposure: NDArray[np.float64], places: Whole, crowding: float
) -> tuple[float, NDArray[np.float64], Numbers]:
    """Log-likelihood, cells and usual load, given how much a fuller pipeline slows each deal."""
    many = int(places.max()) + 1
    by_place = np.eye(many)[places]
    counted = np.einsum("cdbs,dp->cbsp", events, by_place)
    slowed = np.ones(len(places))
    for _ in range(_ROUNDS if crowding else 1):
        cells = np.array(
            [_cells(counted[n], np.einsum("d,dbs,dp->bsp", slowed, exposure, by_place)) for n in range(2)]
        )
        due = np.einsum("dbs,bsd->d", exposure, cells.sum(axis=0)[:, :, places])
        usual = (by_place.T @ due + due.mean()) / (by_place.sum(axis=0) + 1)
        slowed = _slowing(due, usual[places], crowding)
    said = np.array([np.einsum("dbs,bsd,d->d", exposure, cells[n][:, :, places], slowed) for n in range(2)])
    came = events.sum(axis=(2, 3))
    return float((came * np.log(said + 1e-12) - said).sum()), cells, usual


def _slowing(due: Numbers, usual: Numbers, crowding: float) -> Numbers:
    return np.asarray(np.clip((due + 1e-9) / (usual + 1e-9), 0.1, 10.0) ** -crowding)


def _cells(events: NDArray[np.float64], exposure: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rates by band, stage and place: the product of three effects, and of each cell's own as far as it was seen."""
    effects: list[Any] = [
        np.full(events.shape[0], events.sum() / max(1.0, exposure.sum())), np.ones(events.shape[1]), np.ones(events.shape[2]),
    ]  # fmt: skip

    def product() -> NDArray[np.float64]:
        return np.asarray(effects[0][:, None, None] * effects[1][None, :, None] * effects[2][None, None, :])

    for _ in range(_ROUNDS):
        for axis in range(3):
            others = tuple(n for n in range(3) if n != axis)
            expected = exposure * product()
            effects[axis] = (
                effects[axis] * (events.sum(axis=others) + _PRIOR) / (expected.sum(axis=others) + _PRIOR)
            )
    whole_product = product()
    return whole_product * (events + _PRIOR) / (exposure * whole_product + _PRIOR)


def _chances(rates: Rates, age: Whole, stage: Whole, places: Whole) -> tuple[Numbers, Numbers]:
    """Chance to be won on one of the days ahead: of each open deal, and of one that comes on each of those days."""
    ahead = len(places)
    come = np.r_[np.zeros(len(age), np.int64), np.arange(ahead)]
    ages = np.r_[age + 1, -np.arange(ahead)]
    stages = np.r_[stage, np.full(ahead, rates.entry)]
    weight = np.r_[np.ones(len(age)), np.full(ahead, rates.arrivals)]
    here, won = np.ones(len(ages)), np.zeros(len(ages))
    for n, place in enumerate(np.minimum(places, rates.cells.shape[3] - 1)):
        band = np.searchsorted(rates.bands, np.maximum(ages + n, 0), side="right") - 1
        rate = rates.cells[:, band, stages, place] * (come <= n)
        both = rate.sum(axis=0)
        slowed = _slowing(np.array([float(weight @ (here * both))]), rates.usual[[place]], rates.crowding)[0]
        leaves = -np.expm1(-slowed * both)
        won += here * leaves * np.divide(rate[0], both, out=np.zeros(len(both)), where=both > 0)
        here = here * (1 - leaves)
    return won[: len(age)], won[len(age) :]
