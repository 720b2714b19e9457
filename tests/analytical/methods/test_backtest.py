"""Guards and the one way in which methods are judged."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from peyvand.analytical.methods import backtest as b
from peyvand.analytical.methods.guards import NoSignal, NotEnough, numbers, outcomes, require, whole
from peyvand.kernel.errors import Invalid

SCORES = st.lists(st.tuples(st.booleans(), st.integers(-4, 4)), min_size=12, max_size=60)


def test_what_is_missing_is_said_with_both_counts() -> None:
    with pytest.raises(NotEnough) as missing:
        require("buyers", 200, 73)
    assert (str(missing.value), missing.value.needs, missing.value.has) == (
        "Not enough buyers yet: 73 so far, 200 needed.",
        200,
        73,
    )
    assert "0.55" in str(NoSignal("AUC", 0.5161, 0.55))
    assert "0.516" in str(NoSignal("AUC", 0.5161, 0.55))


@pytest.mark.parametrize("bad", [[1.0, float("nan")], [[1.0]], ["x"], [float("inf")], [None]])
def test_what_is_no_number_is_refused(bad: list[object]) -> None:
    with pytest.raises(Invalid):
        numbers("amount", bad)
    with pytest.raises(Invalid):
        whole("day", bad)


def test_ids_may_come_as_floats_but_not_as_halves() -> None:
    assert whole("customer", [17850.0, 13047.0]).tolist() == [17850, 13047]
    for bad in ([1.5], [1e17]):
        with pytest.raises(Invalid):
            whole("customer", bad)
    with pytest.raises(Invalid):
        outcomes("left", [0, 1, 2])


def test_what_comes_later_judges_and_one_moment_is_never_cut() -> None:
    earlier, later = b.time_split([5, 1, 2, 2, 2, 9], 0.5)
    assert earlier.tolist() == [False, True, True, True, True, False]
    assert later.tolist() == [True, False, False, False, False, True]
    earlier, _ = b.time_split([1, 2, 2, 2], 0.9)
    assert earlier.tolist() == [True, False, False, False]
    for moments in ([3, 3, 3], [], [1]):
        with pytest.raises(NotEnough):
            b.time_split(moments)
    with pytest.raises(Invalid):
        b.time_split(np.array(["2026-01-01", "NaT"], dtype="datetime64[D]"))


@given(SCORES, st.randoms(use_true_random=False))
def test_figures_know_ties_and_no_order_of_rows(rows: list[tuple[bool, int]], chance: object) -> None:
    truth, score = np.array([r[0] for r in rows]), np.array([float(r[1]) for r in rows])
    order = np.random.default_rng(chance.randrange(2**32)).permutation(len(rows))  # type: ignore[attr-defined]
    if 0 < truth.sum() < len(rows):
        assert b.auc(truth, score) == pytest.approx(roc_auc_score(truth, score))
    else:
        assert np.isnan(b.auc(truth, score))
    said = (score + 4) / 8
    assert b.calibration(truth[order], said[order]).ece == pytest.approx(b.calibration(truth, said).ece)
    gained = b.lift(truth[order], score[order])
    assert gained.share == pytest.approx(b.lift(truth, score).share)
    assert gained.cumulative[-1] == pytest.approx(float(truth.any()))


def test_calibration_sees_what_is_said_too_boldly() -> None:
    truth = np.tile([True, False, False, False], 50)
    assert b.calibration(truth, np.full(200, 0.25)).ece == pytest.approx(0)
    bold = b.calibration(truth, np.full(200, 0.65))
    assert (bold.ece, bold.brier) == (pytest.approx(0.4), pytest.approx(0.4**2 + 0.1875))
    with pytest.raises(Invalid):
        b.calibration(truth, np.full(200, 1.2))
    with pytest.raises(NotEnough):
        b.calibration([True], [0.5])


def test_lift_of_constant_scores_is_none_and_of_perfect_ones_all() -> None:
    truth = np.arange(100) < 10
    assert b.lift(truth, np.zeros(100)).lift == pytest.approx([1.0] * 10)
    assert b.lift(truth, truth).lift[0] == pytest.approx(10)
    assert b.lift(np.zeros(100), truth).share == (0.0,) * 10


def test_a_method_is_better_only_beyond_doubt_and_the_seed_decides() -> None:
    chance = np.random.default_rng(1)
    truth = chance.normal(size=400)
    good, other = truth + chance.normal(size=400), truth + 2 * chance.normal(size=400)
    ask = {"smaller_is_better": True, "seed": 3}
    better = b.compare("noisier", b.mean_error, truth, good, other, **ask)  # type: ignore[arg-type]
    assert better.is_better
    assert better == b.compare("noisier", b.mean_error, truth, good, other, **ask)  # type: ignore[arg-type]
    assert not b.compare("itself", b.mean_error, truth, good, good, smaller_is_better=True).is_better
    assert not b.compare("noisier", b.mean_error, truth, other, good, smaller_is_better=True).is_better


def test_coverage_counts_the_ends() -> None:
    assert b.coverage([1, 2, 3, 4], [1, 0, 0, 9], [1, 1, 3, 9]) == 0.5
    assert np.isnan(b.coverage([], [], []))


def test_asking_for_the_package_loads_no_mathematics() -> None:
    """The web process imports the analytical side and must stay small."""
    heavy = ("numpy", "scipy", "sklearn", "duckdb")
    asked = f"import sys, peyvand.analytical, peyvand.analytical.methods; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"
