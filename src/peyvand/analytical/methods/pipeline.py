"""What the open deals will bring: the chance of each to be won or lost on a day, by its age, its stage and the calendar, summed up.

Two competing risks in discrete time: the daily rate of each is a product of an effect of age, one of stage and one of the calendar's
position (the month of a quarter), and each combination departs from the product as far as enough was seen of it. People can close only
so many deals: how much a fuller pipeline slows each deal (`crowding`) is learned too. Meanwhile deals go from stage to stage, at a
daily rate of each pair of stages. The sum over deals is Poisson-binomial; deals still to come are added at the pace of late; how far
earlier forecasts strayed widens the interval.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
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
    read only where it is won by then; `expected`: what it was taken to bring while it was open, 0 where that is not known; `into`:
    the stage that it moved into, -1 where that is not known.
    """

    opened: Whole
    since: Whole
    until: Whole
    ended: Whole
    stage: Whole
    amount: Numbers
    expected: Numbers
    into: Whole

    def known(self, as_of: int) -> Deals:
        """What was known at the end of that day: later stays are not yet there, and what ended later is open."""
        there = self.since <= as_of
        still = (self.ended[there] == OPEN) | (self.until[there] > as_of)
        return Deals(
            self.opened[there], self.since[there], np.where(still, as_of, self.until[there]),
            np.where(still, OPEN, self.ended[there]), self.stage[there], self.amount[there], self.expected[there],
            self.into[there],
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

    `moves`: by [from, into] the share of the deals in a stage that a day takes into another; on the diagonal those that stay.

    `usual`: by position, how many closings a day were due; where more are due, each deal's rate is (due / usual) ** -crowding of its own.
    `arrivals`: new deals a day; `worth` and `spread` of a won deal's amount: mean, and deviation over it; `entry`: the stage they come in.
    """

    bands: Whole
    cells: NDArray[np.float64]
    moves: NDArray[np.float64]
    usual: Numbers
    crowding: float
    arrivals: float
    worth: float
    spread: float
    entry: int


@dataclass(frozen=True)
class Outlook:
    """Deals to be won within the days ahead and their amounts, of those open now and of those still to come.

    `low` and `high` enclose `amount` at `level`; `strayed` is how far earlier forecasts were off (as a logarithm: .7, by half or
    twice), beyond chance; `chances` by open deal, in the order of the rows that are open.
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
    into: ArrayLike | None = None,
) -> Deals:
    """Checked rows; columns as in Deals."""
    came, begun, over = whole("opened", opened), whole("since", since), whole("until", until)
    how, where, worth = (
        whole("ended", ended),
        whole("stage", stage, least=0),
        numbers("amount", amount, least=0.0),
    )
    hoped = np.zeros(len(worth)) if expected is None else numbers("expected", expected, least=0.0)
    moved = np.full(len(worth), -1) if into is None else whole("into", into, least=-1)
    same_length(
        opened=came, since=begun, until=over, ended=how, stage=where, amount=worth, expected=hoped, into=moved
    )
    if np.any((how < OPEN) | (how > LOST)):
        raise Invalid.of(msg("A stay in a stage is open, or ended by a move, a gain or a loss."), "ended")
    if np.any(begun < came) or np.any((over < begun) & (how != OPEN)):
        raise Invalid.of(msg("A deal cannot leave a stage before it came."), "until")
    return Deals(came, begun, over, how, where, worth, hoped, moved)


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
        bands, fitted[best][1], _moves(known, stages), fitted[best][2], _CROWDINGS[best],
        float((first & (known.opened > as_of - _ARRIVALS)).sum()) / _ARRIVALS, worth,
        float(won.std() / worth) if worth > 0 else 0.0, int(np.bincount(known.stage[first], minlength=1).argmax()),
    )  # fmt: skip


def outlook(
    history: Deals,
    as_of: int,
    days: int,
    position: Position = month_of_quarter,
    *,
    rehearsals: Sequence[tuple[float, float]] = (),
    level: float = 0.8,
    closed: int = 100,
) -> Outlook:
    """What is won within `days` after `as_of`. `rehearsals` as answered by `rehearse`.

    An open deal for which nothing is expected (0) is taken for one as those won were on average.
    """
    if days < 1:
        raise Invalid.of(msg("The days ahead cannot be fewer than one."), "days")
    rates = learn(history, as_of, position, closed=closed)
    [said] = outlooks(rates, history, as_of, [(0, days)], position, rehearsals=[rehearsals], level=level)
    return said


def outlooks(
    rates: Rates,
    history: Deals,
    as_of: int,
    stretches: Sequence[tuple[int, int]],
    position: Position = month_of_quarter,
    *,
    rehearsals: Sequence[Sequence[tuple[float, float]]] = (),
    level: float = 0.8,
) -> tuple[Outlook, ...]:
    """What is won in stretches of the days ahead, by rates learned until then: (30, 60) from the 31st to the 60th day after `as_of`.

    `rehearsals`: for each stretch what was said of such a one earlier and what came, as `outlook` takes them.
    """
    now = history.known(as_of)
    now = now.rows(now.ended == OPEN)
    furthest = max(until for _, until in stretches)
    sums = _chances(
        rates, as_of - now.opened, now.stage, position(np.arange(as_of + 1, as_of + furthest + 1)),
        {day for stretch in stretches for day in stretch},
    )  # fmt: skip
    worth, spread = np.where(now.expected > 0, now.expected, rates.worth), rates.spread**2
    found = []
    for n, (start, until) in enumerate(stretches):
        chance, later = (after - before for after, before in zip(sums[until], sums[start], strict=True))
        to_come = rates.arrivals * float(later.sum())
        amount = float(chance @ worth) + to_come * rates.worth
        variance = float((chance * (1 - chance + spread)) @ worth**2) + to_come * rates.worth**2 * (
            1 + spread
        )
        own = float(np.sqrt(variance)) / amount if amount > 0 else 0.0
        earlier = rehearsals[n] if rehearsals else ()
        strayed = _strayed(earlier)
        away = NormalDist().inv_cdf((1 + level) / 2) * float(np.hypot(own, strayed))
        found.append(Outlook(
            float(chance.sum()) + to_come, amount, amount * float(np.exp(-away)), amount * float(np.exp(away)), level,
            float(chance.sum()), float(chance @ worth), strayed, tuple(chance.tolist()),
        ))  # fmt: skip
    return tuple(found)


def _strayed(earlier: Sequence[tuple[float, float]]) -> float:
    """How far what was said was from what came, the error's root mean square in parts of what was said: a small month that was
    missed by far counts by its amount, and one in which nothing came counts as well."""
    said, came = np.array(earlier, np.float64).reshape(-1, 2).T
    scale = float(np.sum(said**2))
    return float(np.log1p(np.sqrt(np.sum((came - said) ** 2) / scale))) if scale > 0 else 0.0


def rehearse(
    history: Deals,
    ends: ArrayLike,
    days: ArrayLike,
    position: Position = month_of_quarter,
    *,
    closed: int = 100,
) -> tuple[tuple[float, float], ...]:
    """For each earlier end with the days after it, the amount that would have been said and what was won; those too early are left out."""
    found = []
    for end, ahead in zip(whole("ends", ends).tolist(), whole("days", days, least=1).tolist(), strict=True):
        try:
            said = outlook(history, end, ahead, position, closed=closed).amount
        except NotEnough:
            continue
        found.append((said, won_amount(history, end, ahead)))
    return tuple(found)


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


def _moves(known: Deals, stages: int) -> NDArray[np.float64]:
    hit = known.rows((known.ended == MOVED) & (known.into >= 0) & (known.into < stages))
    counted = np.zeros((stages, stages))
    np.add.at(counted, (hit.stage, hit.into), 1.0)
    np.fill_diagonal(counted, 0.0)
    length = known.until - known.since + 1 - (known.ended == MOVED)
    days = np.bincount(known.stage, length, stages) + counted.sum(axis=1)
    shares = counted / np.maximum(days, 1)[:, None]
    return np.asarray(shares + np.diag(1 - shares.sum(axis=1)))


def _chances(
    rates: Rates, age: Whole, stage: Whole, places: Whole, after: Collection[int]
) -> dict[int, tuple[Numbers, Numbers]]:
    """Chance to be won by the end of each of `after` days ahead: of each open deal, and of one that comes on each of those days."""
    ahead, stages = len(places), len(rates.moves)
    # Deals of one age and stage have one chance.
    alike, which, many = np.unique(age * stages + stage, return_inverse=True, return_counts=True)
    come = np.r_[np.zeros(len(alike), np.int64), np.arange(ahead)]
    ages = np.r_[alike // stages + 1, -np.arange(ahead)]
    begun = np.r_[alike % stages, np.full(ahead, rates.entry)]
    weight = np.r_[many, np.full(ahead, rates.arrivals)]
    here, won = np.eye(stages)[begun], np.zeros(len(ages))

    def told() -> tuple[Numbers, Numbers]:
        return won[: len(alike)][which], won[len(alike) :].copy()

    found = {0: told()}
    for n, place in enumerate(np.minimum(places, rates.cells.shape[3] - 1)):
        band = np.searchsorted(rates.bands, np.maximum(ages + n, 0), side="right") - 1
        there = (come <= n)[:, None]
        rate = rates.cells[..., place][:, band] * there
        both = rate.sum(axis=0)
        due = float(weight @ (here * both).sum(axis=1))
        slowed = _slowing(np.array([due]), rates.usual[[place]], rates.crowding)[0]
        leaves = here * -np.expm1(-slowed * both)
        won += (leaves * np.divide(rate[0], both, out=np.zeros_like(both), where=both > 0)).sum(axis=1)
        left = here - leaves
        here = np.where(there, left @ rates.moves, left)
        if n + 1 in after:
            found[n + 1] = told()
    return found
