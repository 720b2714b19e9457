"""What the next periods bring: Theta, damped exponential smoothing and "as last time" together, with intervals that hold.

Theta: Assimakopoulos & Nikolopoulos (2000), as simple smoothing with half the trend (Hyndman & Billah 2003). Damped trend: Gardner &
McKenzie (1985). Both are averaged over a grid of smoothing weights by how well each foretold the known periods, all in one pass.
A model's own intervals are too narrow (M3: 75 % for 80 %); how much they must be widened is learned by forecasting from earlier origins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import fdtrc, stdtrit

from peyvand.analytical.methods.backtest import SEED, Comparison, compare
from peyvand.analytical.methods.guards import Numbers, numbers, require
from peyvand.kernel.errors import Invalid, msg, msgid

LEVELS: Final = (0.8, 0.95)
LEAST: Final = 12
PARTS: Final = ("theta", "damped", "as last time")
# How many earlier origins are forecast from.
ORIGINS: Final = 12
# What the widening is taken to be before a series has said anything, and how many origins that is worth.
_WIDENING: Final = 0.95
_WORTH: Final = 6.0
_SEASONAL: Final = 0.05


@dataclass(frozen=True)
class Interval:
    """At `level`, between what the periods ahead will lie."""

    level: float
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True)
class Forecast:
    """The periods ahead: `expected`, and an interval for each level asked.

    `shares` says how much each of PARTS counts; `widening` by how much the model's own spread had to be multiplied;
    `rehearsed` compares the mean absolute error of earlier forecasts with "as last time" (None: fewer than two of them).
    """

    expected: tuple[float, ...]
    intervals: tuple[Interval, ...]
    is_seasonal: bool
    shares: tuple[float, ...]
    widening: float
    rehearsed: Comparison | None


@dataclass(frozen=True, eq=False)
class _Ahead:
    """From one origin: what each of PARTS says, (parts, horizon), and the spread by period of what is not known."""

    parts: NDArray[np.float64]
    spread: Numbers
    is_seasonal: bool


@dataclass(frozen=True, eq=False)
class _Rehearsed:
    """Forecasts from earlier origins and what came, one row an origin; nan where the future is not known yet."""

    parts: NDArray[np.float64]
    spread: NDArray[np.float64]
    actual: NDArray[np.float64]

    @property
    def origins(self) -> int:
        return len(self.actual)


def forecast(
    values: ArrayLike, horizon: int, *, season: int = 12, levels: Sequence[float] = LEVELS, seed: int = SEED
) -> Forecast:
    """The `horizon` periods after `values` (one for each period, oldest first, none left out; a period without sales is 0).

    `season` periods make a cycle (12 months, 1: none); it is believed only when two cycles are known and it shows.
    NotEnough below 12 periods. Where no value was below 0, no bound is.
    """
    return forecasts([values], horizon, season=season, levels=levels, seed=seed)[0]


def forecasts(
    series: Sequence[ArrayLike],
    horizon: int,
    *,
    season: int = 12,
    levels: Sequence[float] = LEVELS,
    seed: int = SEED,
) -> tuple[Forecast, ...]:
    """Several series of one kind (products, branches): what one learns of its widening helps the others."""
    known = [numbers("values", values) for values in series]
    if horizon < 1 or season < 1 or not all(0 < level < 1 for level in levels):
        raise Invalid.of(
            msg("A forecast needs a period ahead, a season, and levels between 0 and 1."), "horizon"
        )
    for values in known:
        require(msgid("periods"), LEAST, len(values))
    rehearsed = [_rehearse(values, horizon, season) for values in known]
    shares = [_shares(past) for past in rehearsed]
    own = [_squared(past, share) for past, share in zip(rehearsed, shares, strict=True)]
    heard = [square for square in own if square is not None]
    typical = (
        (_WIDENING**2 + 0.5 * sum(min(h, 9.0) for h in heard)) / (1 + 0.5 * len(heard))
        if len(heard) > 1
        else _WIDENING**2
    )
    return tuple(
        _put_together(values, horizon, season, levels, past, share, square, typical, seed)
        for values, past, share, square in zip(known, rehearsed, shares, own, strict=True)
    )


def _put_together(
    values: Numbers,
    horizon: int,
    season: int,
    levels: Sequence[float],
    past: _Rehearsed,
    shares: Numbers,
    own: float | None,
    typical: float,
    seed: int,
) -> Forecast:
    ahead = _ahead(values, horizon, season)
    expected = shares @ ahead.parts
    heard = past.origins / 2 if own is not None else 0.0
    widening = float(np.sqrt((_WORTH * typical + heard * (own or 0.0)) / (_WORTH + heard)))
    least = 0.0 if float(values.min()) >= 0 else -np.inf
    intervals = []
    for level in levels:
        away = float(stdtrit(_WORTH + heard, (1 + level) / 2)) * widening * ahead.spread
        low, high = np.maximum(expected - away, least), np.maximum(expected + away, least)
        intervals.append(Interval(level, tuple(low.tolist()), tuple(high.tolist())))
    compared = None
    if past.origins > 1:
        # Errors from one origin go together: whole origins are drawn anew.
        said = np.einsum("p,oph->oh", shares, past.parts)
        ours, again = (np.nanmean(np.abs(past.actual - guess), axis=1) for guess in (said, past.parts[:, -1]))
        compared = compare(
            msgid("as last time"), _level, np.zeros(len(ours)), ours, again, smaller_is_better=True, seed=seed
        )
    return Forecast(
        tuple(np.maximum(expected, least).tolist()),
        tuple(intervals),
        ahead.is_seasonal,
        tuple(shares.tolist()),
        widening,
        compared,
    )


def _level(_: Numbers, errors: Numbers) -> float:
    return float(errors.mean())


def _rehearse(values: Numbers, horizon: int, season: int) -> _Rehearsed:
    """Forecasts from up to ORIGINS earlier ends, none with fewer periods behind it than are needed."""
    last = len(values) - 1
    ends = list(range(last, max(LEAST, last - ORIGINS) - 1, -1))
    future = np.concatenate([values, np.full(horizon, np.nan)])
    said = [_ahead(values[:end], horizon, season) for end in ends]
    return _Rehearsed(
        np.array([s.parts for s in said]).reshape(len(ends), len(PARTS), horizon),
        np.array([s.spread for s in said]).reshape(len(ends), horizon),
        np.array([future[end : end + horizon] for end in ends]).reshape(len(ends), horizon),
    )


def _shares(past: _Rehearsed) -> Numbers:
    """What each part counts: by the inverse of its mean square error in rehearsal, begun from mostly the two models."""
    begun = np.array([0.45, 0.45, 0.1])
    if not past.origins:
        return begun
    errors = (past.actual[:, None, :] - past.parts) ** 2
    square = np.nanmean(errors, axis=(0, 2))
    if not float(square.max()) > 0:
        return begun
    weight = begun / np.maximum(square / square.max(), 1e-6)
    return np.asarray(weight / weight.sum())


def _squared(past: _Rehearsed, shares: Numbers) -> float | None:
    """Mean square of the errors in rehearsal, in units of the spread that was said; None without any."""
    said = np.einsum("p,oph->oh", shares, past.parts)
    seen = np.isfinite(past.actual) & (past.spread > 0)
    if not seen.any():
        return None
    return float(np.mean(np.minimum(((past.actual - said)[seen] / past.spread[seen]) ** 2, 25.0)))


# -- one origin --------------------------------------------------------------------------------------------------------


@cache
def _grid() -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Candidates as columns: weight of level, weight of trend, damping, and whether the trend begins as the first periods say.

    The first are simple smoothing, without a trend; Theta is made of those.
    """
    levels = (0.02, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 0.95)
    rows = [(level, 0.0, 1.0, 0.0) for level in levels]
    rows += [
        (level, level * trend, damping, sloped)
        for level in levels
        for trend in (0.02, 0.1, 0.3)
        for damping in (0.85, 0.93, 0.98)
        for sloped in (0.0, 1.0)
    ]
    columns = np.array(rows).T
    return columns[0], columns[1], columns[2], columns[3]


_SIMPLE: Final = 9


def _ahead(values: Numbers, horizon: int, season: int) -> _Ahead:
    n = len(values)
    indices, multiplied, doubt = _season(values, season)
    places = np.arange(n + horizon) % season
    calm = values / indices[places[:n]] if multiplied else values - indices[places[:n]]
    alpha, beta, phi, sloped = _grid()
    first = min(n, 12)
    slope, start = np.polyfit(np.arange(first), calm[:first], 1)
    level = np.where(sloped > 0, start - slope, calm[:first].mean())
    trend = sloped * slope
    squares = np.zeros(len(alpha))
    for value in calm:
        step = level + phi * trend
        missed = value - step
        squares += missed * missed
        level = step + alpha * missed
        trend = phi * trend + beta * missed
    free = np.where(beta > 0, 5.0, 2.0)
    criterion = n * np.log(
        np.maximum(squares, 1e-12 * max(1.0, float((calm**2).sum()))) / n
    ) + 2 * free * n / np.maximum(n - free - 1, 1)
    h = np.arange(1, horizon + 1)
    # Theta: simple smoothing and half of the line through all periods.
    simple = _weights(criterion[:_SIMPLE])
    half = float(np.polyfit(np.arange(n), calm, 1)[0]) / 2
    a = alpha[:_SIMPLE]
    drift = half * (h[:, None] - 1 + (1 - (1 - a) ** n) / a)
    theta = (level[:_SIMPLE] + drift) @ simple
    # Damped trend, each candidate by its weight.
    weights = _weights(criterion)
    damped_sum = np.cumsum(phi[None, :] ** h[:, None], axis=0)
    damped = (level + trend * damped_sum) @ weights
    moves = alpha + beta * np.concatenate([np.zeros((1, len(phi))), damped_sum[:-1]])
    growth = 1 + np.concatenate([np.zeros((1, len(phi))), np.cumsum(moves[1:] ** 2, axis=0)])[:horizon]
    cycle = season if doubt > 0 else 1
    missed_by = (squares / max(n - 1 - cycle, 1) * growth) @ weights
    spread = np.sqrt(missed_by + (doubt * (damped if multiplied else 1.0)) ** 2)
    again = values[n - cycle :][(h - 1) % cycle]
    ahead = indices[places[n:]]
    parts = [theta * ahead, damped * ahead] if multiplied else [theta + ahead, damped + ahead]
    return _Ahead(np.array([*parts, again]), spread * np.abs(ahead) if multiplied else spread, cycle > 1)


def _weights(criterion: Numbers) -> Numbers:
    """Akaike weights: by how much less likely each is than the best."""
    weight = np.exp(-(criterion - criterion.min()) / 2)
    return np.asarray(weight / weight.sum())


def _season(values: Numbers, season: int) -> tuple[Numbers, bool, float]:
    """Index of each place in the cycle, whether it multiplies (all values above 0) or adds, and its standard error; neutral, 0 if none shows.

    Shows: an F test of the places' means on what the trend leaves. The indices are drawn towards neutral by what noise alone would give.
    """
    n = len(values)
    multiplied = float(values.min()) > 0
    neutral = np.full(season, 1.0 if multiplied else 0.0)
    if season == 1 or n < 2 * season:
        return neutral, multiplied, 0.0
    worked = np.log(values) if multiplied else values
    if n >= 4 * season:
        around = np.convolve(worked, np.r_[0.5, np.ones(season - 1), 0.5][: season + 1] / season, "valid")
        first = season // 2
        rest, places = worked[first : first + len(around)] - around, (np.arange(len(around)) + first) % season
        lost = len(around) / season
    else:
        line = np.polynomial.Polynomial.fit(np.arange(n), worked, 1)
        rest, places, lost = worked - line(np.arange(n)), np.arange(n) % season, 2.0
    means = np.bincount(places, rest, season) / np.bincount(places, minlength=season)
    means -= means.mean()
    left = len(rest) - season - lost
    noise = float(((rest - means[places]) ** 2).sum()) / left if left > 0 else np.inf
    between = float((means[places] ** 2).sum()) / (season - 1)
    if not between > 0 or noise == np.inf:
        return neutral, multiplied, 0.0
    strength = between / noise if noise > 0 else np.inf
    if float(fdtrc(season - 1, left, strength)) > _SEASONAL:
        return neutral, multiplied, 0.0
    kept = means * (1 - 1 / strength)
    doubt = max(float(np.sqrt(noise * season / len(rest))), 1e-12)
    return (np.exp(kept) if multiplied else kept), multiplied, doubt
