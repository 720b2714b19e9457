"""Deals as stays in stages, told by their moves: what the pipeline forecast is learned from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peyvand.analytical.analyses.columns import numbers, whole, words
from peyvand.analytical.analyses.contract import Inputs
from peyvand.analytical.methods.guards import Numbers, Whole, Yes, require
from peyvand.analytical.methods.pipeline import LOST, MOVED, OPEN, WON, Deals, deals
from peyvand.kernel.errors import msgid


@dataclass(frozen=True, eq=False)
class Stays:
    """Stays of deals in stages, what their codes of stages stand for: (pipeline, stage), and of how many deals they are."""

    history: Deals
    stages: tuple[tuple[str, str], ...]
    rows: int


@dataclass(frozen=True, eq=False)
class _Known:
    """A row for each deal by its number; days are numbers, nan where there is none."""

    id: Whole
    opened: Whole
    closed: Numbers
    amount: Numbers
    status: NDArray[Any]
    pipeline: NDArray[Any]
    stage: NDArray[Any]

    @property
    def is_over(self) -> Yes:
        return np.isfinite(self.closed) & np.isin(self.status, ("won", "lost"))

    @property
    def closed_day(self) -> Whole:
        """Of one that is not over 0."""
        return np.nan_to_num(self.closed).astype(np.int64)


@dataclass(frozen=True, eq=False)
class _Moves:
    """A row for each stay, deal by deal as they came: the day it began, the stage, and what the deal became by it. ``place`` is
    the deal's row."""

    day: Whole
    stage: NDArray[Any]
    became: NDArray[Any]
    place: Whole

    @property
    def first(self) -> Yes:
        return np.asarray(np.r_[True, self.place[1:] != self.place[:-1]])

    @property
    def last(self) -> Yes:
        return np.asarray(np.r_[self.first[1:], True])

    def by_deal(self, values: NDArray[Any]) -> NDArray[Any]:
        """What is known of each deal, at each of its stays."""
        return np.asarray(values[np.cumsum(self.first) - 1])


def stays_of(given: Inputs, least: int) -> Stays:
    """The stays of deals that somebody saw open; a deal without moves has one stay. NotEnough where fewer than ``least`` are over."""
    known = _known(given)
    require(msgid("closed deals"), least, int(known.is_over.sum()))
    moves = _moves(given, known)
    first, place = moves.first, moves.place
    begun = np.minimum(
        known.opened[place], moves.by_deal(np.minimum.reduceat(moves.day, np.flatnonzero(first)))
    )
    since = np.where(first, begun, moves.day)
    until, ended = _ends(known, moves, since)
    # Written down when it was over already: nobody saw it open.
    late = (known.is_over & (known.closed_day < known.opened))[place]
    late = late | moves.by_deal(moves.became[first] != "open")
    kept = (moves.became == "open") & ~late
    code, stages = _codes(known.pipeline[place][kept], moves.stage[kept])
    amount = known.amount[place][kept]
    into = _into(kept, ended, code)
    history = deals(begun[kept], since[kept], until[kept], ended[kept], code, amount, amount, into)
    return Stays(history, stages, int(np.unique(place[kept]).size))


def _known(given: Inputs) -> _Known:
    table = given.tables["deal"]
    rows = given.tables.fetch(table.filter(table.day <= given.as_of).order_by("deal"))
    return _Known(
        whole(rows, "deal"), whole(rows, "day"), numbers(rows, "closed"), np.maximum(np.nan_to_num(numbers(rows, "amount")), 0),
        words(rows, "status"), words(rows, "pipeline"), words(rows, "stage"),
    )  # fmt: skip


def _moves(given: Inputs, known: _Known) -> _Moves:
    table = given.tables["stage_change"]
    ordered = table.filter(table.day <= given.as_of).order_by("deal", "at", "change")
    steps = given.tables.fetch(ordered.select("deal", "day", "to_stage", "status"))
    of = whole(steps, "deal")
    there = np.isin(of, known.id)
    # Whose moves were never written down has stood where it stands.
    alone = ~np.isin(known.id, of)
    of = np.concatenate([of[there], known.id[alone]])
    day = np.concatenate([whole(steps, "day")[there], known.opened[alone]])
    stage = np.concatenate([words(steps, "to_stage")[there], known.stage[alone]])
    became = np.concatenate([words(steps, "status")[there], np.full(int(alone.sum()), "open")])
    order = np.argsort(of, kind="stable")
    return _Moves(day[order], stage[order], became[order], np.searchsorted(known.id, of[order]))


def _ends(known: _Known, moves: _Moves, since: Whole) -> tuple[Whole, Whole]:
    """The day on which each stay ended and how; one that goes on ends when it began."""
    after, then = np.append(moves.day[1:], 0), np.append(moves.became[1:], "")
    last, place = moves.last, moves.place
    # The last move of a deal that is over leads there; how it ended and when is known of the deal itself.
    ends_here = (last | np.r_[last[1:], False] & np.isin(then, ("won", "lost"))) & known.is_over[place]
    word = np.where(ends_here, known.status[place], np.where(last, "", then))
    ended = np.select([word == "won", word == "lost", word == "open"], [WON, LOST, MOVED], OPEN)
    until = np.where(ends_here, known.closed_day[place], after)
    return np.where(ended == OPEN, since, np.maximum(until, since)), ended


def _codes(pipelines: NDArray[Any], stages: NDArray[Any]) -> tuple[Whole, tuple[tuple[str, str], ...]]:
    """A code for each stage of each pipeline, and what the codes stand for."""
    named = [f"{pipeline}\x00{stage}" for pipeline, stage in zip(pipelines, stages, strict=True)]
    known, code = np.unique(np.array(named, np.str_), return_inverse=True)
    return code, tuple((pipeline, stage) for pipeline, _, stage in (str(n).partition("\x00") for n in known))


def _into(kept: Yes, ended: Whole, code: Whole) -> Whole:
    """The stage of the stay that follows in the same deal, where a deal moved on; else -1."""
    if not len(code):
        return code
    after = np.append(np.cumsum(kept)[1:] - 1, 0)[kept]
    return np.where(ended[kept] == MOVED, code[np.minimum(after, len(code) - 1)], -1)
