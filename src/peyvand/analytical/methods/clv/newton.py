"""The largest likelihood over positive parameters, by Newton's method on their logarithms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from peyvand.analytical.methods.guards import Numbers

# What a likelihood answers at a point: its logarithm, gradient and Hessian in the parameters themselves.
Slope: TypeAlias = tuple[float, Numbers, NDArray[np.float64]]
Matrix: TypeAlias = tuple[tuple[float, ...], ...]

_STEPS: Final = 100
_HALVINGS: Final = 30
_LONGEST: Final = 2.0
_DECREMENT: Final = 1e-9


@dataclass(frozen=True)
class Found:
    """Where the likelihood is largest; `covariance` is that of the parameters' logarithms (Laplace)."""

    values: tuple[float, ...]
    log_likelihood: float
    covariance: Matrix
    is_settled: bool


def maximise(
    likelihood: Callable[[Numbers], Slope],
    start: Sequence[float],
    *,
    ridge: Sequence[float] = (),
    limit: float = float("inf"),
) -> Found:
    """Climbs from `start`; `ridge` holds each parameter's logarithm back (weight of its square, 0: free).

    `log_likelihood` of the answer is without the ridge. Where the surface is not a hill, its curvature is taken by its size, so that
    every step leads up; a step is halved until it does. Stops early, unsettled, when a parameter passes `limit`.
    """
    held = np.asarray(ridge, dtype=np.float64) if len(ridge) else np.zeros(len(start))

    def at(logs: Numbers) -> tuple[float, float, Numbers, NDArray[np.float64]]:
        values = np.exp(logs)
        level, gradient, curvature = likelihood(values)
        slope = values * gradient
        bent = np.outer(values, values) * curvature + np.diag(slope - held)
        return level - 0.5 * float(held @ logs**2), level, slope - held * logs, bent

    logs = np.log(np.asarray(start, dtype=np.float64))
    height, level, slope, bent = at(logs)
    settled = False
    for _ in range(_STEPS):
        sizes, axes = np.linalg.eigh(-bent)
        sizes = np.maximum(np.abs(sizes), 1e-10 * max(1.0, float(np.abs(sizes).max())))
        step = axes @ ((axes.T @ slope) / sizes)
        if float(slope @ step) < _DECREMENT:
            settled = True
            break
        if float(np.exp(logs).max()) > limit:
            break
        step *= min(1.0, _LONGEST / float(np.abs(step).max()))
        for _halving in range(_HALVINGS):
            tried = at(logs + step)
            if np.isfinite(tried[0]) and tried[0] > height:
                break
            step /= 2
        else:
            settled = True  # no way leads up: the rest is rounding
            break
        logs = logs + step
        height, level, slope, bent = tried
    sizes, axes = np.linalg.eigh(-bent)
    covariance = axes @ np.diag(1 / np.maximum(sizes, 1e-10 * max(1.0, float(sizes.max())))) @ axes.T
    return Found(
        tuple(float(v) for v in np.exp(logs)),
        level,
        tuple(tuple(float(c) for c in row) for row in covariance),
        settled,
    )


def drawn(values: Sequence[float], covariance: Matrix, draws: int, seed: int) -> NDArray[np.float64]:
    """Parameters as they may be, (draws, parameters): log-normal about the fitted ones."""
    logs = np.random.default_rng(seed).multivariate_normal(
        np.log(np.asarray(values)), np.asarray(covariance), draws, method="eigh"
    )
    return np.exp(logs)


def interval(value: float, variance: float, level: float) -> tuple[float, float]:
    """The interval of one parameter, given the variance of its logarithm."""
    away = NormalDist().inv_cdf((1 + level) / 2) * float(np.sqrt(variance))
    return value * float(np.exp(-away)), value * float(np.exp(away))
