"""The pipeline: laws that are known, months that came, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from benchmarks.ahead import by_month, sales
from numpy.typing import NDArray

from peyvand.analytical.methods import pipeline as p
from peyvand.analytical.methods.guards import NotEnough
from peyvand.kernel.errors import Invalid


def _anytime(day: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.zeros(len(day), np.int64)


def _deals(
    won: float = 0.02, lost: float = 0.01, days: int = 400, seed: int = 2, each_day: int = 6
) -> p.Deals:
    """Deals that are won and lost at constant daily rates, each worth 100."""
    chance = np.random.default_rng(seed)
    opened = np.repeat(np.arange(days), each_day)
    life = chance.geometric(-np.expm1(-won - lost), len(opened)) - 1
    until = opened + life
    ended = np.where(chance.random(len(opened)) < won / (won + lost), p.WON, p.LOST)
    return p.deals(opened, opened, until, ended, np.zeros(len(opened), int), np.full(len(opened), 100.0))


def test_constant_rates_are_learned_and_summed() -> None:
    history = _deals(days=460)
    said = p.outlook(history, 400, 30, _anytime)
    chance = 2 / 3 * -np.expm1(-0.03 * 30)
    open_now = history.known(400)
    count = int((open_now.ended == p.OPEN).sum())
    assert len(said.chances) == count
    assert np.mean(said.chances) == pytest.approx(chance, rel=0.08)
    assert said.open_won == pytest.approx(count * chance, rel=0.08)
    came = p.won_amount(history, 400, 30)
    assert said.low < came < said.high
    assert said.amount == pytest.approx(said.won * 100)
    # Only chance is unsure: as many independent deals, at 80 %, whose amounts are all alike.
    still_to_come = said.won - said.open_won
    own = np.sqrt(sum(c * (1 - c) for c in said.chances) + still_to_come) / said.won
    assert np.log(said.high / said.amount) == pytest.approx(1.2816 * own, rel=1e-3)


def test_what_came_later_is_not_known_and_order_does_not_matter() -> None:
    history = _deals()
    said = p.outlook(history, 300, 30)
    early = history.rows(history.opened <= 300)
    cut = p.deals(
        early.opened,
        early.since,
        np.minimum(early.until, 301),
        np.where(early.until > 300, p.OPEN, early.ended),
        early.stage,
        np.where(early.until > 300, 0.0, early.amount),
    )
    assert p.outlook(cut, 300, 30) == said
    order = np.random.default_rng(1).permutation(len(history.opened))
    mixed = p.outlook(history.rows(order), 300, 30)  # type: ignore[arg-type]
    assert mixed.amount == pytest.approx(said.amount)
    assert sorted(mixed.chances) == pytest.approx(sorted(said.chances))


def test_stages_count_and_a_full_desk_closes_no_more() -> None:
    """Deals of the second stage are won ten times as often; and when the same five are closed each day, twice as many open ones bring no more."""
    slow, fast = _deals(0.002, 0.01, seed=3), _deals(0.02, 0.01, seed=4)
    both = p.Deals(*(np.r_[getattr(slow, f), getattr(fast, f)] for f in ("opened", "since", "until", "ended")),
                   np.r_[slow.stage, fast.stage + 1], np.r_[slow.amount, fast.amount], np.r_[slow.expected, fast.expected],
                   np.r_[slow.into, fast.into])  # fmt: skip
    now = both.known(399).rows(both.known(399).ended == p.OPEN)
    chances = np.array(p.outlook(both, 399, 30, _anytime).chances)
    assert chances[now.stage == 1].mean() > 5 * chances[now.stage == 0].mean()

    chance = np.random.default_rng(5)
    opened = np.sort(np.r_[chance.integers(0, 400, 3000), chance.integers(300, 400, 1500)])
    until = np.full(len(opened), 10_000)
    for day in range(30, 460):
        waiting = np.flatnonzero((opened <= day) & (until == 10_000))
        until[chance.choice(waiting, min(5, len(waiting)), replace=False)] = day
    desk = p.deals(
        opened,
        opened,
        until,
        np.full(len(opened), p.WON),
        np.zeros(len(opened), int),
        np.full(len(opened), 1.0),
    )
    assert p.learn(desk, 399, _anytime).crowding == 1.0
    assert p.outlook(desk, 399, 30, _anytime).won == pytest.approx(150, rel=0.1)
    assert p.learn(_deals(), 399, _anytime).crowding == 0.0


def test_deals_go_on_to_the_stages_in_which_they_are_won() -> None:
    """One in ten a day leaves the first stage, where none is won; in the second one of twenty a day is."""
    chance = np.random.default_rng(6)
    opened = np.repeat(np.arange(400), 4)
    moved = opened + chance.geometric(0.1, len(opened)) - 1
    closed = moved + chance.geometric(0.05, len(opened)) - 1
    none, hundred = np.zeros(len(opened), int), np.full(2 * len(opened), 100.0)
    history = p.deals(
        np.r_[opened, opened], np.r_[opened, moved], np.r_[moved, closed], np.r_[none + p.MOVED, none + p.WON], np.r_[none, none + 1],
        hundred, into=np.r_[none + 1, none - 1],
    )  # fmt: skip
    said = p.outlook(history, 380, 30, _anytime)
    assert said.won == pytest.approx(120, rel=0.1)
    first = history.known(380).rows(history.known(380).ended == p.OPEN).stage == 0
    # By hand: of those that leave on day k, the share won in the 30 - k days that are left.
    by_hand = sum(0.1 * 0.9 ** (k - 1) * (1 - 0.95 ** (30 - k)) for k in range(1, 30))
    assert np.array(said.chances)[first].mean() == pytest.approx(by_hand, rel=0.1)


def test_eight_months_of_a_real_pipeline(dataset: Callable[[str], Path]) -> None:
    said = list(by_month(sales(dataset("pipeline/sales_pipeline.csv").parents[1])))
    assert sum(o.low <= came <= o.high for came, o, _, _ in said) >= 6
    errors = np.abs(
        [[came - o.amount, came - alone, came - before] for came, o, alone, before in said[1:]]
    ).mean(axis=0)
    assert errors[0] < min(errors[1:])


def test_too_little_and_contradictions_are_refused() -> None:
    history = _deals()
    with pytest.raises(NotEnough) as missing:
        p.learn(history, 10)
    assert missing.value.needs == 100
    with pytest.raises(NotEnough) as missing:
        p.learn(history, 150)
    assert (missing.value.needs, missing.value.has) == (182, 151)
    with pytest.raises(NotEnough):
        p.learn(p.deals([], [], [], [], [], []), 10)
    with pytest.raises(Invalid):
        p.outlook(history, 300, 0)
    for bad in (
        ([5], [4], [9], [2], [0], [1.0]),
        ([5], [5], [4], [2], [0], [1.0]),
        ([5], [5], [9], [7], [0], [1.0]),
        ([5], [5], [9], [2], [0], [-1.0]),
        ([5], [5], [9], [2], [0], [float("nan")]),
    ):
        with pytest.raises(Invalid):
            p.deals(*bad)
