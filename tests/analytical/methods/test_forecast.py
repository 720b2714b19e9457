"""Forecasts: series whose law is known, what may not matter, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.ahead import KINDS, months
from hypothesis import given, settings
from hypothesis import strategies as st

from peyvand.analytical.methods.backtest import coverage
from peyvand.analytical.methods.forecast import Forecast, forecast, forecasts
from peyvand.analytical.methods.guards import NotEnough
from peyvand.kernel.errors import Invalid

VALUES = st.lists(st.floats(-1e6, 1e6), min_size=12, max_size=40)


def test_intervals_hold_as_often_as_they_say() -> None:
    """Eight laws, two to eight years known, twelve months ahead: 80 ± 3 of 100 and 95 ± 2 of 100."""
    chance = np.random.default_rng(1405)
    inside: dict[float, list[float]] = {0.8: [], 0.95: []}
    errors = []
    for kind in KINDS:
        for known in (24, 36, 60, 96) * 8:
            series = months(kind, known, chance)
            said = forecast(series[:known], 12)
            for interval in said.intervals:
                inside[interval.level].append(coverage(series[known:], interval.low, interval.high))
            assert said.rehearsed is not None
            errors.append((said.rehearsed.method, said.rehearsed.simple))
    assert np.mean(inside[0.8]) == pytest.approx(0.80, abs=0.03)
    assert np.mean(inside[0.95]) == pytest.approx(0.95, abs=0.02)
    assert np.mean([ours < theirs for ours, theirs in errors]) > 0.8


def test_a_line_goes_on_a_season_comes_again_and_what_never_moves_stays() -> None:
    t = np.arange(60)
    line = forecast(100 + 2.0 * t, 6)
    assert line.expected == pytest.approx(100 + 2.0 * np.arange(60, 66), rel=0.02)
    year = np.array([1, 1, 3, 1, 1, 1, 1, 1, 1, 2, 1, 1.0])
    season = forecast(50 * year[t % 12], 12)
    assert season.is_seasonal
    assert season.expected == pytest.approx(50 * year, rel=0.02)
    still = forecast(np.full(30, 7.0), 3)
    assert (still.expected, still.is_seasonal) == (pytest.approx([7.0] * 3), False)
    nothing = forecast(np.zeros(24), 3)
    assert (nothing.expected, nothing.intervals[0].high) == ((0.0,) * 3, (0.0,) * 3)


def test_a_season_is_not_believed_before_two_cycles_nor_in_noise() -> None:
    year = np.array([1, 1, 9, 1, 1, 1, 1, 1, 1, 2, 1, 1.0])
    assert not forecast(year[np.arange(23) % 12], 3).is_seasonal
    chance = np.random.default_rng(3)
    believed = [forecast(100 + chance.normal(size=60), 1).is_seasonal for _ in range(40)]
    assert sum(believed) <= 6


def _bounds(said: Forecast) -> list[float]:
    return [*said.expected, *(v for i in said.intervals for v in (*i.low, *i.high))]


@given(VALUES, st.integers(1, 14))
@settings(max_examples=25)
def test_every_answer_is_finite_ordered_and_the_same_again(values: list[float], horizon: int) -> None:
    said = forecast(values, horizon)
    assert len(said.expected) == horizon
    assert np.isfinite(_bounds(said)).all()
    inner, outer = said.intervals
    for n in range(horizon):
        assert outer.low[n] <= inner.low[n] <= said.expected[n] <= inner.high[n] <= outer.high[n]
    if min(values) >= 0:
        assert min(_bounds(said)) >= 0
    assert said == forecast(values, horizon)


def test_the_currency_does_not_matter() -> None:
    series = months("season", 48, np.random.default_rng(8))[:48]
    assert _bounds(forecast(series * 1e7, 6)) == pytest.approx(
        np.array(_bounds(forecast(series, 6))) * 1e7, rel=1e-6
    )


def test_series_of_one_kind_learn_from_each_other() -> None:
    """Steps upward surprise both models; what forty branches show of it widens the interval of a young one."""
    chance = np.random.default_rng(6)
    old = [np.cumsum(chance.poisson(0.15, 60) * 30.0) + 100 + chance.normal(size=60) for _ in range(40)]
    young = months("level", 13, chance, 0)
    alone, among = forecast(young, 6), forecasts([*old, young], 6)[-1]
    assert among.widening > alone.widening
    assert among.expected == alone.expected


def test_too_little_and_what_is_no_number_are_refused() -> None:
    with pytest.raises(NotEnough) as missing:
        forecast(range(11), 3)
    assert (missing.value.needs, missing.value.has) == (12, 11)
    with pytest.raises(NotEnough):
        forecast([], 3)
    for values, horizon in (([1.0] * 11 + [float("nan")], 3), ([1.0] * 12, 0)):
        with pytest.raises(Invalid):
            forecast(values, horizon)
    assert forecasts([], 3) == ()
