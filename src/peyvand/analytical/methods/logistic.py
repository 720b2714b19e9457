"""Ridge logistic regression over the fields of records, as scikit-learn fits it, kept as plain numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special
from sklearn.linear_model import LogisticRegression

from peyvand.analytical.methods import encoding
from peyvand.analytical.methods.encoding import Encoding, Table
from peyvand.analytical.methods.guards import Numbers, Whole, Yes
from peyvand.kernel.errors import RuleViolation, msg


@dataclass(frozen=True, eq=False)
class Logistic:
    """The logit of a row is `intercept` + its encoded fields × `coefficients`; `usual` is what each field adds on average.

    `covariance` is Laplace's, of the intercept and then the coefficients.
    """

    encoding: Encoding
    intercept: float
    coefficients: Numbers
    usual: Numbers
    covariance: Numbers

    def effects(self, matrix: Numbers) -> Numbers:
        """What each field adds to the logit of each row: rows × fields, from rows × columns."""
        first = np.searchsorted(self.encoding.owner, np.arange(len(self.encoding.parts)))
        added: Numbers = np.add.reduceat(matrix * self.coefficients, first, axis=1)
        return added

    def logit(self, of: Table) -> Numbers:
        """The log odds of each row."""
        said: Numbers = self.intercept + self.encoding.matrix(of) @ self.coefficients
        return said

    def spread(self, matrix: Numbers) -> Numbers:
        """The standard error of each row's logit."""
        with_one = np.column_stack((np.ones(len(matrix)), matrix))
        variance = np.einsum("ij,ij->i", with_one @ self.covariance, with_one)
        error: Numbers = np.sqrt(np.maximum(variance, 0))
        return error


def fit(of: Table, came: Yes, ridge: float) -> Logistic:
    """Learn from a table and outcomes of both kinds. RuleViolation where no field differs between the rows."""
    learned = encoding.learn(of)
    if not learned.parts:
        raise RuleViolation(msg("No field is left to learn from."), "fields", code="no_fields")
    matrix = learned.matrix(of)
    fitted = LogisticRegression(C=1 / ridge, solver="newton-cholesky", max_iter=200).fit(matrix, came)
    intercept, coefficients = float(fitted.intercept_[0]), np.asarray(fitted.coef_[0], np.float64)
    by_column = matrix.mean(axis=0) * coefficients
    usual = np.bincount(learned.owner, weights=by_column, minlength=len(learned.parts)).astype(np.float64)
    covariance = _covariance(matrix, intercept + matrix @ coefficients, ridge)
    return Logistic(learned, intercept, coefficients, usual, covariance)


def strongest(effects: Numbers, many: int) -> tuple[Whole, Numbers]:
    """In each row the fields that move it most either way, and by how much."""
    fields = np.argsort(-np.abs(effects), axis=1, kind="stable")[:, :many]
    return fields, np.take_along_axis(effects, fields, axis=1)


def platt(logit: Numbers, came: Yes) -> tuple[float, float]:
    """Slope and offset that make logits true to what came (Platt 1999)."""
    fitted = LogisticRegression(C=1e6, solver="newton-cholesky", max_iter=200).fit(logit[:, None], came)
    return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])


def folds(kind: Whole | Yes, many: int, seed: int) -> Whole:
    """A fold for each row, by chance, each with about the same part of every kind of rows."""
    chance = np.random.default_rng(seed)
    fold = np.empty(len(kind), np.int64)
    for one in np.unique(kind):
        rows = np.flatnonzero(kind == one)
        fold[rows] = chance.permutation(len(rows)) % many
    return fold


def _covariance(matrix: Numbers, logit: Numbers, ridge: float) -> Numbers:
    with_one = np.column_stack((np.ones(len(matrix)), matrix))
    chance = special.expit(logit)
    penalty = np.full(with_one.shape[1], ridge)
    penalty[0] = 0
    curvature = (with_one * (chance * (1 - chance))[:, None]).T @ with_one + np.diag(penalty)
    covariance: Numbers = np.linalg.pinv(curvature, hermitian=True)
    return covariance
