"""Pareto/NBD: customers buy at a pace of their own and leave at any moment, bought or not.

Schmittlein, Morrison & Colombo (1987), "Counting Your Customers", Management Science 33(1). Pace ~ gamma(r, α), rate of leaving
~ gamma(s, β). The integral over the moment of leaving is taken by 16 points on a logarithmic scale, instead of by 2F1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, gammaln, polygamma

from peyvand.analytical.methods.clv.newton import Matrix, Slope, drawn, interval, maximise
from peyvand.analytical.methods.clv.purchases import WEEK, Groups, Purchases
from peyvand.analytical.methods.guards import Numbers, Whole, Yes
from peyvand.kernel.errors import Invalid, msg

NAMES: Final = ("r", "alpha", "s", "beta")
RUNAWAY: Final = 1e4
_RIDGE: Final = (0.0, 0.0, 0.25, 0.25)
_CHUNK: Final = 2048
# With more distinct customers than these, the climb begins where a part of them, evenly taken, leads.
_MANY: Final = 40_000
_REACH: Final = 22.0
_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(16)
_LOG_WEIGHTS: Final = np.log(_WEIGHTS)


@dataclass(frozen=True)
class ParetoNbd:
    """A fitted model: times in units of `unit` days; `covariance` of the logarithms of r, α, s, β."""

    r: float
    alpha: float
    s: float
    beta: float
    log_likelihood: float
    covariance: Matrix
    unit: float
    customers: int
    is_dropout_measured: bool

    @property
    def parameters(self) -> tuple[float, float, float, float]:
        return self.r, self.alpha, self.s, self.beta

    def intervals(self, level: float = 0.95) -> dict[str, tuple[float, float]]:
        """Each parameter's interval at `level`."""
        return {
            name: interval(value, self.covariance[n][n], level)
            for n, (name, value) in enumerate(zip(NAMES, self.parameters, strict=True))
        }

    def alive(self, known: Purchases) -> Numbers:
        """By customer, the probability that they have not left."""
        return _alive(self.parameters, known.groups, self.unit)[known.group_of]

    def orders(self, known: Purchases, days: float) -> Numbers:
        """By customer, the orders to expect within `days` from the as-of date."""
        if not days >= 0:
            raise Invalid.of(msg("The days ahead cannot be fewer than none."), "days")
        groups = known.groups
        r, alpha, s, beta = self.parameters
        age = groups.age / self.unit
        stay = np.log1p(days / self.unit / (beta + age))
        bend = (1 - s) * stay
        # The time they will stay of the days ahead; its published form is 0/0 where s = 1.
        time = (
            (beta + age) * stay * np.where(np.abs(bend) > 1e-12, np.expm1(bend) / np.where(bend, bend, 1), 1)
        )
        pace = (r + groups.repeats) / (alpha + age)
        return (_alive(self.parameters, groups, self.unit) * pace * time)[known.group_of]

    def drawn(self, draws: int, seed: int) -> NDArray[np.float64]:
        """Parameters as they may be, (draws, 4)."""
        return drawn(self.parameters, self.covariance, draws, seed)

    def simulated(
        self, parameters: Numbers, groups: Groups, days: float, chance: np.random.Generator
    ) -> Whole:
        """Orders of each group's customer within `days`, drawn once from the model with these parameters."""
        r, alpha, s, beta = parameters
        age = groups.age / self.unit
        here: Yes = chance.random(len(age)) < _alive((r, alpha, s, beta), groups, self.unit)
        pace = chance.gamma(r + groups.repeats) / (alpha + age)
        leaving = np.maximum(chance.gamma(s, 1 / (beta + age)), 1e-12)
        time = np.minimum(chance.exponential(1 / leaving), days / self.unit)
        return np.asarray(chance.poisson(pace * time) * here, np.int64)


def fit(known: Purchases, *, unit: float = WEEK, buyers: int = 200, repeaters: int = 80) -> ParetoNbd:
    """The most likely parameters. Times are counted in `unit` days (the published ones in weeks).

    NotEnough below `buyers` and `repeaters`, Stale where the data stopped. When s or β runs away they are held back and
    `is_dropout_measured` is False.
    """
    known.guard(buyers, repeaters)
    groups = known.groups
    typical = max(1.0, float(groups.age @ groups.rows) / max(1, len(known))) / unit
    limit = RUNAWAY * max(1.0, typical)
    start: tuple[float, ...] = (0.5, typical / 2, 0.5, typical / 2)
    if len(groups.rows) > _MANY:
        few = slice(None, None, len(groups.rows) // (_MANY // 4))
        part = Groups(groups.repeats[few], groups.last[few], groups.age[few], groups.rows[few])
        near = maximise(_Likelihood(part, unit), start, limit=limit)
        start = near.values if near.is_settled else start
    likelihood = _Likelihood(groups, unit)
    found = maximise(likelihood, start, limit=limit)
    measured = found.is_settled and found.values[2] <= RUNAWAY
    if not measured:
        found = maximise(likelihood, start, ridge=_RIDGE)
    r, alpha, s, beta = found.values
    return ParetoNbd(r, alpha, s, beta, found.log_likelihood, found.covariance, unit, len(known), measured)


@dataclass(frozen=True, eq=False)
class _Leaving:
    """The moments between last purchase and as-of date at which a customer may have left, (groups, points).

    `log_density` of leaving then, relative to buying x times and being here, with the weights of the points in it.
    """

    log_alpha: NDArray[np.float64]
    log_beta: NDArray[np.float64]
    moment: NDArray[np.float64]
    log_density: NDArray[np.float64]


def _leaving(
    parameters: tuple[float, float, float, float], x: Numbers, last: Numbers, age: Numbers
) -> _Leaving:
    """Over z = ln(m + y), m the smaller of α and β, the density bends gently; beyond what falls by exp(`_REACH`) it is nothing."""
    r, alpha, s, beta = parameters
    m = min(alpha, beta)
    begin, end = np.log(m + last), np.log(m + age)
    fall = (m + last) * ((r + x) / (alpha + last) + (s + 1) / (beta + last)) - 1
    half = np.minimum(end - begin, _REACH / np.maximum(fall, 1e-9)) / 2
    log_m = begin[:, None] + half[:, None] * (1 + _POINTS)
    moment = np.exp(log_m) - m
    log_alpha, log_beta = (log_m, np.log(beta + moment)) if alpha <= beta else (np.log(alpha + moment), log_m)
    here = (r + x) * np.log(alpha + age) + s * np.log(beta + age)
    scale = np.log(half * s) + here
    density = (scale[:, None] + _LOG_WEIGHTS + log_m) - (r + x)[:, None] * log_alpha - (s + 1) * log_beta
    return _Leaving(log_alpha, log_beta, moment, density)


def _alive(parameters: tuple[float, float, float, float], groups: Groups, unit: float) -> Numbers:
    alive = np.empty(len(groups.rows))
    x, last, age = groups.repeats.astype(np.float64), groups.last / unit, groups.age / unit
    with np.errstate(over="ignore", divide="ignore"):
        for start in range(0, len(alive), _CHUNK):
            rows = slice(start, start + _CHUNK)
            found = _leaving(parameters, x[rows], last[rows], age[rows])
            alive[rows] = 1 / (1 + np.exp(found.log_density).sum(axis=1))
    return alive


class _Likelihood:
    """The log-likelihood of the groups as a function of r, α, s, β, with gradient and Hessian."""

    def __init__(self, groups: Groups, unit: float) -> None:
        self.x, self.last, self.age = groups.repeats.astype(np.float64), groups.last / unit, groups.age / unit
        self.n = groups.rows.astype(np.float64)
        self.counts, place = np.unique(groups.repeats, return_inverse=True)
        self.of_count = np.bincount(place, groups.rows, len(self.counts))
        self.all = float(self.n.sum())

    def __call__(self, at: Numbers) -> Slope:
        r, alpha, s, beta = at
        x, k = self.counts.astype(np.float64), self.of_count
        level = float(k @ gammaln(r + x)) + self.all * (
            r * np.log(alpha) + s * np.log(beta) - float(gammaln(r))
        )
        gradient = np.array([
            float(k @ digamma(r + x)) + self.all * (np.log(alpha) - float(digamma(r))),
            self.all * r / alpha, self.all * np.log(beta), self.all * s / beta,
        ])  # fmt: skip
        hessian = np.zeros((4, 4))
        hessian[0, 0] = float(k @ polygamma(1, r + x)) - self.all * float(polygamma(1, r))
        hessian[0, 1], hessian[1, 1] = self.all / alpha, -self.all * r / alpha**2
        hessian[2, 3], hessian[3, 3] = self.all / beta, -self.all * s / beta**2
        with np.errstate(divide="ignore"):
            for start in range(0, len(self.n), _CHUNK):
                level += self._rows(at, slice(start, start + _CHUNK), gradient, hessian)
        return level, gradient, hessian + np.triu(hessian, 1).T

    def _rows(self, at: Numbers, rows: slice, gradient: Numbers, hessian: NDArray[np.float64]) -> float:
        """Adds those customers, who are still here or left at one of the points: a mixture, by its terms' own slopes."""
        r, alpha, s, beta = at
        x, age, n = self.x[rows], self.age[rows], self.n[rows]
        found = _leaving((r, alpha, s, beta), x, self.last[rows], age)
        top = np.maximum(found.log_density.max(axis=1), 0.0)
        gone = np.exp(found.log_density - top[:, None])
        here = np.exp(-top)
        total = here + gone.sum(axis=1)
        gone /= total[:, None]
        here /= total
        u, z, shape = alpha + age, beta + age, r + x
        in_v, in_b = 1 / (alpha + found.moment), 1 / (beta + found.moment)
        # Slopes of each term's logarithm, by r, α, s, β, beside those of the term of who is here.
        log_u, log_z = np.log(u), np.log(z)
        at_here = (-log_u, -shape / u, -log_z, -s / z)
        steps = (
            log_u[:, None] - found.log_alpha, shape[:, None] * (1 / u[:, None] - in_v),
            log_z[:, None] - found.log_beta + 1 / s, (s / z)[:, None] - (s + 1) * in_b,
        )  # fmt: skip
        weighed = [gone * step for step in steps]
        means = [w.sum(axis=1) for w in weighed]
        gradient += [float(n @ (h + m)) for h, m in zip(at_here, means, strict=True)]
        for i in range(4):
            for j in range(i, 4):
                spread = np.einsum("ij,ij->i", weighed[i], steps[j]) - means[i] * means[j]
                hessian[i, j] += float(n @ spread)
        by_v, by_b = (gone * in_v).sum(axis=1), (gone * in_b).sum(axis=1)
        hessian[0, 1] += float(n @ (-here / u - by_v))
        hessian[1, 1] += float((n * shape) @ (here / u**2 + (gone * in_v * in_v).sum(axis=1)))
        hessian[2, 2] -= float(n @ (1 - here)) / s**2
        hessian[2, 3] += float(n @ (-here / z - by_b))
        hessian[3, 3] += float(n @ (s * here / z**2 + (s + 1) * (gone * in_b * in_b).sum(axis=1)))
        return float(n @ (np.log(total) + top - shape * log_u - s * log_z))
