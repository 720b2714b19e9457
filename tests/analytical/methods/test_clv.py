"""Value in time: published parameters, formulas written out a second time, invariances, and data that must be refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.special import betaln, gammaln, hyp2f1

from peyvand.analytical.methods.backtest import auc
from peyvand.analytical.methods.clv import bgnbd, gammagamma, paretonbd, value
from peyvand.analytical.methods.clv.newton import Slope
from peyvand.analytical.methods.clv.purchases import Purchases, purchases, summarise
from peyvand.analytical.methods.guards import NotEnough, Stale
from peyvand.kernel.errors import Invalid

PUBLISHED = (0.243, 4.414, 0.793, 2.426)
DAY = np.timedelta64(1, "D")
EPOCH = np.datetime64("1970-01-01")
LEARNED, FOLLOWED = (int((np.datetime64(day) - EPOCH) / DAY) for day in ("1997-09-30", "1998-06-30"))


@pytest.fixture(scope="module")
def lives() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Purchases of 4,000 simulated customers over two years: customers and days."""
    chance = np.random.default_rng(7)
    r, alpha, a, b = PUBLISHED
    who, when = [], []
    for customer in range(4000):
        pace, leaving = chance.gamma(r) / alpha / 7, chance.beta(a, b)
        day, again = float(chance.integers(0, 90)), False
        while day <= 730:
            who.append(customer)
            when.append(int(day))
            if again and chance.random() < leaving:
                break
            again = True
            day += chance.exponential(1 / pace)
    return np.array(who), np.array(when)


@pytest.fixture(scope="module")
def cdnow(dataset: Callable[[str], Path]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    rows = np.loadtxt(dataset("purchases/CDNOW_sample.txt"))
    dates = [f"{d[:4]}-{d[4:6]}-{d[6:]}" for d in rows[:, 2].astype(int).astype(str)]
    days = ((np.array(dates, dtype="datetime64[D]") - EPOCH) / DAY).astype(np.int64)
    return rows[:, 1].astype(np.int64), days, rows[:, 4]


def _one(model: bgnbd.BgNbd, x: int, last: int, age: int) -> tuple[float, float]:
    known = purchases([x], [last], [age])
    return float(model.alive(known)[0]), float(model.orders(known, 273)[0])


def _model(*parameters: float) -> bgnbd.BgNbd:
    return bgnbd.BgNbd(*parameters, 0.0, ((0.0,) * 4,) * 4, 7.0, 1, True)


# -- what is published -------------------------------------------------------------------------------------------------


def test_the_published_customer_is_expected_to_buy_as_published() -> None:
    """Fader, Hardie & Lee's worked example: two repeats, the last in week 30.43 of 38.86, 1.226 orders in the next 39."""
    alive, orders = _one(_model(*PUBLISHED), 2, 213, 272)
    assert orders == pytest.approx(1.226, abs=5e-4)
    assert alive == pytest.approx(0.7266, abs=5e-4)


def test_bgnbd_of_cdnow_is_as_published(cdnow: tuple[NDArray[np.int64], ...]) -> None:
    who, when, _ = cdnow
    known = summarise(who, when, LEARNED)
    model = bgnbd.fit(known)
    assert (len(known), len(known.groups.rows)) == (2357, 1016)
    assert model.parameters == pytest.approx(PUBLISHED, abs=5e-4)
    assert model.log_likelihood == pytest.approx(-9582.429, abs=1e-3)
    assert model.errors == pytest.approx({"r": 0.013, "alpha": 0.378, "a": 0.186, "b": 0.705}, abs=5e-4)
    assert model.is_dropout_measured


def test_paretonbd_of_cdnow_is_as_published(cdnow: tuple[NDArray[np.int64], ...]) -> None:
    who, when, _ = cdnow
    model = paretonbd.fit(summarise(who, when, LEARNED))
    assert model.parameters == pytest.approx((0.5533, 10.578, 0.6062, 11.669), abs=6e-4)
    assert model.log_likelihood == pytest.approx(-9594.976, abs=1e-3)


def test_gammagamma_of_cdnow_is_as_published(cdnow: tuple[NDArray[np.int64], ...]) -> None:
    model = gammagamma.fit(summarise(cdnow[0], cdnow[1], LEARNED, cdnow[2]))
    assert (model.p, model.q, model.v) == pytest.approx((6.250, 3.744, 15.444), abs=1e-3)
    assert (model.customers, model.is_independent, model.is_measured) == (946, True, True)


def test_cdnow_later_is_within_what_was_said(cdnow: tuple[NDArray[np.int64], ...]) -> None:
    """Weeks 40–78: error and correlation by customer, the total inside its own interval, the best tenth half of the revenue."""
    who, when, paid = cdnow
    days = FOLLOWED - LEARNED
    known = summarise(who, when, LEARNED)
    model = bgnbd.fit(known)
    orders, _ = value.followed(who, when, known, LEARNED, FOLLOWED)
    judged = value.judge(model, known, days, orders)
    assert (judged.actual, round(judged.expected)) == (1882, 1653)
    assert judged.error.method <= 0.79
    assert judged.error.simple == pytest.approx(1.024, abs=1e-3)
    assert judged.error.is_better
    assert judged.correlation >= 0.62
    rehearsed = value.rehearse(bgnbd.fit, who, when, LEARNED)
    total = value.total_orders(model, known, days, rehearsals=rehearsed)
    assert len(rehearsed) == 3
    assert total.low <= judged.actual <= total.high <= 1.2 * total.expected
    valued = summarise(who, when, LEARNED, paid)
    worth = value.lifetime_value(bgnbd.fit(valued), gammagamma.fit(valued), valued, months=9)
    _, revenue = value.followed(who, when, valued, LEARNED, FOLLOWED, paid)
    assert value.value_lift(worth, revenue).share[0] >= 0.50


def test_a_wholesaler_whose_customers_do_not_leave_is_said_to_be_one(dataset: Callable[[str], Path]) -> None:
    """Online Retail, half a year and half a year: leaving does not show, and no season was seen; who buys again still is."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    table = pq.read_table(dataset("purchases/online_retail.parquet"))
    table = table.filter(
        (pc.field("Quantity") > 0) & (pc.field("UnitPrice") > 0) & pc.field("CustomerID").is_valid()
    )
    who, when = (
        table["CustomerID"].to_numpy(),
        table["InvoiceDate"].to_numpy().astype("datetime64[D]").astype(np.int64),
    )
    half, end = int((np.datetime64("2011-06-08") - EPOCH) / DAY), int(when.max())
    known = summarise(who, when, half)
    for model in (bgnbd.fit(known), paretonbd.fit(known)):
        assert not model.is_dropout_measured
        assert float(np.median(model.alive(known))) > 0.99
    model = bgnbd.fit(known)
    orders, _ = value.followed(who, when, known, half, end)
    assert (
        auc(orders > 0, model.chance_of_order(known, end - half))
        >= 0.72
        > auc(orders > 0, known.last - known.age) + 0.04
    )
    total = value.total_orders(model, known, end - half)
    assert (total.is_season_known, total.rehearsals) == (False, 0)
    assert orders.sum() > total.high


# -- formulas, written out a second time -------------------------------------------------------------------------------


def _gradient_holds(likelihood: Callable[[NDArray[np.float64]], Slope], at: NDArray[np.float64]) -> None:
    _, gradient, hessian = likelihood(at)
    for n, step in enumerate(np.diag(1e-5 * at)):
        above, below = likelihood(at + step), likelihood(at - step)
        width = 2e-5 * at[n]
        assert gradient[n] == pytest.approx((above[0] - below[0]) / width, rel=1e-4, abs=1e-3)
        assert hessian[n] == pytest.approx((above[1] - below[1]) / width, rel=1e-4, abs=1e-3)


def _few() -> Purchases:
    return purchases(
        [0, 0, 1, 2, 7, 40], [0, 0, 30, 213, 100, 250], [5, 200, 30, 272, 200, 270], [0, 0, 9, 30, 12, 50]
    )


@given(st.tuples(*[st.floats(0.1, 8)] * 4))
@settings(max_examples=8)
def test_likelihoods_and_their_slopes_are_those_of_the_papers(at: tuple[float, ...]) -> None:
    r, alpha, a, b = at
    known = _few()
    x, t, age = known.repeats, known.last / 7, known.age / 7
    here = gammaln(r + x) - gammaln(r) + r * np.log(alpha) - (r + x) * np.log(alpha + age)
    stays = betaln(a, b + x) - betaln(a, b)
    leaves = np.where(x > 0, betaln(a + 1, b + np.maximum(x, 1) - 1) - betaln(a, b), -np.inf)
    gone = gammaln(r + x) - gammaln(r) + r * np.log(alpha) - (r + x) * np.log(alpha + t)
    mine = bgnbd._Likelihood(known.groups, 7.0)
    assert mine(np.array(at))[0] == pytest.approx(np.logaddexp(here + stays, gone + leaves).sum(), rel=1e-10)
    _gradient_holds(mine, np.array(at))

    s, beta = a, b
    one = 0.0
    for n in range(len(x)):
        shared = gammaln(r + x[n]) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
        top = -(r + x[n]) * np.log(alpha + t[n]) - s * np.log(beta + t[n])
        died, _ = quad(
            lambda y, n=n, top=top: np.exp(-(r + x[n]) * np.log(alpha + y) - (s + 1) * np.log(beta + y) - top),
            t[n], age[n], epsabs=0, epsrel=1e-11, limit=200,
        )  # fmt: skip
        stayed = np.exp(-(r + x[n]) * np.log(alpha + age[n]) - s * np.log(beta + age[n]) - top)
        one += shared + top + np.log(stayed + s * died)
    mine_too = paretonbd._Likelihood(known.groups, 7.0)
    assert mine_too(np.array(at))[0] == pytest.approx(one, abs=1e-4)
    _gradient_holds(mine_too, np.array(at))
    _gradient_holds(gammagamma._Likelihood(x[2:], known.spend[2:]), np.array(at[:3]))


@given(
    st.tuples(st.floats(0.1, 3), st.floats(0.5, 20), st.floats(0.05, 5), st.floats(0.2, 20)),
    st.integers(1, 700),
)
@settings(max_examples=30)
def test_expected_orders_are_those_of_the_published_formula(at: tuple[float, ...], days: int) -> None:
    r, alpha, a, b = at
    known = _few()
    x, age, ahead = known.repeats, known.age / 7, days / 7
    waited = (alpha + age) / (alpha + age + ahead)
    series = hyp2f1(r + x, b + x, a + b + x - 1, ahead / (alpha + age + ahead))
    with np.errstate(divide="ignore", invalid="ignore"):
        wanted = (a + b + x - 1) / (a - 1) * (1 - waited ** (r + x) * series)
    if abs(a - 1) < 1e-3 or abs(a + b - 1) < 1e-3:
        return  # the formula itself is 0/0 there
    model = _model(*at)
    assert model.orders(known, days) == pytest.approx(wanted * model.alive(known), rel=1e-5)


def test_paretonbd_expects_what_pace_and_leaving_give() -> None:
    """Orders of the days ahead are the pace times the chance of being there, day after day."""
    known, (r, alpha, s, beta) = _few(), (0.553, 10.578, 0.606, 11.669)
    model = paretonbd.ParetoNbd(r, alpha, s, beta, 0.0, ((0.0,) * 4,) * 4, 7.0, 1, True)
    age = known.age / 7
    there = np.array([quad(lambda u, n=n: ((beta + n) / (beta + n + u)) ** s, 0, 39)[0] for n in age])
    wanted = model.alive(known) * (r + known.repeats) / (alpha + age) * there
    assert model.orders(known, 273) == pytest.approx(wanted, rel=1e-9)
    left = [
        quad(lambda y, x=x, t=t, n=n: s * (alpha + n) ** (r + x) * (beta + n) ** s
             / (alpha + y) ** (r + x) / (beta + y) ** (s + 1), t, n)[0]
        for x, t, n in zip(known.repeats, known.last / 7, age, strict=True)
    ]  # fmt: skip
    assert model.alive(known) == pytest.approx(1 / (1 + np.array(left)), rel=1e-5)


def test_expected_orders_are_sound_where_the_published_formulas_are_not() -> None:
    known = _few()
    near, at = (_model(0.5, 5.0, a, 2.0).orders(known, 90) for a in (1 + 1e-7, 1.0))
    assert at == pytest.approx(near, rel=1e-5)
    near, at = (
        paretonbd.ParetoNbd(0.5, 5.0, s, 9.0, 0.0, ((0.0,) * 4,) * 4, 7.0, 1, True).orders(known, 90)
        for s in (1 + 1e-7, 1.0)
    )
    assert at == pytest.approx(near, rel=1e-5)


def test_what_is_expected_is_the_mean_of_what_is_drawn() -> None:
    known = _few()
    for model in (
        _model(*PUBLISHED),
        paretonbd.ParetoNbd(0.55, 10.6, 0.61, 11.7, 0.0, ((0.0,) * 4,) * 4, 7.0, 1, True),
    ):
        chance = np.random.default_rng(5)
        drawn = np.array(
            [
                model.simulated(np.array(model.parameters), known.groups, 200, chance)[known.group_of]
                for _ in range(4_000)
            ]
        )
        error = drawn.std(axis=0) / np.sqrt(len(drawn)) + 1e-3
        assert (np.abs(drawn.mean(axis=0) - model.orders(known, 200)) < 4 * error).all()
        assert (model.alive(known) <= 1).all()


def test_the_next_order_comes_when_it_is_said_to() -> None:
    known, model = _few(), _model(*PUBLISHED)
    ahead = model.next_order(known, (0.25, 0.5))
    for n in range(2):
        by_then = np.array([model.chance_of_order(known, days)[i] for i, days in enumerate(ahead.days[:, n])])
        assert by_then == pytest.approx(ahead.quantiles[n] * model.alive(known))
    assert (ahead.days[:, 0] < ahead.days[:, 1]).all()


# -- what may not matter -----------------------------------------------------------------------------------------------


def test_the_truth_is_found_again_and_does_not_hang_on_order_or_unit(
    lives: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> None:
    who, when = lives
    model = bgnbd.fit(summarise(who, when, 700))
    for (low, high), truth in zip(model.intervals(0.999).values(), PUBLISHED, strict=True):
        assert low < truth < high
    order = np.random.default_rng(2).permutation(len(who))
    again = bgnbd.fit(summarise(np.r_[who[order], who[:50]], np.r_[when[order], when[:50]], 700))
    assert again == model
    days = bgnbd.fit(summarise(who, when, 700), unit=1.0)
    assert days.parameters == pytest.approx((model.r, model.alpha * 7, model.a, model.b), rel=1e-4)
    known = summarise(who, when, 365)
    then = bgnbd.fit(known)
    orders, _ = value.followed(who, when, known, 365, 700)
    low, high = value.order_interval(then, known, 335)
    assert ((orders >= low) & (orders <= high)).mean() >= 0.8
    total = value.total_orders(then, known, 335, level=0.99)
    assert total.low < orders.sum() < total.high < 1.2 * total.expected
    assert value.total_orders(then, known, 335, level=0.99) == total


def test_money_in_rials_or_tomans_gives_the_same_model(lives: tuple[NDArray[np.int64], ...]) -> None:
    who, when = lives
    chance = np.random.default_rng(4)
    paid = chance.gamma(4, 1, len(who)) / chance.gamma(5, 1, 4000)[who] * 100
    toman = gammagamma.fit(summarise(who, when, 700, paid))
    rial = gammagamma.fit(summarise(who, when, 700, paid * 1e7))
    assert (rial.p, rial.q, rial.v / 1e7) == pytest.approx((toman.p, toman.q, toman.v), rel=1e-5)
    known = summarise(who, when, 700, paid)
    assert rial.spend(summarise(who, when, 700, paid * 1e7)) == pytest.approx(
        toman.spend(known) * 1e7, rel=1e-5
    )
    assert toman.spend(known)[known.repeats == 0] == pytest.approx(toman.mean)


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 60), st.integers(-5, 9)), max_size=40))
def test_a_summary_counts_days_of_known_purchases(rows: list[tuple[int, int, int]]) -> None:
    known = summarise([r[0] for r in rows], [r[1] for r in rows], 50, [r[2] for r in rows])
    sums: dict[int, dict[int, int]] = {}
    for who, day, paid in rows:
        if day <= 50:
            sums.setdefault(who, {})[day] = sums.get(who, {}).get(day, 0) + paid
    left = {w: sorted(d for d in sums[w] if sums[w][d] > 0) for w in sorted(sums)}
    left = {w: d for w, d in left.items() if d}
    assert known.customers.tolist() == list(left)
    assert known.repeats.tolist() == [len(d) - 1 for d in left.values()]
    assert known.last.tolist() == [d[-1] - d[0] for d in left.values()]
    assert known.age.tolist() == [50 - d[0] for d in left.values()]
    assert known.silent.tolist() == [50 - d[-1] for d in left.values()]
    assert known.gap == pytest.approx(
        [np.diff(d).mean() if d[1:] else np.nan for d in left.values()], nan_ok=True
    )
    means = [np.mean([sums[w][x] for x in d[1:]]) if d[1:] else 0 for w, d in left.items()]
    assert known.spend == pytest.approx(means)
    groups = known.groups
    assert int(groups.rows.sum()) == len(known)
    for column in ("repeats", "last", "age"):
        assert (getattr(groups, column)[known.group_of] == getattr(known, column)).all()


# -- what must be refused, or answered with a warning ------------------------------------------------------------------


def test_too_little_is_said_and_not_guessed() -> None:
    once = summarise(range(300), range(300), 400)
    for fit in (bgnbd.fit, paretonbd.fit):
        with pytest.raises(NotEnough) as missing:
            fit(summarise([], [], 10))
        assert (missing.value.needs, missing.value.has) == (200, 0)
        with pytest.raises(NotEnough) as missing:
            fit(summarise([1], [1], 10))
        assert missing.value.has == 1
        with pytest.raises(NotEnough) as missing:
            fit(once)
        assert (missing.value.what, missing.value.needs, missing.value.has) == (
            "buyers who came again",
            80,
            0,
        )
    with pytest.raises(NotEnough):
        gammagamma.fit(once)
    stopped = purchases(np.full(300, 2), np.full(300, 90), np.full(300, 365))
    with pytest.raises(Stale) as stale:
        bgnbd.fit(stopped)
    assert (stale.value.quiet, stale.value.known) == (275, 365)


def test_contradictions_are_refused() -> None:
    for x, last, age in (
        ([1], [5], [4]),
        ([0], [3], [9]),
        ([2], [0], [9]),
        ([-1], [0], [9]),
        ([1, 2], [1], [9]),
    ):
        with pytest.raises(Invalid):
            purchases(x, last, age)
    with pytest.raises(Invalid):
        summarise([1, float("nan")], [1, 2], 9)
    with pytest.raises(Invalid):
        summarise([1], [1], 9, [float("nan")])
    with pytest.raises(Invalid):
        _model(*PUBLISHED).orders(_few(), -1)


def test_customers_who_never_leave_are_called_so() -> None:
    """Each buys on at an own pace: leaving does not show, the flag says it, and nobody is called gone."""
    chance = np.random.default_rng(3)
    who, when = [], []
    for customer, pace in enumerate(chance.gamma(3.0, 1 / 60, 600)):
        days = np.cumsum(np.r_[chance.integers(0, 90), chance.exponential(1 / pace, 80)]).astype(int)
        days = days[days <= 360]
        who += [customer] * len(days)
        when += days.tolist()
    known = summarise(who, when, 360)
    model = bgnbd.fit(known)
    assert not model.is_dropout_measured
    assert np.isfinite(model.parameters).all()
    assert float(np.median(model.alive(known))) > 0.95
