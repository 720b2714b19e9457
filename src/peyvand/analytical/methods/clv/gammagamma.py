"""Gamma-Gamma: what a customer spends on a day they buy, once their few purchases are weighed against everybody's.

Fader & Hardie (2013), "The Gamma-Gamma Model of Monetary Value". One purchase ~ gamma(p, ν), ν ~ gamma(q, v) between customers;
spend and pace are taken to be independent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import digamma, gammaln, polygamma

from peyvand.analytical.methods.clv.newton import Matrix, Slope, interval, maximise
from peyvand.analytical.methods.clv.purchases import Purchases
from peyvand.analytical.methods.guards import Numbers, require
from peyvand.kernel.errors import Invalid, msg, msgid

NAMES: Final = ("p", "q", "v")
# Above this the spend per purchase goes with their number, and the product of the two expectations is not the value.
DEPENDENT: Final = 0.3
RUNAWAY: Final = 1e4
_RIDGE: Final = (0.25, 0.25, 0.0)


@dataclass(frozen=True)
class GammaGamma:
    """A fitted model; `covariance` of the logarithms of p, q, v (v in the currency's units).

    `correlation` is that of number and mean amount among those who came again; `is_independent` whether it is small.
    `is_measured` is False where all spend so alike that p or q had to be held back.
    """

    p: float
    q: float
    v: float
    log_likelihood: float
    covariance: Matrix
    customers: int
    correlation: float
    is_measured: bool

    @property
    def is_independent(self) -> bool:
        return abs(self.correlation) <= DEPENDENT

    @property
    def mean(self) -> float:
        """What a purchase of a new customer is worth; infinite where q ≤ 1 (the tail is too heavy to have a mean)."""
        return self.p * self.v / (self.q - 1) if self.q > 1 else float("inf")

    def intervals(self, level: float = 0.95) -> dict[str, tuple[float, float]]:
        """Each parameter's interval at `level`."""
        return {
            name: interval(value, self.covariance[n][n], level)
            for n, (name, value) in enumerate(zip(NAMES, (self.p, self.q, self.v), strict=True))
        }

    def spend(self, known: Purchases) -> Numbers:
        """By customer, the amount to expect of their next purchase: their own mean drawn towards everybody's."""
        x = known.repeats * (known.spend > 0)
        weight = self.p * x + self.q - 1
        with np.errstate(divide="ignore"):
            return np.where(
                weight > 0, self.p * (self.v + x * known.spend) / np.where(weight > 0, weight, 1), np.inf
            )


def fit(known: Purchases, *, repeaters: int = 80) -> GammaGamma:
    """The most likely parameters from those who came again with an amount. NotEnough below `repeaters`."""
    if np.any(known.spend < 0):
        raise Invalid.of(msg("No value may be below %(least)s.", least=0), "spend")
    paid = (known.repeats > 0) & (known.spend > 0)
    require(msgid("buyers who came again with an amount"), repeaters, int(paid.sum()))
    count, spend = known.repeats[paid].astype(np.float64), known.spend[paid]
    scale = float(np.exp(np.log(spend).mean()))
    likelihood = _Likelihood(count, spend / scale)
    found = maximise(likelihood, (3.0, 3.0, 1.0), limit=RUNAWAY)
    measured = found.is_settled and max(found.values) <= RUNAWAY
    if not measured:
        found = maximise(likelihood, (3.0, 3.0, 1.0), ridge=_RIDGE)
    p, q, v = found.values
    spread = float(count.std() * spend.std())
    together = float(((count - count.mean()) * (spend - spend.mean())).mean()) / spread if spread > 0 else 0.0
    level = found.log_likelihood - len(spend) * np.log(scale)
    return GammaGamma(p, q, v * scale, float(level), found.covariance, len(spend), together, measured)


class _Likelihood:
    """The log-likelihood of mean amounts as a function of p, q, v, with gradient and Hessian."""

    def __init__(self, count: Numbers, spend: Numbers) -> None:
        self.counts, self.place = np.unique(count, return_inverse=True)
        self.n = np.bincount(self.place).astype(np.float64)
        self.x, self.sum = count.astype(np.float64), count * spend
        self.log_sum = np.log(self.sum)
        self.x_logs, self.logs = float(self.x @ self.log_sum), float(np.log(spend).sum())

    def __call__(self, at: Numbers) -> Slope:
        p, q, v = at
        k, n, x, rows = self.counts.astype(np.float64), self.n, self.x, len(self.x)
        both, own = digamma(p * k + q), digamma(p * k)
        bent, own_bent = polygamma(1, p * k + q), polygamma(1, p * k)
        whole = self.sum + v
        log_whole, inverse = np.log(whole), 1 / whole
        xi, x_logs = float(x @ inverse), float(x @ log_whole)
        weight = p * x + q
        level = (
            float(n @ (gammaln(p * k + q) - gammaln(p * k))) + rows * (q * np.log(v) - float(gammaln(q)))
            + p * self.x_logs - self.logs - p * x_logs - q * float(log_whole.sum())
        )  # fmt: skip
        gradient = np.array(
            [
                float(n @ (k * (both - own))) + self.x_logs - x_logs,
                float(n @ both) + rows * (np.log(v) - float(digamma(q))) - float(log_whole.sum()),
                rows * q / v - float(weight @ inverse),
            ]
        )
        pp = float(n @ (k * k * (bent - own_bent)))
        pq = float(n @ (k * bent))
        qq = float(n @ bent) - rows * float(polygamma(1, q))
        qv = rows / v - float(inverse.sum())
        vv = -rows * q / v**2 + float(weight @ (inverse * inverse))
        return level, gradient, np.array([[pp, pq, -xi], [pq, qq, qv], [-xi, qv, vv]])
