"""What open deals and those still to come bring by month, learned from closed ones by age, stage and the month of the quarter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np

from peyvand.analytical.analyses.columns import day_of, number_of
from peyvand.analytical.analyses.contract import Beside, Card, Figure, Finding, Inputs
from peyvand.analytical.forecasts.months import ahead, context_of, months_of, running
from peyvand.analytical.forecasts.stays import Stays, stays_of
from peyvand.analytical.methods.backtest import Comparison, compare, mean_error
from peyvand.analytical.methods.guards import NotEnough, Whole
from peyvand.analytical.methods.pipeline import (
    OPEN,
    Deals,
    Outlook,
    Position,
    learn,
    month_of_quarter,
    outlooks,
    won_amount,
)
from peyvand.kernel.errors import Message, msg, msgid
from peyvand.kernel.persian.calendar import Calendar, shift, to_jalali

# Earlier months that it is tried on.
_TRIED: Final = 8
# Those before them, from which the first of these learn how far forecasts stray.
_BEFORE: Final = 3
_QUARTER: Final = 3
_CLOSED: Final = 100


@dataclass(frozen=True)
class Tried:
    """A month as it would have been said at its beginning: what came, and what the same month of the last quarter had brought."""

    month: date
    said: Outlook
    came: float
    simple: float


def run(given: Inputs) -> Finding:
    """Months ahead, stages and earlier months as ``more``. NotEnough below a hundred closed deals or two quarters."""
    calendar, as_of = context_of(given).calendar, number_of(given.as_of)
    position = month_of_quarter if calendar == "gregorian" else month_of_season
    read = stays_of(given, _CLOSED)
    history = read.history
    rates = learn(history, as_of, position, closed=_CLOSED)
    now = running(given.as_of, calendar)
    starts = ahead(now, 2 + months_of(int(given.settings["horizon_days"])), calendar)
    # On its last day nothing is left of a month.
    starts = starts[1:] if number_of(starts[1]) - 1 == as_of else starts
    stretches = _stretches(starts, as_of)
    tried, strayed = _tried(history, given.as_of, calendar, position, len(stretches) - 1)
    said = outlooks(rates, history, as_of, stretches, position, rehearsals=strayed)
    so_far = _won(history, now, given.as_of)
    compared = _compared(tried)
    more = {
        "calendar": calendar,
        "so_far": so_far,
        "months": [
            {"month": start.isoformat(), "again": _again(history, start, now, calendar), **_told(one)}
            for start, one in zip(starts, said[:-1], strict=False)
        ],
        "total": _told(said[-1]),
        "stages": _stages(read, as_of, said[-1]),
        "tried": [
            {"month": one.month.isoformat(), "said": one.said.amount, "low": one.said.low, "high": one.said.high, "came": one.came}
            for one in tried
        ],
        "inside": sum(one.said.low <= one.came <= one.said.high for one in tried),
        "is_better": compared.is_better if compared else None,
    }  # fmt: skip
    return Finding((), _card(read, as_of, said, tried, compared), more)


def month_of_season(days: Whole) -> Whole:
    """0, 1 or 2 of the season, by day number since 1970: the month of the quarter in the Jalali calendar."""
    different, place = np.unique(np.asarray(days, np.int64), return_inverse=True)
    months = np.array([(to_jalali(day_of(day))[1] - 1) % 3 for day in different.tolist()], np.int64)
    return np.asarray(months[place])


def _tried(
    history: Deals, as_of: date, calendar: Calendar, position: Position, stretches: int
) -> tuple[list[Tried], list[tuple[tuple[float, float], ...]]]:
    """Earlier months as said at their beginning, with the intervals of then; and by stretch how far forecasts were off since."""
    now = running(as_of, calendar)
    strayed: list[list[tuple[float, float]]] = [[] for _ in range(stretches + 1)]
    found = []
    for back in range(_TRIED + _BEFORE, 0, -1):
        starts = ahead(shift(now, -back, "month", calendar), stretches + 1, calendar)
        end = number_of(starts[0]) - 1
        try:
            rates = learn(history, end, position, closed=_CLOSED)
        except NotEnough:
            continue
        asked = _stretches(starts, end)
        # Of then: only what was off in months that were over.
        by_then = [tuple(off[: max(0, len(off) - min(n, stretches - 1))]) for n, off in enumerate(strayed)]
        said = outlooks(rates, history, end, asked, position, rehearsals=by_then)
        for n, (one, (start, until)) in enumerate(zip(said, asked, strict=True)):
            came = _between(history, end + start, end + until)
            if end + until < number_of(as_of):
                strayed[n].append((one.amount, came))
        simple = _month(history, shift(starts[0], -_QUARTER, "month", calendar), calendar)
        found.append(Tried(starts[0], said[0], _month(history, starts[0], calendar), simple))
    for n, off in enumerate(strayed[1:]):
        # No month so far away came yet: it is as unsure as the one before it at least.
        off.extend(() if off else strayed[n])
    return found[-_TRIED:], [tuple(off) for off in strayed]


def _stretches(starts: list[date], as_of: int) -> list[tuple[int, int]]:
    """The days after `as_of` of each month (of the first what is left of it), and of all together; ``starts`` ends with the one after."""
    ends = [number_of(start) - 1 - as_of for start in starts[1:]]
    return [*zip([0, *ends], ends, strict=False), (0, ends[-1])]


def _between(history: Deals, after: int, until: int) -> float:
    """What was won after one day, up to another."""
    return won_amount(history, after, until - after)


def _won(history: Deals, since: date, until: date) -> float:
    return _between(history, number_of(since) - 1, number_of(until))


def _month(history: Deals, start: date, calendar: Calendar) -> float:
    """What a whole month brought."""
    return _between(history, number_of(start) - 1, number_of(shift(start, 1, "month", calendar)) - 1)


def _again(history: Deals, start: date, now: date, calendar: Calendar) -> float | None:
    """What the same month of the last quarter brought of which that month is over; None of the running month, of which only what is
    left is told."""
    if start == now:
        return None
    back = _QUARTER
    while shift(start, -back, "month", calendar) >= now:
        back += _QUARTER
    return _month(history, shift(start, -back, "month", calendar), calendar)


def _told(said: Outlook) -> dict[str, float]:
    return {
        "expected": said.amount, "low": said.low, "high": said.high, "won": said.won, "open": said.open_amount,
        "open_won": said.open_won,
    }  # fmt: skip


def _stages(read: Stays, as_of: int, said: Outlook) -> list[dict[str, Any]]:
    """Where the open deals stand and what they bring in all the months told, the most first."""
    now = read.history.known(as_of)
    now = now.rows(now.ended == OPEN)
    chance, many = np.array(said.chances), len(read.stages)
    worth = np.where(now.expected > 0, now.expected, 0)
    count, amount = np.bincount(now.stage, minlength=many), np.bincount(now.stage, worth, many)
    chances = np.bincount(now.stage, chance, many)
    brings = np.bincount(now.stage, chance * worth, many)
    found = [
        {"pipeline": pipeline, "stage": name, "count": int(count[n]), "amount": float(amount[n]),
         "chance": float(chances[n] / count[n]), "expected": float(brings[n])}
        for n, (pipeline, name) in enumerate(read.stages)
        if count[n]
    ]  # fmt: skip
    return sorted(found, key=lambda one: (-one["expected"], one["pipeline"], one["stage"]))


def _compared(tried: list[Tried]) -> Comparison | None:
    if len(tried) < 2:
        return None
    came, said, simple = (
        [getattr(one, name) for one in tried] for name in ("came", "said", "simple")
    )  # fmt: skip
    return compare(
        msgid("same month of the last quarter"), mean_error, came, [one.amount for one in said], simple, smaller_is_better=True
    )  # fmt: skip


def _card(
    read: Stays, as_of: int, said: tuple[Outlook, ...], tried: list[Tried], compared: Comparison | None
) -> Card:
    history, total = read.history, said[-1]
    notes: list[Message] = []
    if not tried:
        notes.append(
            msg(
                "It could not be tested on earlier months yet: the intervals cover chance alone and are too narrow."
            )
        )
    elif compared is not None and not compared.is_better:
        notes.append(
            msg("It was not clearly better than the simple rule on earlier months; the pages show both.")
        )
    figures = [
        Figure(msgid("Closed deals"), int(history.closed.sum())),
        Figure(msgid("Open deals"), len(total.chances)),
        Figure(msgid("Expected in the months ahead"), total.amount, "money", total.low, total.high),
    ]
    if tried:
        inside = sum(one.said.low <= one.came <= one.said.high for one in tried)
        figures.append(
            Figure(
                msgid("Earlier months within their interval of 80 percent"),
                100 * inside / len(tried),
                "percent",
            )
        )
    usual = float(np.mean([one.came for one in tried])) if tried else 0.0
    beside = None
    if compared is not None and usual > 0:
        scale, gain = 100 / usual, compared.gain
        beside = Beside(
            compared.rule, msgid("Average error, in percent of a usual month"), compared.method * scale, compared.simple * scale,
            gain.value * scale, gain.low * scale, gain.high * scale,
        )  # fmt: skip
    return Card(
        rows=read.rows,
        first=day_of(int(history.opened.min())),
        last=day_of(min(as_of, int(history.until.max()))),
        figures=tuple(figures),
        beside=beside,
        notes=tuple(notes),
        watched=("Expected in the months ahead",),
    )
