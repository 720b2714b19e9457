"""BG/NBD: customers buy at a pace of their own and may leave after any purchase.

Fader, Hardie & Lee (2005), "Counting Your Customers the Easy Way", Marketing Science 24(2). Pace ~ gamma(r, α), chance of leaving
after a purchase ~ beta(a, b). The likelihood is asked once for each distinct customer, and its gradient and Hessian are exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, gammaln, polygamma

from peyvand.analytical.methods.clv.newton import Found, Matrix, Slope, drawn, interval, maximise
from peyvand.analytical.methods.clv.purchases import WEEK, Groups, Purchases
from peyvand.analytical.methods.guards import Numbers, Whole, Yes
from peyvand.kernel.errors import Invalid, msg

NAMES: Final = ("r", "alpha", "a", "b")
# Beyond this a or b says only that leaving does not show in the data; then their logarithms are held back as by one observation.
RUNAWAY: Final = 1e3
_RIDGE: Final = (0.0, 0.0, 0.25, 0.25)
_NODES: Final = 20
_CHUNK: Final = 8192


@dataclass(frozen=True, eq=False)
class NextOrder:
    """In days from the as-of date, for a customer who is still one: by when the next order came in `quantiles` of all cases."""

    quantiles: tuple[float, ...]
    days: NDArray[np.float64]


@dataclass(frozen=True)
class BgNbd:
    """A fitted model: times in units of `unit` days; `covariance` of the logarithms of r, α, a, b."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    covariance: Matrix
    unit: float
    customers: int
    is_dropout_measured: bool

    @property
    def parameters(self) -> tuple[float, float, float, float]:
        return self.r, self.alpha, self.a, self.b

    @property
    def errors(self) -> dict[str, float]:
        """Standard error of each parameter."""
        return {
            name: value * float(np.sqrt(self.covariance[n][n]))
            for n, (name, value) in enumerate(zip(NAMES, self.parameters, strict=True))
        }

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
        _not_negative(days)
        return _expected(self.parameters, known.groups, self.unit, days)[known.group_of]

    def chance_of_order(self, known: Purchases, days: float) -> Numbers:
        """By customer, the probability of at least one order within `days`."""
        _not_negative(days)
        groups = known.groups
        age = self.alpha + groups.age / self.unit
        waits = -np.expm1(-(self.r + groups.repeats) * np.log1p(days / self.unit / age))
        chance: Numbers = _alive(self.parameters, groups, self.unit) * waits
        return chance[known.group_of]

    def next_order(self, known: Purchases, quantiles: tuple[float, ...] = (0.1, 0.5, 0.9)) -> NextOrder:
        """When the next order comes if the customer is still one: days (customers, quantiles)."""
        groups = known.groups
        wanted = -np.log1p(-np.asarray(quantiles))
        shape, age = self.r + groups.repeats, self.alpha + groups.age / self.unit
        with np.errstate(over="ignore"):
            days = age[:, None] * np.expm1(wanted / shape[:, None]) * self.unit
        return NextOrder(quantiles, days[known.group_of])

    def drawn(self, draws: int, seed: int) -> NDArray[np.float64]:
        """Parameters as they may be, (draws, 4)."""
        return drawn(self.parameters, self.covariance, draws, seed)

    def simulated(
        self, parameters: Numbers, groups: Groups, days: float, chance: np.random.Generator
    ) -> Whole:
        """Orders of each group's customer within `days`, drawn once from the model with these parameters."""
        r, alpha, a, b = parameters
        here: Yes = chance.random(len(groups.repeats)) < _alive((r, alpha, a, b), groups, self.unit)
        pace = chance.gamma(r + groups.repeats) / (alpha + groups.age / self.unit)
        leaving = np.maximum(chance.beta(a, b + groups.repeats), 1e-12)
        orders = np.minimum(chance.poisson(pace * days / self.unit), chance.geometric(leaving))
        return np.asarray(orders * here, np.int64)


def fit(known: Purchases, *, unit: float = WEEK, buyers: int = 200, repeaters: int = 80) -> BgNbd:
    """The most likely parameters. Times are counted in `unit` days (the published ones in weeks).

    NotEnough below `buyers` and `repeaters`, Stale where the data stopped. When a or b runs away they are held back and
    `is_dropout_measured` is False: who left cannot be told from who waits, and P(alive) is near 1 for all.
    """
    known.guard(buyers, repeaters)
    groups = known.groups
    typical = max(1.0, float(groups.age @ groups.rows) / max(1, len(known))) / unit
    likelihood = _Likelihood(groups, unit)
    found = maximise(likelihood, (0.5, typical / 2, 1.0, 2.0), limit=RUNAWAY * max(1.0, typical))
    measured = found.is_settled and max(found.values[2:]) <= RUNAWAY
    if not measured:
        found = maximise(likelihood, (0.5, typical / 2, 1.0, 2.0), ridge=_RIDGE)
    return _made(found, unit, len(known), measured)


def _made(found: Found, unit: float, customers: int, measured: bool) -> BgNbd:
    r, alpha, a, b = found.values
    return BgNbd(r, alpha, a, b, found.log_likelihood, found.covariance, unit, customers, measured)


class _Likelihood:
    """The log-likelihood of the groups as a function of r, α, a, b, with gradient and Hessian."""

    def __init__(self, groups: Groups, unit: float) -> None:
        once, again = groups.bought_once, groups.bought_again
        ages, place = np.unique(once.age, return_inverse=True)
        self.once_age, self.once = ages / unit, np.bincount(place, once.rows, len(ages))
        self.x, self.t, self.age = again.repeats.astype(np.float64), again.last / unit, again.age / unit
        self.n = again.rows.astype(np.float64)
        self.counts, place = np.unique(again.repeats, return_inverse=True)
        self.of_count = np.bincount(place, again.rows, len(self.counts))
        self.all = float(self.n.sum() + self.once.sum())

    def __call__(self, at: Numbers) -> Slope:
        r, alpha, a, b = at
        gradient, hessian = np.zeros(4), np.zeros((4, 4))
        # Who bought once: (α / (α + T)) ** r.
        u, m = alpha + self.once_age, self.once
        level = -r * float(m @ np.log(u))
        gradient[:2] = -float(m @ np.log(u)), -r * float(m @ (1 / u))
        hessian[0, 1], hessian[1, 1] = -float(m @ (1 / u)), r * float(m @ u**-2)
        # What all share.
        level += self.all * r * np.log(alpha)
        gradient[:2] += self.all * np.log(alpha), self.all * r / alpha
        hessian[0, 1] += self.all / alpha
        hessian[1, 1] -= self.all * r / alpha**2
        # What depends on the number of purchases alone.
        x, k = self.counts.astype(np.float64), self.of_count
        total = float(k.sum())
        level += float(k @ (gammaln(r + x) + gammaln(b + x) - gammaln(a + b + x)))
        level += total * float(gammaln(a + b) - gammaln(r) - gammaln(b))
        both, more = float(digamma(a + b)), digamma(a + b + x)
        gradient[0] += float(k @ digamma(r + x)) - total * float(digamma(r))
        gradient[2] += total * both - float(k @ more)
        gradient[3] += total * (both - float(digamma(b))) + float(k @ (digamma(b + x) - more))
        bent = total * float(polygamma(1, a + b)) - float(k @ polygamma(1, a + b + x))
        hessian[0, 0] += float(k @ polygamma(1, r + x)) - total * float(polygamma(1, r))
        hessian[2, 2] += bent
        hessian[2, 3] += bent
        hessian[3, 3] += bent + float(k @ polygamma(1, b + x)) - total * float(polygamma(1, b))
        for start in range(0, len(self.n), _CHUNK):
            level += self._bought_again(at, slice(start, start + _CHUNK), gradient, hessian)
        return level, gradient, hessian + np.triu(hessian, 1).T

    def _bought_again(
        self, at: Numbers, rows: slice, gradient: Numbers, hessian: NDArray[np.float64]
    ) -> float:
        """Adds those rows, who are still here (first term) or left after their last purchase (second)."""
        r, alpha, a, b = at
        x, n = self.x[rows], self.n[rows]
        u, v, last = alpha + self.age[rows], alpha + self.t[rows], b + x - 1
        log_u, in_u, in_v, shape = np.log(u), 1 / u, 1 / v, r + x
        d_r, d_alpha, d_b = log_u - np.log(v), shape * (in_u - in_v), -1 / last
        odds = shape * d_r + np.log(a / last)
        small = np.exp(-np.abs(odds))
        w = n * np.where(odds > 0, 1.0, small) / (1 + small)
        both = n * small / (1 + small) ** 2
        gradient += (
            float(w @ d_r - n @ log_u),
            float(w @ d_alpha - n @ (shape * in_u)),
            float(w.sum()) / a,
            float(w @ d_b),
        )
        by_r, by_alpha, by_b = both * d_r, both * d_alpha, both * d_b
        hessian[0] += (
            float(by_r @ d_r),
            float(by_r @ d_alpha + w @ (in_u - in_v) - n @ in_u),
            float(by_r.sum()) / a,
            float(by_r @ d_b),
        )
        hessian[1, 1:] += (
            float(
                by_alpha @ d_alpha + (w * shape) @ (in_v * in_v - in_u * in_u) + (n * shape) @ (in_u * in_u)
            ),
            float(by_alpha.sum()) / a,
            float(by_alpha @ d_b),
        )
        hessian[2, 2:] += float(both.sum() - w.sum()) / a**2, float(by_b.sum()) / a
        hessian[3, 3] += float((both + w) @ (d_b * d_b))
        return float(n @ (np.log1p(small) + np.maximum(odds, 0.0) - shape * log_u))


def _alive(parameters: tuple[float, float, float, float], groups: Groups, unit: float) -> Numbers:
    r, alpha, a, b = parameters
    x = groups.repeats.astype(np.float64)
    again = groups.repeats > 0
    odds = np.full(len(x), -np.inf)
    here = x[again]
    waited = np.log((alpha + groups.age[again] / unit) / (alpha + groups.last[again] / unit))
    odds[again] = (r + here) * waited + np.log(a) - np.log(b + here - 1)
    with np.errstate(over="ignore"):
        return np.asarray(1 / (1 + np.exp(odds)))


def _expected(
    parameters: tuple[float, float, float, float], groups: Groups, unit: float, days: float
) -> Numbers:
    """E[orders] = P(alive) · E over p ~ beta(a, b + x) of (1 - (1 + p t / (α + T)) ** -(r + x)) / p, by Gauss-Jacobi.

    The same as the published form with 2F1, without its trouble near a = 1.
    """
    r, alpha, a, b = parameters
    counts, place = np.unique(groups.repeats, return_inverse=True)
    nodes, weights = _beta_nodes(a, np.asarray(b + counts, np.float64))
    orders = np.empty(len(place))
    for start in range(0, len(place), _CHUNK):
        rows = slice(start, start + _CHUNK)
        p, w = nodes[place[rows]], weights[place[rows]]
        shape = (r + groups.repeats[rows])[:, None]
        reach = (days / unit / (alpha + groups.age[rows] / unit))[:, None]
        orders[rows] = (w * -np.expm1(-shape * np.log1p(p * reach)) / p).sum(axis=1)
    return orders * _alive(parameters, groups, unit)


def _beta_nodes(a: float, b: Numbers) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points and weights that take the mean over beta(a, b), one row for each b (Golub & Welsch 1969)."""
    up, down = (b - 1)[:, None], a - 1
    n = np.arange(_NODES, dtype=np.float64)
    both = 2 * n + up + down
    with np.errstate(invalid="ignore", divide="ignore"):
        middle = (down**2 - up**2) / (both * (both + 2))
        middle[:, 0] = ((down - up) / (up + down + 2))[:, 0]
        k, both = n[1:], both[:, 1:]
        side = 4 * k * (k + up) * (k + down) * (k + up + down) / (both**2 * (both + 1) * (both - 1))
        side[:, 0] = (4 * (1 + up) * (1 + down) / ((2 + up + down) ** 2 * (3 + up + down)))[:, 0]
    matrix = np.zeros((len(b), _NODES, _NODES))
    at = np.arange(_NODES)
    matrix[:, at, at] = middle
    matrix[:, at[1:], at[:-1]] = np.sqrt(side)
    places, axes = np.linalg.eigh(matrix)
    return np.maximum((1 + places) / 2, 1e-12), axes[:, 0, :] ** 2


def _not_negative(days: float) -> None:
    if not days >= 0:
        raise Invalid.of(msg("The days ahead cannot be fewer than none."), "days")
