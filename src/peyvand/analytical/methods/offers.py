"""The next best offer: what a customer has not bought yet and is likeliest to buy, with the rule that says why.

EASE (Steck 2019, "Embarrassingly Shallow Autoencoders for Sparse Data"): every item is regressed on all others over the
customers' purchases, with a ridge; one inverse of a matrix, no random start. It is judged by what customers newly bought
later, beside the simple rule "offer the best sellers"; where it does not beat them beyond doubt, they are what it offers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.linalg import lapack

from peyvand.analytical.methods.backtest import SEED, Comparison, compare, time_split
from peyvand.analytical.methods.guards import Numbers, Whole, numbers, require, same_length, whole
from peyvand.analytical.methods.rules import TOGETHER, lift_low
from peyvand.kernel.errors import Invalid, msg, msgid

Matrix: TypeAlias = NDArray[np.float32]

# Below this many customers who bought more than one product nothing is learned.
BUYERS: Final = 100
# An item needs this many buyers to be offered; of more items than this, those with the most buyers are kept.
_ITEM_BUYERS: Final = 10
_ITEMS: Final = 4000
_RIDGE: Final = 200.0
_AT_A_TIME: Final = 4096
# It is judged by so many first offers, or by one in so many products where they are few: among as many offers as there are products
# everything is found, whatever is offered.
_FIRST: Final = 10
_PRODUCTS_FOR_EACH: Final = 4
# It is judged on no more customers than these, drawn by chance: their scores stand in memory together.
_JUDGED: Final = 5000


@dataclass(frozen=True, eq=False)
class NextBest:
    """What was learned from `customers` who bought at least one of `items` (codes, ascending).

    `weights[i, j]` says how much having item i speaks for item j, `together[i, j]` how many bought both, and so
    `together[i, i]` how many bought i. `judged` is recall among the `first` offers, beside the best sellers.
    """

    items: Whole
    weights: Matrix
    together: NDArray[np.int32]
    customers: int
    judged: Comparison
    first: int

    @property
    def is_personal(self) -> bool:
        """False where the best sellers did as well in the backtest: then they are offered, and one should say so."""
        return self.judged.is_better


@dataclass(frozen=True, eq=False)
class Offers:
    """For each customer (ids ascending) the best offers, the best first; −1 where there is no more to offer.

    `because[c, k]` is the item already bought that speaks for `items[c, k]` by the rule with the surest lift, or −1: of
    `having` customers who bought it, `together` also bought what is offered. `score` orders offers, it is no probability.
    """

    customers: Whole
    items: Whole
    score: Numbers
    because: Whole
    together: Whole
    having: Whole


def learn(
    customers: ArrayLike,
    items: ArrayLike,
    when: ArrayLike,
    *,
    ridge: float = _RIDGE,
    share: float = 0.75,
    seed: int = SEED,
) -> NextBest:
    """Learn from purchases, a line each: who, which item (a code), when (anything that sorts).

    It is judged on what came after the first `share` of the lines; what is returned has learned from all.
    NotEnough when there are too few customers with several items, in all or in either part of the time.
    """
    who, what = whole("customers", customers), whole("items", items, least=0)
    moments = np.asarray(when)
    same_length(customers=who, items=what, when=moments)
    if not ridge > 0:
        raise Invalid.of(msg("A ridge is above 0."), "ridge")
    _require_buyers(who, what)
    earlier, later = time_split(moments, share)
    _require_buyers(who[earlier], what[earlier])
    judged, first = _judge(who[earlier], what[earlier], who[later], what[later], ridge, seed)
    known, weights, together, count = _fit(who, what, ridge)
    return NextBest(known, weights, together, count, judged, first)


def offers(
    model: NextBest, customers: ArrayLike, items: ArrayLike, *, top: int = 3, worth: ArrayLike | None = None
) -> Offers:
    """The `top` offers for every customer who appears in `customers`, whose purchases are the parallel `items`.

    With `worth` (an amount for each of `model.items`, such as its margin) the score is what an offer may bring.
    """
    who, what = whole("customers", customers), whole("items", items, least=0)
    same_length(customers=who, items=what)
    value = np.ones(len(model.items)) if worth is None else numbers("worth", worth, least=0)
    same_length(items=model.items, worth=value)
    ids, rows = np.unique(who, return_inverse=True)
    has = _matrix(rows, what, len(ids), model.items)
    if top < 1:
        raise Invalid.of(msg("No value may be below %(least)s.", least=1), "top")
    many = min(top, len(model.items))
    parts = [_best(model, has[low : low + _AT_A_TIME], many, value) for low in range(0, len(ids), _AT_A_TIME)]
    if not parts:
        none = np.empty((0, many), np.int64)
        return Offers(ids, none, np.empty((0, many)), none, none, none)
    places, score, because = (np.concatenate(column) for column in zip(*parts, strict=True))
    missing, unexplained = places < 0, because < 0
    return Offers(
        ids,
        np.where(missing, -1, model.items[places]),
        score,
        np.where(unexplained, -1, model.items[because]),
        np.where(unexplained, 0, model.together[because, places].astype(np.int64)),
        np.where(unexplained, 0, model.together[because, because].astype(np.int64)),
    )


def _require_buyers(who: Whole, what: Whole) -> None:
    """Counts customers with different items: sorted by customer, then by item, a customer's first and last item differ."""
    order = np.lexsort((what, who))
    who, what = who[order], what[order]
    starts = np.flatnonzero(np.concatenate(([True], who[1:] != who[:-1]))) if len(who) else who
    ends = np.concatenate((starts[1:], [len(who)])) - 1 if len(who) else who
    require(
        msgid("customers with several products"), BUYERS, int(np.count_nonzero(what[starts] != what[ends]))
    )


def _fit(who: Whole, what: Whole, ridge: float) -> tuple[Whole, Matrix, NDArray[np.int32], int]:
    """The items, their weights, who bought which two, and how many customers bought any of them."""
    codes, places = np.unique(what, return_inverse=True)
    rows = np.unique(who, return_inverse=True)[1]
    has = sparse.csr_array(
        (np.ones(len(rows), np.float32), (rows, places)), shape=(int(rows.max()) + 1, len(codes))
    )
    has.data[:] = 1
    buyers = np.bincount(has.indices, minlength=len(codes))
    chosen = np.sort(np.lexsort((codes, -buyers))[:_ITEMS])
    chosen = chosen[buyers[chosen] >= min(_ITEM_BUYERS, int(buyers.max()))]
    has = has[:, chosen]
    together = (has.T @ has).toarray()
    inverse = _inverted(together.astype(np.float64) + ridge * np.eye(len(chosen)))
    weights = (-inverse / np.diag(inverse)).astype(np.float32)
    np.fill_diagonal(weights, 0)
    count = int(np.count_nonzero(np.diff(has.indptr)))
    return codes[chosen], weights, together.astype(np.int32), count


def _inverted(matrix: Numbers) -> Numbers:
    """The inverse of a symmetric positive matrix, by its Cholesky factor, which takes half of what any matrix takes."""
    factor, failed = lapack.dpotrf(matrix, lower=1)
    lower, failed_too = lapack.dpotri(factor, lower=1)
    assert not failed
    assert not failed_too
    below = np.tril(lower, -1)
    inverse: Numbers = below + below.T + np.diag(np.diag(lower))
    return inverse


def _matrix(rows: Whole, what: Whole, customers: int, known: Whole) -> sparse.csr_array:
    """Who has which of the known items, as ones."""
    place = np.minimum(np.searchsorted(known, what), len(known) - 1)
    is_known = known[place] == what
    ones = np.ones(int(is_known.sum()), np.float32)
    has = sparse.csr_array((ones, (rows[is_known], place[is_known])), shape=(customers, len(known)))
    has.data[:] = 1
    return has


def _best(model: NextBest, has: sparse.csr_array, many: int, value: Numbers) -> tuple[Whole, Numbers, Whole]:
    """Places of the best items, their scores, and the places of the items that explain them; −1 where there is none."""
    sold = np.diag(model.together).astype(np.float64)
    score = (
        np.asarray(has @ model.weights, np.float64) if model.is_personal else np.tile(sold, (has.shape[0], 1))
    )
    if model.is_personal:
        # A customer of whom nothing is known, or nothing that speaks for an item, is offered the best sellers.
        score = np.maximum(score, 1e-9 * sold / sold.max())
    places, best = _first(score * value, has, many)
    # What is offered to everybody has no reason in what somebody bought.
    because = _because(model, has, places) if model.is_personal else np.full(places.shape, -1, np.int64)
    return places, best, because


def _first(score: Numbers, has: sparse.csr_array, many: int) -> tuple[Whole, Numbers]:
    """The items with the highest score that the customer does not have; of equal scores the lower code."""
    score[np.repeat(np.arange(has.shape[0]), np.diff(has.indptr)), has.indices] = -np.inf
    np.negative(score, out=score)
    places = np.sort(np.argpartition(score, many - 1, axis=1)[:, :many], axis=1)
    best = np.take_along_axis(score, places, axis=1)
    order = np.argsort(best, axis=1, kind="stable")
    places, best = np.take_along_axis(places, order, axis=1), -np.take_along_axis(best, order, axis=1)
    gone = np.isneginf(best)
    return np.where(gone, -1, places), np.where(gone, 0.0, best)


def _because(model: NextBest, has: sparse.csr_array, places: Whole) -> Whole:
    """For each offer the item the customer has whose rule has the surest lift; −1 if none is above chance."""
    because = np.full(places.shape, -1, np.int64)
    sizes = np.diff(has.indptr)
    buying = np.flatnonzero(sizes)
    if not buying.size:
        return because
    mine = np.repeat(places, sizes, axis=0)
    having = has.indices[:, None]
    together = model.together[having, mine]
    sold = np.diag(model.together).astype(np.int64)
    sure = np.where(
        (together >= TOGETHER) & (mine >= 0),
        lift_low(np.maximum(together, 1).astype(np.int64), sold[having], sold[mine], model.customers),
        0.0,
    )
    starts = has.indptr[:-1][buying]
    highest = np.maximum.reduceat(sure, starts, axis=0)
    is_best = sure == np.repeat(highest, sizes[buying], axis=0)
    line = np.where(is_best, np.arange(len(sure))[:, None], len(sure))
    because[buying] = np.where(highest > 1, has.indices[np.minimum.reduceat(line, starts, axis=0)], -1)
    return because


def _judge(
    who: Whole, what: Whole, later_who: Whole, later_what: Whole, ridge: float, seed: int
) -> tuple[Comparison, int]:
    """Of what customers newly bought later, the share that was among the first offers, beside the best sellers; and how many these are.

    Of whom no more products are left than are offered, nothing could be missed: they are no test. NotEnough where hardly anybody else is.
    """
    known, weights, together, _ = _fit(who, what, ridge)
    both = np.intersect1d(who, later_who)
    before, after = np.isin(who, both), np.isin(later_who, both)
    has = _matrix(np.searchsorted(both, who[before]), what[before], len(both), known)
    bought = _matrix(np.searchsorted(both, later_who[after]), later_what[after], len(both), known)
    new = bought - bought.multiply(has)
    wanted = np.asarray(new.sum(axis=1)).ravel()
    first = min(_FIRST, max(1, len(known) // _PRODUCTS_FOR_EACH))
    owned = np.diff(has.indptr)
    kept = np.flatnonzero((wanted > 0) & (owned > 0) & (len(known) - owned > first))
    require(msgid("customers who later bought a product that was new to them"), 2, len(kept))
    if len(kept) > _JUDGED:
        kept = np.sort(np.random.default_rng(seed).choice(kept, _JUDGED, replace=False))
    has, new, wanted = has[kept], new[kept].toarray(), wanted[kept]
    possible = np.minimum(wanted, first)

    def recall(score: Numbers) -> Numbers:
        places, _ = _first(score, has, first)
        hits = np.where(places >= 0, np.take_along_axis(new, np.maximum(places, 0), axis=1), 0)
        return np.asarray(hits.sum(axis=1) / possible, np.float64)

    ours = recall(np.asarray(has @ weights, np.float64))
    sellers = recall(np.tile(np.diag(together).astype(np.float64), (has.shape[0], 1)))
    beside = compare(
        msgid("the best sellers"), lambda _, share: float(share.mean()), possible, ours, sellers, seed=seed
    )
    return beside, first
